import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import type { ChatId } from '@sotto/client';
import { open, press, type } from './app';
import { FakeClient, problem } from './fake-client';

function alice(): { client: FakeClient; chat: ChatId } {
  const client = new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
  const { chat } = client.said('bob', 'hi');
  client.said('carol', 'hi');
  return { client, chat };
}

const composer = async (to = 'bob') => {
  const field = await screen.findByLabelText(`Message to ${to}`);
  if (!(field instanceof HTMLTextAreaElement)) throw new TypeError('not the message field');
  return field;
};
const chats = () => within(screen.getByRole('region', { name: 'Your chats' }));
const isStored = (client: FakeClient, chat: ChatId, text: string | undefined) =>
  waitFor(() => expect(client.drafts.get(chat)?.text).toBe(text));
const saves = (client: FakeClient) => client.calls.filter((call) => call.startsWith('setDraft'));

test('what is typed is stored when one pauses, not with every key', async () => {
  const { client, chat } = alice();
  open(client, '/dm/bob');
  const field = await composer();
  for (const text of ['h', 'he', 'hel', 'hell', 'hello']) type(field, text);
  await isStored(client, chat, 'hello');
  expect(saves(client)).toHaveLength(1);
});

test('what was begun is stored when one leaves the chat, shown in the list, and there when one comes back', async () => {
  const { client, chat } = alice();
  open(client, '/dm/bob');
  await composer();
  await waitFor(() => expect(client.calls).toContain(`draft ${chat}`));
  type(await composer(), 'not *finished*');
  (await chats().findByRole('link', { name: /carol/ })).click();
  await composer('carol');
  await isStored(client, chat, 'not *finished*');
  const link = await chats().findByRole('link', { name: /bob.*Draft:\s*not finished/s });
  link.click();
  await waitFor(async () => expect((await composer()).value).toBe('not *finished*'));
  // In front of one's eyes it is no news.
  await waitFor(() => expect(chats().queryByText('Draft:')).toBeNull());
});

test('what is answered and who is named are part of what was begun', async () => {
  const client = new FakeClient()
    .loggedInAs('alice')
    .knows('bob')
    .hasGroup('rowing', { title: 'Rowing', roles: { alice: 'member', bob: 'owner' } });
  const asked = client.saidIn('rowing', 'bob', 'who?');
  const mentions = [{ start: 0, end: 4, account: 'account-of-bob' }];
  client.drafts.set('rowing', { text: '@bob me', mentions, replyTo: asked.id });
  open(client, '/group/rowing');
  await screen.findByText('Answer to bob');
  const field = await composer('Rowing');
  await waitFor(() => expect(field.value).toBe('@bob me'));
  type(field, '@bob me too');
  await waitFor(() =>
    expect(client.drafts.get('rowing')).toEqual({ text: '@bob me too', mentions, replyTo: asked.id }),
  );
});

test('what another device has begun is taken over, and what it took away is gone', async () => {
  const { client, chat } = alice();
  open(client, '/dm/bob');
  const field = await composer();
  client.begins(chat, { text: 'from the phone' });
  await waitFor(() => expect(field.value).toBe('from the phone'));
  client.begins(chat, undefined);
  await waitFor(() => expect(field.value).toBe(''));
  expect(saves(client)).toEqual([]);
});

test('what another device has begun waits while somebody types, and gives way to what they write', async () => {
  const { client, chat } = alice();
  open(client, '/dm/bob');
  const field = await composer();
  await waitFor(() => expect(client.calls).toContain(`draft ${chat}`));
  type(field, 'mine');
  client.begins(chat, { text: 'from the phone' });
  await isStored(client, chat, 'mine');
  expect(field.value).toBe('mine');
});

test('sending takes the draft away, and nothing brings it back', async () => {
  const { client, chat } = alice();
  open(client, '/dm/bob');
  const field = await composer();
  type(field, 'hello');
  await isStored(client, chat, 'hello');
  press(field, 'Enter');
  await isStored(client, chat, undefined);
  (await chats().findByRole('link', { name: /carol/ })).click();
  await composer('carol');
  expect(client.drafts.has(chat)).toBe(false);
  expect(saves(client)).toHaveLength(1);
});

test('what could not be sent is still what was begun', async () => {
  const { client, chat } = alice();
  client.failures.set('send', problem('rate-limited'));
  open(client, '/dm/bob');
  const field = await composer();
  type(field, 'hello');
  press(field, 'Enter');
  await screen.findByText(/a little fast/);
  await isStored(client, chat, 'hello');
});

test('what is to be fleeting is stored nowhere, and takes away what was', async () => {
  const { client, chat } = alice();
  client.drafts.set(chat, { text: 'begun before' });
  await client.setRetention(chat, { kind: 'never' });
  open(client, '/dm/bob');
  await isStored(client, chat, undefined);
  const field = await composer();
  type(field, 'between us');
  (await chats().findByRole('link', { name: /carol/ })).click();
  await composer('carol');
  expect(saves(client)).toEqual(['setDraft none']);
  (await chats().findByRole('link', { name: /bob/ })).click();
  expect((await composer()).value).toBe('');
});

test('what was begun before the next message is made fleeting is taken away, and stored again if it is not any more', async () => {
  const { client, chat } = alice();
  open(client, '/dm/bob');
  type(await composer(), 'hello');
  await isStored(client, chat, 'hello');
  await client.setRetention(chat, { kind: 'never' });
  await isStored(client, chat, undefined);
  expect((await composer()).value).toBe('hello');
  await client.setRetention(chat, { kind: 'keep' });
  await isStored(client, chat, 'hello');
});

test('to somebody to whom nothing was said yet, what was begun is kept in the tab, and stored once there is a chat', async () => {
  const { client } = alice();
  client.knows('dora');
  open(client, '/dm/dora');
  type(await composer('dora'), 'may I ask');
  (await chats().findByRole('link', { name: /carol/ })).click();
  await composer('carol');
  const { chat } = client.said('dora', 'hello');
  (await chats().findByRole('link', { name: /dora/ })).click();
  await waitFor(async () => expect((await composer('dora')).value).toBe('may I ask'));
  await isStored(client, chat, 'may I ask');
});

test('a draft that cannot be stored stays in the field, and is stored with the next key', async () => {
  const { client, chat } = alice();
  client.failures.set('setDraft', problem('store'));
  open(client, '/dm/bob');
  const field = await composer();
  type(field, 'hello');
  await waitFor(() => expect(saves(client)).toHaveLength(1));
  expect(field.value).toBe('hello');
  type(field, 'hello!');
  await isStored(client, chat, 'hello!');
});

test('an edit of what was said is no draft', async () => {
  const { client, chat } = alice();
  client.said('bob', 'helo', { own: true });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    open(client, '/dm/bob');
    await vi.waitFor(() => expect(screen.queryByLabelText('Message to bob')).toBeTruthy());
    await vi.waitFor(() => expect(screen.queryByText('helo', { selector: '.text' })).toBeTruthy());
    const field = screen.getByLabelText('Message to bob');
    press(field, 'ArrowUp');
    await vi.waitFor(() => expect((field as HTMLTextAreaElement).value).toBe('helo'));
    type(field, 'hello');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.drafts.has(chat)).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
