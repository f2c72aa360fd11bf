import { expect, test } from 'vitest';
import { isAccountName } from '../src/text/account-name';
import { byteLength, firstGrapheme, isFewEmoji, pieces, TEXT_BYTES } from '../src/text/message';
import { explain } from '../src/text/problems';
import { dayHeading, listTime } from '../src/text/time';

test('names are judged as the server judges them', () => {
  for (const name of ['al', 'alice', 'alice.b-c_d9', 'a234567890123456789012345678901z']) {
    expect(isAccountName(name), name).toBe(true);
  }
  for (const name of [
    '',
    'a',
    'Alice',
    'ålice',
    '1alice',
    '.a',
    'alice.',
    'a/b',
    'a b',
    'a2345678901234567890123456789012z',
  ]) {
    expect(isAccountName(name), name).toBe(false);
  }
});

test('the length of a message is counted in bytes of UTF-8', () => {
  expect(byteLength('a'.repeat(TEXT_BYTES))).toBe(TEXT_BYTES);
  expect(byteLength('é')).toBe(2);
  expect(byteLength('👩‍👩‍👧')).toBe(18);
});

test('a first letter is what people take for one', () => {
  expect(firstGrapheme('👩‍👩‍👧 family')).toBe('👩‍👩‍👧');
  expect(firstGrapheme('e\u0301clair')).toBe('e\u0301');
  expect(firstGrapheme('')).toBe('');
});

test('only a few emoji and nothing else are drawn large', () => {
  for (const text of ['🌊', '👩‍👩‍👧👍🏽', '🇸🇪🏴󠁧󠁢󠁷󠁬󠁳󠁿', '❤️']) expect(isFewEmoji(text), text).toBe(true);
  for (const text of ['', ' ', '1', '12', '#', 'ok 👍', '🌊🌊🌊🌊', '❤️ a']) expect(isFewEmoji(text), text).toBe(false);
});

test('web addresses are found and keep their own brackets, not the sentence’s', () => {
  expect(pieces('no address')).toEqual([{ text: 'no address' }]);
  expect(pieces('(see https://a.example/b_(c)).')).toEqual([
    { text: '(see ' },
    { text: 'https://a.example/b_(c)', href: 'https://a.example/b_(c)' },
    { text: ').' },
  ]);
});

test('nothing but http and https becomes a link', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'http://', 'ftp://a.example']) {
    expect(
      pieces(text).filter(({ href }) => href),
      text,
    ).toEqual([]);
  }
});

test('every text comes back whole from its pieces', () => {
  for (const text of ['', 'a\n\nb', 'https://a.example, https://b.example!', 'x https://a.example/…)']) {
    expect(
      pieces(text)
        .map(({ text }) => text)
        .join(''),
    ).toBe(text);
  }
});

test('a problem that is not known yet is named by its code', () => {
  expect(explain({ code: 'name-taken', message: '' })).toMatch(/already has that name/);
  expect(explain({ code: 'of-the-future', message: '' })).toContain('of-the-future');
  expect(explain({ code: 'constructor', message: '' })).toContain('constructor');
  expect(explain(new TypeError('secret'))).not.toContain('secret');
});

test('days are named as one would say them', () => {
  const now = new Date(2026, 10, 21, 0, 30).getTime();
  const at = (day: number, hour: number, month = 10, year = 2026) => new Date(year, month, day, hour).getTime();
  expect(dayHeading(at(21, 0), now)).toBe('Today');
  expect(dayHeading(at(20, 23), now)).toBe('Yesterday');
  expect(dayHeading(at(16, 1), now)).toBe('Monday');
  expect(dayHeading(at(14, 1), now)).toContain('14');
  expect(dayHeading(at(14, 1, 5, 2025), now)).toContain('2025');
  expect(listTime(at(20, 23), now)).toBe('Yesterday');
});
