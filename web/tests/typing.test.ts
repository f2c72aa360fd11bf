import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TypingSignal } from '../src/state/typing-signal';
import { typingWords } from '../src/text/presence';
import { open, press, type } from './app';
import { FakeClient } from './fake-client';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob').knows('carol').knows('dave');
}

const composer = () => screen.findByLabelText('Message to bob');
const opened = () => screen.findByText('hi', { selector: '.text' });
const told = (client: FakeClient) => client.calls.filter((call) => call.startsWith('setTyping'));
const line = () => document.querySelector('main header p[aria-hidden]')?.textContent ?? '';
const spoken = () => document.querySelector('main header [role=status]')?.textContent ?? '';

afterEach(() => vi.useRealTimers());

test('who types is named up to two, and counted beyond', () => {
  const people = ['bea', 'carol', 'dave'].map((name) => ({ account: name, name }));
  expect(typingWords([])).toBe('');
  expect(typingWords(people.slice(0, 1))).toBe('bea is typing…');
  expect(typingWords(people.slice(0, 2))).toBe('bea and carol are typing…');
  expect(typingWords(people)).toBe('3 people are typing…');
  expect(typingWords([{ account: 'a', name: '' }])).toBe('somebody is typing…');
});

describe('the signal', () => {
  const heard: boolean[] = [];
  let signal: TypingSignal;
  beforeEach(() => {
    vi.useFakeTimers();
    heard.length = 0;
    signal = new TypingSignal((isTyping) => heard.push(isTyping));
  });

  test('is given every four seconds while something is typed, however many keys that takes', () => {
    for (let passed = 0; passed < 8000; passed += 100) {
      signal.changed('a'.repeat(passed + 1));
      vi.advanceTimersByTime(100);
    }
    expect(heard).toEqual([true, true]);
    signal.changed('one more');
    expect(heard).toEqual([true, true, true]);
  });

  test('is taken back when the field is emptied, once, and given at once when typing begins anew', () => {
    signal.changed('h');
    signal.changed('');
    signal.changed('');
    signal.end();
    expect(heard).toEqual([true, false]);
    signal.changed('h');
    expect(heard).toEqual([true, false, true]);
  });

  test('is not given for an empty field, nor for spaces', () => {
    signal.changed('');
    signal.changed('  \n');
    signal.end();
    expect(heard).toEqual([]);
  });
});

test('typing is told, and that it has ended when the message is sent', async () => {
  const client = alice();
  const { chat } = client.said('bob', 'hi');
  open(client, '/dm/bob');
  await opened();
  const field = await composer();
  type(field, 'h');
  type(field, 'hello');
  await waitFor(() => expect(told(client)).toEqual([`setTyping ${chat} true`]));
  press(field, 'Enter');
  await waitFor(() => expect(told(client)).toEqual([`setTyping ${chat} true`, `setTyping ${chat} false`]));
});

test('typing has ended when one leaves the chat, and a draft that is there again tells nothing', async () => {
  const client = alice();
  const { chat } = client.said('bob', 'hi');
  client.said('carol', 'hi');
  open(client, '/dm/bob');
  await opened();
  type(await composer(), 'not finished');
  (await screen.findByRole('link', { name: /carol/ })).click();
  await screen.findByLabelText('Message to carol');
  await waitFor(() => expect(told(client)).toEqual([`setTyping ${chat} true`, `setTyping ${chat} false`]));
  screen.getByRole('link', { name: /bob/ }).click();
  await waitFor(async () => expect(((await composer()) as HTMLTextAreaElement).value).toBe('not finished'));
  expect(told(client)).toHaveLength(2);
});

test('nobody is told that one types before there is a chat, nor in notes to oneself', async () => {
  const client = alice();
  const { unmount } = open(client, '/dm/bob');
  type(await composer(), 'hello');
  unmount();
  client.saidIn(await client.notes(), 'alice', 'hi');
  open(client, '/notes');
  await opened();
  const field = await screen.findByLabelText('Message to yourself');
  type(field, 'milk');
  press(field, 'Enter');
  await screen.findByText('milk', { selector: '.text' });
  expect(told(client)).toEqual([]);
});

test('who types is shown below the name and in the list, until they cease to', async () => {
  const client = alice();
  const { chat } = client.said('bob', 'hi');
  open(client, '/dm/bob');
  await composer();
  const list = within(screen.getByRole('list', { name: 'Chats' }));
  client.others.types(chat, client.accountOf('bob'));
  await waitFor(() => expect(line()).toBe('bob is typing…'));
  expect(spoken()).toBe('bob is typing…');
  expect(list.getByRole('link', { name: /bob is typing…/ }).textContent).not.toContain('hi');
  client.others.types(chat, client.accountOf('bob'), false);
  await waitFor(() => expect(line()).toBe(''));
  expect(spoken()).toBe('');
  expect(list.getByRole('link', { name: /bob/ }).textContent).toContain('hi');
});

test('in a group all who type are shown, in that group only', async () => {
  const roles = { alice: 'owner', bob: 'member', carol: 'member', dave: 'member' } as const;
  const client = alice()
    .hasGroup('rowing', { title: 'Rowing', roles })
    .hasGroup('reading', { title: 'Reading', roles });
  open(client, '/group/rowing');
  await screen.findByLabelText('Message to Rowing');
  client.others.types('reading', client.accountOf('dave'));
  client.others.types('rowing', client.accountOf('bob'));
  client.others.types('rowing', client.accountOf('bob'));
  client.others.types('rowing', client.accountOf('carol'));
  await waitFor(() => expect(line()).toBe('bob and carol are typing…'));
  client.others.types('rowing', client.accountOf('dave'));
  await waitFor(() => expect(line()).toBe('3 people are typing…'));
});

test('what somebody was typing has come: they type no more', async () => {
  const client = alice();
  const { chat } = client.said('bob', 'hi');
  open(client, '/dm/bob');
  await composer();
  client.others.types(chat, client.accountOf('bob'));
  await waitFor(() => expect(line()).toBe('bob is typing…'));
  client.said('bob', 'there you are');
  await waitFor(() => expect(line()).toBe(''));
});

test('nobody types any more after events may have been missed', async () => {
  const client = alice();
  const { chat } = client.said('bob', 'hi');
  open(client, '/dm/bob');
  await composer();
  client.others.types(chat, client.accountOf('bob'));
  await waitFor(() => expect(line()).toBe('bob is typing…'));
  client.resets();
  await waitFor(() => expect(line()).toBe(''));
});

test('a screen reader hears of somebody who types in fits and starts once in half a minute', async () => {
  const client = alice();
  const { chat } = client.said('bob', 'hi');
  open(client, '/dm/bob');
  await composer();
  const bob = client.accountOf('bob');
  vi.useFakeTimers({ toFake: ['Date'] });
  const begins = async () => {
    client.others.types(chat, bob);
    await waitFor(() => expect(line()).toBe('bob is typing…'));
  };
  const ceases = async () => {
    client.others.types(chat, bob, false);
    await waitFor(() => expect(line()).toBe(''));
  };
  await begins();
  expect(spoken()).toBe('bob is typing…');
  await ceases();
  await begins();
  expect(spoken()).toBe('');
  await ceases();
  vi.setSystemTime(Date.now() + 30_000);
  await begins();
  expect(spoken()).toBe('bob is typing…');
});
