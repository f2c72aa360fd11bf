import { expect, test } from 'vitest';
import type { Mention } from '@sotto/client';
import { formatted, withoutMarks, type Block, type Inline } from '../src/text/formatting';

const MARKS = { bold: '*', italic: '_', struck: '~' } as const;

/** As it was written: the opposite of reading it. */
function written(part: Inline): string {
  switch (part.kind) {
    case 'code':
      return `\`${part.text}\``;
    case 'bold':
    case 'italic':
    case 'struck':
      return `${MARKS[part.kind]}${part.parts.map(written).join('')}${MARKS[part.kind]}`;
    case 'text':
    case 'link':
    case 'mention':
      return part.text;
  }
}

/** A line in short: what is drawn specially stands in brackets behind its kind. */
function drawn(text: string, mentions: Mention[] = []): string {
  return formatted(text, mentions).map(drawnBlock).join('|');
}

function drawnBlock(block: Block): string {
  if (block.kind === 'code') return `block[${block.text}]`;
  const line = block.parts.map(drawnPart).join('');
  return block.kind === 'quote' ? `quote[${line}]` : line;
}

function drawnPart(part: Inline): string {
  if (part.kind === 'text') return part.text;
  return `${part.kind}[${'parts' in part ? part.parts.map(drawnPart).join('') : part.text}]`;
}

/** Numbers that look random and are the same every time. */
function* numbers(seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 8;
  }
}

/** Texts of nothing but what means something, many of them. */
function* nonsense(letters: readonly string[], count: number): Generator<string> {
  const random = numbers(7);
  const next = (below: number) => (random.next().value ?? 0) % below;
  for (let index = 0; index < count; index += 1) {
    yield Array.from({ length: next(24) }, () => letters[next(letters.length)]).join('');
  }
}

test('emphasis, strokes and code are drawn', () => {
  expect(drawn('a *bold* word')).toBe('a bold[bold] word');
  expect(drawn('_so_ ~not~ `x = 1`')).toBe('italic[so] struck[not] code[x = 1]');
  expect(drawn('*two words*, (_really_).')).toBe('bold[two words], (italic[really]).');
  expect(drawn('*größer*')).toBe('bold[größer]');
  expect(drawn('*🎉*')).toBe('bold[🎉]');
});

test('one emphasis stands in another, but not in itself', () => {
  expect(drawn('*_both_*')).toBe('bold[italic[both]]');
  expect(drawn('*a _b ~c~_*')).toBe('bold[a italic[b struck[c]]]');
  expect(drawn('*a *b*')).toBe('*a bold[b]');
});

test('marks that cross each other are text', () => {
  expect(drawn('*a _b* c_')).toBe('bold[a _b] c_');
});

test('within words, at spaces, alone and in rows marks are text', () => {
  for (const text of [
    'snake_case_name',
    '2*3*4',
    'a * b * c',
    '*open',
    'close*',
    '**strong**',
    '__init__',
    '~~~~',
    '*.txt and *.md',
    'x*y*',
    '* a list\n* of things',
    'größer_als_',
    '`open',
    'it``s',
    'Don`t and won`t',
  ]) {
    expect(drawn(text), text).toBe(text);
  }
});

test('an emphasis ends in its line', () => {
  expect(drawn('*a\nb*')).toBe('*a\nb*');
  expect(drawn('*a*\n*b*')).toBe('bold[a]\nbold[b]');
});

test('in code nothing has a meaning', () => {
  expect(drawn('`*a* https://example.org @bob`')).toBe('code[*a* https://example.org @bob]');
  expect(drawn('*`a*b`*')).toBe('bold[code[a*b]]');
});

test('addresses stay whole, and an emphasis around one is one', () => {
  expect(drawn('https://example.org/_a_/*b*')).toBe('link[https://example.org/_a_/*b*]');
  expect(drawn('*https://example.org*')).toBe('bold[link[https://example.org]]');
  expect(drawn('_see https://example.org/a_b_')).toBe('_see link[https://example.org/a_b_]');
  expect(drawn('_https://example.org/x_.')).toBe('italic[link[https://example.org/x]].');
});

test('only the web is a link, whatever stands around it', () => {
  for (const text of ['javascript:alert(1)', '*data:text/html,x*', '[x](javascript:alert(1))']) {
    expect(JSON.stringify(formatted(text))).not.toContain('"link"');
  }
});

test('quotes are the lines that begin with their mark and a space', () => {
  expect(drawn('> one\n> *two*\nthree')).toBe('quote[one\nbold[two]]|three');
  expect(drawn('a\n> b\nc')).toBe('a|quote[b]|c');
  expect(drawn('> a\n>\n> b')).toBe('quote[a\n\nb]');
  expect(drawn('>:( no\n>>> no\na > b')).toBe('>:( no\n>>> no\na > b');
});

