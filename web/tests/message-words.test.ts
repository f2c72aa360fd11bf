import { expect, test } from 'vitest';
import type { Message } from '@sotto/client';
import { mentionsIn, namesIn, typedMention } from '../src/text/mentions';
import { isReaction, pieces } from '../src/text/message';
import { verbsFor, type Place } from '../src/text/message-verbs';
import { preview } from '../src/text/preview';
import { PALETTE, reactionNames } from '../src/text/reactions';

function message(more: Partial<Message> = {}): Message {
  return {
    id: 'm',
    chat: 'chat',
    position: 1,
    from: { account: 'bob', name: 'bob' },
    own: false,
    body: { kind: 'text', text: 'hello' },
    at: 0,
    state: 'received',
    retention: { kind: 'keep' },
    ...more,
  };
}

const DIRECT: Place = { kind: 'direct', mayWrite: true, holdsOffice: false };
const GROUP: Place = { kind: 'group', mayWrite: true, holdsOffice: false };
const OFFICE: Place = { ...GROUP, holdsOffice: true };
const OWN: Partial<Message> = { own: true, state: 'accepted' };
const verbs = (more: Partial<Message>, place: Place) => [...verbsFor(message(more), place)].sort();

test('what others say can be answered, not changed', () => {
  expect(verbs({}, DIRECT)).toEqual(['copy', 'delete-here', 'forward', 'pin', 'react', 'reply', 'report', 'star']);
  expect(verbs({}, GROUP)).toEqual(['copy', 'delete-here', 'forward', 'react', 'reply', 'report', 'star']);
});

test('what one has said oneself can be changed and taken back', () => {
  const all = ['copy', 'delete', 'delete-here', 'edit', 'forward', 'pin', 'react', 'reply', 'star'];
  expect(verbs(OWN, DIRECT)).toEqual(all);
  expect(verbs(OWN, { ...DIRECT, kind: 'notes' })).toEqual(all);
});

test('whoever holds an office in a group pins, and deletes what others have said', () => {
  expect(verbs({}, OFFICE)).toEqual([
    'copy',
    'delete',
    'delete-here',
    'forward',
    'pin',
    'react',
    'reply',
    'report',
    'star',
  ]);
  expect(verbs(OWN, GROUP)).not.toContain('pin');
});

test('what is fleeting is answered, copied and reported only, and what has a time is not carried on', () => {
  expect(verbs({ retention: { kind: 'never' } }, OFFICE)).toEqual(['copy', 'reply', 'report']);
  expect(verbs({ ...OWN, state: 'relayed', retention: { kind: 'never' } }, DIRECT)).toEqual(['copy', 'reply']);
  expect(verbs({ retention: { kind: 'for', seconds: 60 } }, DIRECT)).not.toContain('forward');
});

test('what is not sent yet can be changed or taken back, and what was refused removed', () => {
  expect(verbs({ own: true, state: 'queued' }, OFFICE)).toEqual(['copy', 'delete', 'edit']);
  expect(verbs({ own: true, state: 'failed' }, OFFICE)).toEqual(['copy', 'delete-here']);
});

test('what was deleted, and what changed in a group, leaves next to nothing to do', () => {
  expect(verbs({ body: { kind: 'deleted', by: { account: 'bob', name: 'bob' } } }, OFFICE)).toEqual(['delete-here']);
  expect(verbs({ body: { kind: 'group-changes', changes: [] } }, OFFICE)).toEqual([]);
});

test('where one cannot write one does not change anything for others', () => {
  expect(verbs(OWN, { ...OFFICE, mayWrite: false })).toEqual(['copy', 'delete-here', 'forward', 'star']);
});

test('a list shows a message without marks, and who deleted one', () => {
  expect(preview(message({ body: { kind: 'text', text: '*so* `it` is' } }), 'alice')).toBe('so it is');
  const deleted = (account: string, name: string) =>
    preview(message({ body: { kind: 'deleted', by: { account, name } } }), 'alice');
  expect(deleted('bob', 'bob')).toBe('bob deleted this message');
  expect(deleted('alice', 'alice')).toBe('You deleted this message');
  expect(deleted('x', '')).toBe('Somebody deleted this message');
});

test('names behind an @ are found where they begin a word and are known', () => {
  const known = new Map([
    ['bob', 'b'],
    ['bob.smith', 's'],
  ]);
  expect(mentionsIn('@bob and @bob.smith.', known)).toEqual([
    { start: 0, end: 4, account: 'b' },
    { start: 9, end: 19, account: 's' },
  ]);
  expect(mentionsIn('🎉 @Bob, hi', known)).toEqual([{ start: 3, end: 7, account: 'b' }]);
  expect(mentionsIn('mail me@bob or @bobby or @@bob', known)).toEqual([]);
  expect(mentionsIn('@bob '.repeat(100), known)).toHaveLength(64);
});

test('whom an edited text names is known again by the names in it', () => {
  expect([...namesIn('hi @Bob!', [{ start: 3, end: 7, account: 'b' }])]).toEqual([['bob', 'b']]);
});

test('a name is being typed from its @ to the caret', () => {
  expect(typedMention('hi @bo', 6)).toEqual({ start: 3, query: 'bo' });
  expect(typedMention('hi @bo there', 6)).toEqual({ start: 3, query: 'bo' });
  expect(typedMention('@', 1)).toEqual({ start: 0, query: '' });
  expect(typedMention('me@bo', 5)).toBeUndefined();
  expect(typedMention('hi @bo ', 7)).toBeUndefined();
  expect(typedMention(`${'x'.repeat(65_000)} @bo`, 65_004)).toEqual({ start: 65_001, query: 'bo' });
});

test('a reaction is one emoji', () => {
  for (const emoji of [...PALETTE, '👨‍👩‍👧', '🏳️‍🌈']) expect(isReaction(emoji), emoji).toBe(true);
  for (const text of ['', 'a', '1', ':)', '👍👍', '👍 ok']) expect(isReaction(text), text).toBe(false);
});

test('whoever has reacted is named, oneself first, and many are counted', () => {
  const by = (...names: string[]) => names.map((name) => ({ account: name, name }));
  expect(reactionNames(by('bob', 'alice'), 'alice')).toBe('you and bob');
  expect(reactionNames(by('bob', ''), 'alice')).toBe('bob and somebody');
  const many = by(...Array.from({ length: 20 }, (_, index) => `reader${index}`));
  expect(reactionNames(many, 'alice')).toMatch(/^reader0, .*, and 9 others$/);
});

test('what ends a sentence or an emphasis is not part of an address', () => {
  const address = (text: string) => pieces(text).find(({ href }) => href)?.href;
  expect(address('see https://a.example/b?!…')).toBe('https://a.example/b');
  expect(address('(https://a.example/b_(c))')).toBe('https://a.example/b_(c)');
  expect(address('*https://a.example/*')).toBe('https://a.example/');
  expect(address('https://a.example/*')).toBe('https://a.example/*');
});
