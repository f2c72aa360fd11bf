import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open, press, type } from './app';
import { FakeClient, problem } from './fake-client';
import { observers, screenOf } from './setup';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
}

const composer = () => screen.findByLabelText('Message to bob');
const shown = () => screen.queryAllByText(/./, { selector: '.text' }).map((element) => element.textContent);

test('Enter sends, Shift and Enter begins a new line, and what an input method composes is left alone', async () => {
  const client = alice();
  open(client, '/dm/bob');
  const field = await composer();
  type(field, 'hello');
  expect(press(field, 'Enter', { shiftKey: true })).toBe(true);
  expect(press(field, 'Enter', { isComposing: true })).toBe(true);
  expect(client.calls).not.toContain('send hello');
  expect(press(field, 'Enter')).toBe(false);
  await waitFor(() => expect(shown()).toEqual(['hello']));
  expect(client.calls).toContain('startChat bob');
  expect((field as HTMLTextAreaElement).value).toBe('');
});

test('visiting somebody begins no chat', async () => {
  const client = alice();
  open(client, '/dm/bob');
  await screen.findByText(/beginning of your chat/);
  expect(client.calls).not.toContain('startChat bob');
});

test('a message is shown as waiting until the server has it', async () => {
  const client = alice();
  client.said('bob', 'hi');
  client.goes('offline');
  open(client, '/dm/bob');
  const field = await composer();
  type(field, 'are you there?');
  press(field, 'Enter');
  await screen.findByText('Waiting to be sent', { selector: '.visually-hidden' });
  const [, queued] = await client.messages((await client.chats())[0]?.chat ?? '', 10);
  if (!queued) throw new Error('nothing was queued');
  client.change({ ...queued, state: 'accepted' });
  await screen.findByText('Sent', { selector: '.visually-hidden' });
});

test('a chat that is paused says so, and whose change that was', async () => {
  const client = alice();
  client.said('bob', 'hi');
  client.halted.set((await client.chats())[0]?.chat ?? '', 'bob');
  open(client, '/dm/bob');
  const banner = await screen.findByText(/This chat is paused: bob made a change that its rules do not allow/);
  expect(banner.getAttribute('role')).toBe('status');
});

test('a message that could not be taken stays in the field', async () => {
  const client = alice();
  client.failures.set('startChat', problem('unreachable'));
  open(client, '/dm/bob');
  const field = await composer();
  type(field, 'precious words');
  press(field, 'Enter');
  expect((await screen.findByText(/cannot be reached/)).getAttribute('role')).toBe('alert');
  await waitFor(() => expect((field as HTMLTextAreaElement).value).toBe('precious words'));
});

test('a message over 64 KiB is refused with both sizes, and one of 64 KiB is not', async () => {
  const client = alice();
  client.said('bob', 'hi');
  open(client, '/dm/bob');
  const field = await composer();
  type(field, 'é'.repeat(32 * 1024 + 1));
  expect((await screen.findByRole('alert')).textContent).toMatch(/64\.1 KiB.*64 KiB/s);
  press(field, 'Enter');
  expect(client.calls.some((call) => call.startsWith('send'))).toBe(false);
  type(field, 'é'.repeat(32 * 1024));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  press(field, 'Enter');
  await waitFor(() => expect(client.calls.some((call) => call.startsWith('send'))).toBe(true));
});

test('a text that looks like markup stays text', async () => {
  const client = alice();
  client.said('bob', '<img src=x onerror=alert(1)> <b>bold</b>');
  open(client, '/dm/bob');
  await waitFor(() => expect(shown()).toEqual(['<img src=x onerror=alert(1)> <b>bold</b>']));
  expect(document.querySelector('img')).toBeNull();
});

test('a message of a kind that is not known yet is named so', async () => {
  const client = alice();
  client.said('bob', '', { body: { kind: 'unknown' } });
  open(client, '/dm/bob');
  await screen.findByText(/Sent by a newer version of Sotto/, { selector: 'em' });
});