test('code of several lines stands between fences', () => {
  expect(drawn('```\na *b*\n  c\n```')).toBe('block[a *b*\n  c]');
  expect(drawn('see\n```x```\nthere')).toBe('see|block[x]|there');
  expect(drawn('```a\n> b```')).toBe('block[a\n> b]');
});

test('fences that are not closed, empty, or in a line are text', () => {
  for (const text of ['```\nopen', '``````', '```\n\n```', 'a ```b``` c', '```a``` b']) {
    expect(drawn(text), text).toBe(text);
  }
});

test('whoever is named is drawn, where the places are in the text', () => {
  const bob = { start: 3, end: 7, account: 'b' };
  expect(drawn('hi @bob!', [bob])).toBe('hi mention[@bob]!');
  expect(drawn('hi @bob *you*', [bob])).toBe('hi mention[@bob] bold[you]');
  expect(drawn('*@bob*', [{ start: 1, end: 5, account: 'b' }])).toBe('bold[mention[@bob]]');
});

test('places that are not in the text, cross each other, or reach into something else name nobody', () => {
  const at = (start: number, end: number): Mention => ({ start, end, account: 'b' });
  expect(drawn('hi @bob', [at(3, 70)])).toBe('hi @bob');
  expect(drawn('hi @bob', [at(3, 3), at(-2, 1), at(5, 2), at(Number.NaN, 4)])).toBe('hi @bob');
  expect(drawn('hi @bob', [at(3, 7), at(4, 6)])).toBe('hi mention[@bob]');
  expect(drawn('`hi @bob`', [at(4, 8)])).toBe('code[hi @bob]');
  expect(drawn('https://a.example/@bob', [at(18, 22)])).toBe('link[https://a.example/@bob]');
  expect(drawn('one\ntwo', [at(2, 5)])).toBe('one\ntwo');
});

test('previews go without marks', () => {
  expect(withoutMarks('*a* _b_ `c`\n> d\n```\ne\n```')).toBe('a b c\nd\ne');
});

test('a line with its marks put back is what was written, whatever that was', () => {
  const letters = [
    '*',
    '_',
    '~',
    '`',
    'a',
    'B',
    '1',
    ' ',
    '.',
    '(',
    ')',
    'é',
    '🎉',
    ' https://e.example/',
    '@bob',
    '*_',
  ];
  for (const text of nonsense(letters, 4000)) {
    const again = formatted(text)
      .map((block) => (block.kind === 'code' ? '' : block.parts.map(written).join('')))
      .join('');
    // Three backticks begin a block, which is tried below.
    if (!text.startsWith('```')) expect(again, JSON.stringify(text)).toBe(text);
  }
});

test('of many lines nothing is lost but marks, and nothing comes in', () => {
  const letters = ['*', '_', '`', '```', '> ', '>', '\n', '\n', 'a', 'b', ' ', '~'];
  for (const text of nonsense(letters, 4000)) {
    const plain = withoutMarks(text);
    let at = 0;
    for (const character of text) {
      if (plain.startsWith(character, at)) at += character.length;
      else expect('*_~`> \n', JSON.stringify(text)).toContain(character);
    }
    expect(at, JSON.stringify(text)).toBe(plain.length);
  }
});

test('reading a text takes time in proportion to it', () => {
  // Four times the longest message: were it squared, this would take minutes.
  const long = (text: string) => text.repeat(Math.ceil((256 * 1024) / text.length));
  for (const text of [
    '*a ',
    '*a *_b _~c ~',
    'a* ',
    '*',
    '*_~',
    '`a ',
    '`',
    '```a\n',
    '```\n',
    '```a ',
    '> ',
    '>\n',
    '*a* ',
    'https://',
    'https://a.example/( ',
    '@bob ',
    '\n',
  ]) {
    expect(formatted(long(text)).length, text).toBeGreaterThan(0);
  }
  expect(formatted(`https://a.example/${long('.')}a`)).toHaveLength(1);
  expect(formatted(`_https://a.example/${long(')')}a`)).toHaveLength(1);
  const mentions = Array.from({ length: 64 }, (_, index) => ({ start: index * 5, end: index * 5 + 4, account: 'b' }));
  expect(formatted(long('@bob '), mentions)).toHaveLength(1);
});

test('a message of nothing but marks is drawn up to a bound, and is text from there on', () => {
  const [block] = formatted('*a* '.repeat(16_000));
  if (!block || block.kind === 'code') throw new Error('it is one line');
  expect(block.parts.length).toBeLessThan(3000);
  expect(block.parts.map(written).join('')).toBe('*a* '.repeat(16_000));
});
