import { expect, test } from 'vitest';
import { exportProgressWords, exportShare, importedWords, importShare, spokenShare } from '../src/text/own-history';
import { passphraseProblem } from '../src/text/passphrase';
import { explain } from '../src/text/problems';

test('a passphrase is counted in characters, and its end in bytes', () => {
  expect(passphraseProblem('a'.repeat(11))).toMatch(/too short/);
  expect(passphraseProblem('a'.repeat(12))).toBeUndefined();
  // Six characters, of two UTF-16 units each.
  expect(passphraseProblem('🌊'.repeat(6))).toMatch(/too short/);
  expect(passphraseProblem('🌊'.repeat(256))).toBeUndefined();
  expect(passphraseProblem(`${'🌊'.repeat(256)}!`)).toMatch(/too long/);
});

test('how far an export is counts messages and files alike', () => {
  const progress = { messages: 12_400, totalMessages: 50_000, files: 3, totalFiles: 40 };
  expect(exportProgressWords(progress)).toBe('12,400 of 50,000 messages, 3 of 40 files');
  expect(exportShare(progress)).toBe(15);
  expect(exportProgressWords({ ...progress, totalFiles: 0 })).toBe('12,400 of 50,000 messages');
  expect(exportShare({ messages: 5, totalMessages: 5, files: 0, totalFiles: 0 })).toBe(100);
});

test('before it is known how much there is, no share is made up', () => {
  const nothing = { messages: 0, totalMessages: 0, files: 0, totalFiles: 0 };
  expect([exportShare(undefined), exportShare(nothing), importShare(undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(spokenShare(undefined)).toBe('');
  expect([0, 9, 10, 99, 100].map(spokenShare)).toEqual([
    '0 percent',
    '0 percent',
    '10 percent',
    '90 percent',
    '100 percent',
  ]);
});

test('what an import has brought is said in one sentence', () => {
  expect(importedWords({ chats: 12, messages: 1204, known: 310 })).toBe(
    '12 chats: 1,204 messages are new, 310 were here already.',
  );
  expect(importedWords({ chats: 1, messages: 1, known: 1 })).toBe('1 chat: 1 message is new, 1 was here already.');
  expect(importedWords({ chats: 1, messages: 0, known: 1 })).toMatch(/the one message in it was here/);
  expect(importedWords({ chats: 0, messages: 0, known: 0 })).toBe('There are no messages in this export.');
});

test('every problem of an export has words of its own', () => {
  for (const code of [
    'passphrase-length',
    'wrong-passphrase',
    'not-an-export',
    'export-damaged',
    'another-accounts-export',
    'cancelled',
  ]) {
    expect(explain({ code, message: '' }), code).not.toContain(code);
  }
});
