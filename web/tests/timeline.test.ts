import type { Message } from '@sotto/client';
import { expect, test } from 'vitest';
import { merged, rows } from '../src/state/timeline';

const AT = new Date(2026, 10, 21, 12).getTime();

function message(id: string, position: number, more: Partial<Message> = {}): Message {
  return {
    id,
    chat: 'chat',
    position,
    from: { account: 'bob', name: 'bob' },
    own: false,
    body: { kind: 'text', text: id },
    at: AT + position * 1000,
    state: 'received',
    retention: { kind: 'keep' },
    ...more,
  };
}

test('a message that was queued moves to the place the server gave it', () => {
  const before = [message('a', 1), message('queued', 1000, { own: true, state: 'queued' })];
  const after = merged(before, [
    message('b', 2),
    message('queued', 3, { own: true, state: 'accepted' }),
    message('c', 4),
  ]);
  expect(after.map(({ id }) => id)).toEqual(['a', 'b', 'queued', 'c']);
  expect(after[2]?.state).toBe('accepted');
});

test('a message that comes twice stands once', () => {
  expect(merged([message('a', 1)], [message('a', 1), message('a', 1)])).toHaveLength(1);
});

test('an older page goes before what is there', () => {
  expect(merged([message('c', 3)], [message('a', 1), message('b', 2)]).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

test('a row opens a day, and a run when the writer changes or pauses', () => {
  const DAY = 86_400_000;
  const alice = { account: 'alice', name: 'alice' };
  const shown = rows([
    message('a', 1),
    message('b', 2),
    message('c', 3, { from: alice, own: true }),
    message('d', 4, { from: alice, own: true, at: AT + 600_000 }),
    message('e', 5, { at: AT + DAY }),
  ]);
  expect(shown.map(({ opensDay }) => opensDay)).toEqual([true, false, false, false, true]);
  expect(shown.map(({ opensRun }) => opensRun)).toEqual([true, false, true, true, true]);
});

test('what was said after a change of the group opens a run', () => {
  const shown = rows([
    message('a', 1),
    message('b', 2, { body: { kind: 'group-changes', changes: [{ kind: 'title', title: 'Rowing' }] } }),
    message('c', 3),
  ]);
  expect(shown.map(({ opensRun }) => opensRun)).toEqual([true, false, true]);
});

test('the first of what is held opens no day while there is more before it: it would lose its heading in view', () => {
  expect(rows([message('a', 1)], undefined, true)[0]?.opensDay).toBe(false);
  expect(rows([message('a', 1)], undefined, false)[0]?.opensDay).toBe(true);
});

test('what was not read when the chat was opened is opened by the first message of another', () => {
  const mine = { own: true, from: { account: 'alice', name: 'alice' } };
  const opens = (messages: Message[], readBefore?: number) =>
    rows(messages, readBefore).flatMap(({ message, opensNew }) => (opensNew ? [message.id] : []));
  const all = [message('a', 1), message('b', 2, mine), message('c', 3), message('d', 4)];
  expect(opens(all, 1)).toEqual(['c']);
  expect(opens(all, 0)).toEqual(['a']);
  expect(opens(all, 4)).toEqual([]);
  expect(opens(all)).toEqual([]);
  // It may be before what is held.
  expect(opens(all.slice(2), 1)).toEqual([]);
});

const [ada, bea] = ['ada', 'bea'].map((name) => ({ toldBy: { account: name, name } }));

/** Where dividers stand: `>` opens what was told, `<` ends it. */
function dividers(messages: Message[], hasOlder = false): string {
  const marks = rows(messages, undefined, hasOlder).map(
    ({ message, opensTold, closesTold }) => `${opensTold ? '>' : ''}${message.id}${closesTold ? '<' : ''}`,
  );
  return marks.join(' ');
}

test('what was told stands apart where it borders on others or on the beginning, and each teller’s part from the next', () => {
  const own = message('own', 5);
  expect(dividers([message('a', 1, ada), message('b', 2, ada), own])).toBe('>a b< own');
  expect(dividers([message('a', 1, ada), message('b', 2, bea), message('c', 3, ada), own])).toBe('>a >b >c< own');
  // Somebody was there, went, and came again.
  const before = message('before', 0);
  expect(dividers([before, message('a', 1, ada), own])).toBe('before >a< own');
  expect(dividers([message('a', 1, ada), before, message('b', 2, ada), own])).toBe('>a< before >b< own');
  expect(dividers([before, own])).toBe('before own');
});

test('while it is not known what is before or after what was told, nothing stands there', () => {
  const told = [message('a', 1, ada), message('b', 2, ada)];
  expect(dividers([...told, message('c', 3)], true)).toBe('a b< c');
  expect(dividers(told)).toBe('>a b');
});

test('what was told and what was not are no run, though one person wrote it', () => {
  const shown = rows([
    message('a', 1, ada),
    message('b', 2, ada),
    message('c', 3, bea),
    message('d', 4),
    message('e', 5),
  ]);
  expect(shown.map(({ opensRun }) => opensRun)).toEqual([true, false, true, true, false]);
});

test('what was told is not new, however late it came', () => {
  const opens = (messages: Message[], readBefore: number) =>
    rows(messages, readBefore).flatMap(({ message, opensNew }) => (opensNew ? [message.id] : []));
  expect(opens([message('a', 1, ada), message('b', 2, ada), message('c', 3), message('d', 4)], 0)).toEqual(['c']);
  expect(opens([message('a', 1, ada)], 0)).toEqual([]);
});