test('what arrives is shown, spoken, and read when it is in view', async () => {
  const client = alice();
  client.said('bob', 'one');
  open(client, '/dm/bob');
  await waitFor(() => expect(shown()).toEqual(['one']));
  client.said('bob', 'two');
  await waitFor(() => expect(shown()).toEqual(['one', 'two']));
  await screen.findByText('bob: two', { selector: '[role=status]' });
  await waitFor(() => expect(client.calls).toContain('markRead 2'));
});

test('older pages are read when one scrolls up, until there are none', async () => {
  const client = alice();
  for (let index = 1; index <= 120; index += 1) client.said('bob', `number ${index}`);
  open(client, '/dm/bob');
  await waitFor(() => expect(shown()).toHaveLength(50));
  for (const length of [100, 120]) {
    for (const show of [...observers]) show();
    await waitFor(() => expect(shown()).toHaveLength(length));
  }
  expect(shown()[0]).toBe('number 1');
  expect(observers.size).toBe(0);
});

test('a changed identity is loud, and nothing can be written until it is accepted', async () => {
  const client = alice();
  client.said('bob', 'hi');
  open(client, '/dm/bob');
  await composer();
  client.changesIdentity('bob');
  await screen.findByRole('heading', { name: 'bob’s identity has changed' });
  expect((await composer()).hasAttribute('disabled')).toBe(true);
  screen.getByRole('button', { name: 'Accept the new identity' }).click();
  await waitFor(async () => expect((await composer()).hasAttribute('disabled')).toBe(false));
  expect(client.calls).toContain('acceptIdentity account-of-bob');
  expect(screen.queryByRole('heading', { name: /identity has changed/ })).toBeNull();
});

test('the safety number is shown in twelve groups of five', async () => {
  const client = alice();
  client.said('bob', 'hi');
  open(client, '/dm/bob');
  (await screen.findByRole('button', { name: 'Safety number' })).click();
  const groups = within(await screen.findByRole('list', { name: 'Safety number with bob' })).getAllByRole('listitem');
  expect(groups.map((group) => group.textContent)).toHaveLength(12);
  expect(groups.every((group) => /^\d{5}$/.test(group.textContent))).toBe(true);
});

test('a name that nobody has is said, not an empty chat', async () => {
  open(alice(), '/dm/nobody');
  await screen.findByText('Nobody here is called “nobody”.');
  expect(screen.queryByRole('textbox')).toBeNull();
});

test('the list shows the newest chat first, and the title how much is unread', async () => {
  const client = alice();
  client.said('bob', 'older', { at: Date.now() - 5000 });
  client.said('carol', 'newer');
  open(client, '/');
  await waitFor(() => expect(document.title).toBe('(2) Chats · Sotto'));
  const list = within(screen.getByRole('region', { name: 'Your chats' }));
  expect(
    list
      .getAllByRole('link')
      // The first four lead to the search, to what is starred, to notes and to people.
      .slice(4)
      .map((link) => link.getAttribute('href')),
  ).toEqual(['/dm/carol', '/dm/bob']);
});

test('on a phone the list is the page', async () => {
  screenOf.wide = false;
  const client = alice();
  client.said('bob', 'hi');
  open(client, '/');
  await screen.findByRole('heading', { level: 1, name: 'Chats' });
  const main = within(screen.getByRole('main'));
  await main.findByRole('link', { name: /bob/ });
});

test('moving to a page puts the focus on its heading', async () => {
  const client = alice();
  open(client, '/');
  (await screen.findByRole('link', { name: 'Settings' })).click();
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Settings'));
});

test('a draft is still there when one comes back to the chat', async () => {
  const client = alice();
  client.said('bob', 'hi');
  client.said('carol', 'hi');
  open(client, '/dm/bob');
  type(await composer(), 'not finished');
  (await screen.findByRole('link', { name: /carol/ })).click();
  await screen.findByLabelText('Message to carol');
  screen.getByRole('link', { name: /bob/ }).click();
  await screen.findByLabelText('Message to bob');
  await waitFor(async () => expect(((await composer()) as HTMLTextAreaElement).value).toBe('not finished'));
});

test('a message that the server refused says so, and why', async () => {
  const client = alice();
  client.said('bob', 'too much', { own: true, state: 'failed', problem: 'rate-limited' });
  open(client, '/dm/bob');
  await screen.findByText(/^Not sent\. That was a little fast/);
});
