import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { ChatId, Receipt } from '@sotto/client';
import { reachOf, readersOf } from '../src/text/receipts';
import { open } from './app';
import { FakeClient, problem } from './fake-client';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
}

/** A group of three in which alice has said something, with its position. */
function rowing(): { client: FakeClient; position: number } {
  const client = alice().hasGroup('rowing', {
    title: 'Rowing',
    roles: { alice: 'owner', bob: 'member', carol: 'member' },
  });
  const { position } = client.saidIn('rowing', 'alice', 'who is in?');
  return { client, position };
}

/** The marks beside one's own messages, in their order. */
const marks = () => [...document.querySelectorAll('.state')].map((mark) => mark.textContent.trim());
const mark = (words: string) => screen.findByRole('button', { name: `${words}. Who has read it?` });

const receipt = (name: string, delivered: number, read: number): Receipt => ({
  who: { account: name, name },
  since: 0,
  delivered,
  read,
});

test('a message is as far as the member who is least far', () => {
  const receipts = [receipt('bob', 5, 4), receipt('carol', 3, 2)];
  expect([1, 2, 3, 4].map((position) => reachOf(position, receipts))).toEqual(['read', 'read', 'delivered', 'sent']);
});

test('what was read has arrived, also with somebody who tells the one only', () => {
  const receipts = [receipt('bob', 0, 4), receipt('carol', 4, 0)];
  expect(reachOf(4, receipts)).toBe('delivered');
  expect(readersOf(4, receipts)).toMatchObject({ read: [{ who: { name: 'bob' } }], sent: [] });
});

test('where nobody tells, what one wrote was sent', () => {
  expect(reachOf(1, [])).toBe('sent');
});

test('whoever has come later has nothing to do with what was said before', () => {
  const receipts = [receipt('bob', 5, 5), { ...receipt('dan', 0, 0), since: 4 }];
  expect([4, 5].map((position) => reachOf(position, receipts))).toEqual(['read', 'sent']);
  expect(readersOf(4, receipts).sent).toEqual([]);
});

test('a message to one person is sent, then delivered, then read, and later ones stay behind', async () => {
  const client = alice();
  const first = client.said('bob', 'one', { own: true });
  client.said('bob', 'two', { own: true });
  const bob = client.accountOf('bob');
  open(client, '/dm/bob');
  await waitFor(() => expect(marks()).toEqual(['Sent', 'Sent']));
  client.others.delivers(first.chat, bob, first.position + 1);
  await waitFor(() => expect(marks()).toEqual(['Delivered', 'Delivered']));
  client.others.reads(first.chat, bob, first.position);
  await waitFor(() => expect(marks()).toEqual(['Read', 'Delivered']));
  expect(document.querySelectorAll('.state.read')).toHaveLength(1);
  // Of two people, the other one has read it: there is nothing to ask.
  expect(screen.queryByRole('button', { name: /Who has read it/ })).toBeNull();
});

test('what is waiting or was refused is nowhere, whatever others have read', async () => {
  const client = alice();
  const sent = client.said('bob', 'one', { own: true });
  client.said('bob', 'two', { own: true, state: 'failed', position: sent.position });
  client.said('bob', 'three', { own: true, state: 'queued', position: sent.position });
  client.others.reads(sent.chat, client.accountOf('bob'), sent.position);
  open(client, '/dm/bob');
  await waitFor(() => expect(marks().sort()).toEqual(['Not sent', 'Read', 'Waiting to be sent']));
});

test('a message to a group is delivered, and read, when it is with every other member', async () => {
  const { client, position } = rowing();
  const [bob, carol] = [client.accountOf('bob'), client.accountOf('carol')];
  open(client, '/group/rowing');
  await mark('Sent');
  client.others.reads('rowing', bob, position);
  client.others.delivers('rowing', carol, position);
  await mark('Delivered');
  client.others.reads('rowing', carol, position);
  await mark('Read');
});

test('the mark in a group opens who has read the message, and that goes on while it is open', async () => {
  const { client, position } = rowing();
  client.others.reads('rowing', client.accountOf('bob'), position);
  open(client, '/group/rowing');
  (await mark('Sent')).click();
  const dialog = within(await screen.findByRole('dialog', { name: 'Who has read it' }));
  const names = (heading: string) =>
    within(dialog.getByRole('region', { name: heading }))
      .getAllByRole('listitem')
      .map((item) => item.querySelector('.name')?.textContent);
  expect(names('Read')).toEqual(['bob']);
  expect(names('Not delivered, or not told')).toEqual(['carol']);
  client.others.delivers('rowing', client.accountOf('carol'), position);
  await waitFor(() => expect(names('Delivered')).toEqual(['carol']));
  expect(dialog.queryByRole('region', { name: 'Not delivered, or not told' })).toBeNull();
});

test('in a group in which nothing is told, messages are sent and nobody is asked about', async () => {
  const roles = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`reader${index}`, 'member' as const]));
  const client = alice().hasGroup('library', { title: 'Library', roles: { ...roles, alice: 'owner' } });
  client.saidIn('library', 'alice', 'quiet, please');
  open(client, '/group/library');
  await waitFor(() => expect(marks()).toEqual(['Sent']));
  expect(client.calls).toContain('receipts');
  expect(screen.queryByRole('button', { name: /Who has read it/ })).toBeNull();
});

test('notes to oneself are sent, and nobody is asked how far they are', async () => {
  const client = alice();
  const notes: ChatId = await client.notes();
  client.saidIn(notes, 'alice', 'milk');
  open(client, '/notes');
  await waitFor(() => expect(marks()).toEqual(['Sent']));
  expect(client.calls).not.toContain('receipts');
});

test('whoever ceases to tell what they have read does not see it of others any more', async () => {
  const client = alice();
  const said = client.said('bob', 'one', { own: true });
  client.others.reads(said.chat, client.accountOf('bob'), said.position);
  open(client, '/dm/bob');
  await waitFor(() => expect(marks()).toEqual(['Read']));
  client.others.set({ ...client.others.privacy, readReceipts: false });
  await waitFor(() => expect(marks()).toEqual(['Delivered']));
});

test('what was read while this page heard nothing is shown after it', async () => {
  const client = alice();
  const said = client.said('bob', 'one', { own: true });
  open(client, '/dm/bob');
  await waitFor(() => expect(marks()).toEqual(['Sent']));
  client.others.misses(() => client.others.reads(said.chat, client.accountOf('bob'), said.position));
  client.resets();
  await waitFor(() => expect(marks()).toEqual(['Read']));
});

test('receipts that cannot be read leave the chat as it is', async () => {
  const client = alice();
  client.said('bob', 'one', { own: true });
  client.failures.set('receipts', problem('internal'));
  open(client, '/dm/bob');
  await waitFor(() => expect(marks()).toEqual(['Sent']));
  expect(screen.queryByRole('alert')).toBeNull();
});
