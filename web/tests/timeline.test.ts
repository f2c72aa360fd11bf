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
