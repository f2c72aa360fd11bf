import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open } from './app';
import { FakeClient } from './fake-client';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
}

const requestOf = () => screen.findByRole('region', { name: 'Request' });
const button = async (name: string) => within(await requestOf()).findByRole('button', { name });

test('whoever writes for the first time waits apart from the chats, and is not counted as unread', async () => {
  const client = alice();
  client.said('carol', 'as ever');
  client.said('bob', 'hello, you do not know me');
  client.requested('bob');
  open(client, '/');
  const requests = await screen.findByRole('list', { name: 'Requests' });
  expect(within(requests).getAllByRole('listitem')).toHaveLength(1);
  within(requests).getByText('hello, you do not know me');
  const chats = screen.getByRole('list', { name: 'Chats' });
  expect(within(chats).getAllByRole('listitem')).toHaveLength(1);
  expect(within(requests).queryByText(/unread/)).toBeNull();
});

test('a request can be read, and answered by accepting it alone', async () => {
  const client = alice();
  client.said('bob', 'hello');
  const chat = client.requested('bob');
  open(client, '/dm/bob');
  await screen.findByText('hello', { selector: '.text' });
  expect(screen.queryByLabelText('Message to bob')).toBeNull();
  (await button('Accept')).click();
  await screen.findByLabelText('Message to bob');
  expect(client.calls).toContain(`acceptRequest ${chat}`);
  expect(screen.queryByRole('region', { name: 'Request' })).toBeNull();
});

test('a declined request is gone', async () => {
  const client = alice();
  client.said('bob', 'hello');
  const chat = client.requested('bob');
  open(client, '/dm/bob');
  (await button('Decline')).click();
  await waitFor(() => expect(client.calls).toContain(`declineRequest ${chat}`));
  await waitFor(() => expect(screen.queryByText('hello')).toBeNull());
  expect(client.calls.some((call) => call.startsWith('block'))).toBe(false);
});

test('whoever is blocked is gone from the chats, and stands in the settings until unblocked', async () => {
  const client = alice();
  client.said('bob', 'hello');
  client.requested('bob');
  open(client, '/dm/bob');
  (await button('Block')).click();
  await waitFor(() => expect(client.calls).toContain('block account-of-bob'));
  await waitFor(async () => expect(await client.chats()).toEqual([]));
});

test('the settings show who is blocked, and unblock', async () => {
  const client = alice().blocks('bob');
  open(client, '/settings');
  (await screen.findByRole('button', { name: 'Unblock bob' })).click();
  await screen.findByText('You block nobody.');
  expect(client.calls).toContain('unblock account-of-bob');
});

test('a group that somebody was added to says by whom, and blocking declines it too', async () => {
  const client = alice();
  client.hasGroup('group-1', { title: 'Gardeners', roles: { bob: 'owner', alice: 'member' } });
  client.requestedIn('group-1', 'bob');
  client.saidIn('group-1', 'bob', 'buy this');
  open(client, '/group/group-1');
  expect((await requestOf()).textContent).toContain('bob has added you');
  (await button('Block')).click();
  await waitFor(() => expect(client.calls).toContain('declineRequest group-1'));
  expect(client.calls).toContain('block account-of-bob');
});

test('nobody can be blocked for a group that nobody is known to have added one to', async () => {
  const client = alice();
  client.hasGroup('group-1', { title: 'Gardeners', roles: { bob: 'owner', alice: 'member' } });
  client.requestedIn('group-1');
  open(client, '/group/group-1');
  expect((await requestOf()).textContent).toContain('Somebody has added you');
  expect(within(await requestOf()).queryByRole('button', { name: 'Block' })).toBeNull();
});

test('what somebody blocked says in a group is shown on demand', async () => {
  const client = alice();
  client.hasGroup('group-1', { title: 'Gardeners', roles: { bob: 'owner', alice: 'member' } });
  client.saidIn('group-1', 'bob', 'nonsense', { fromBlocked: true });
  open(client, '/group/group-1');
  await screen.findByText('From somebody you blocked.');
  expect(screen.queryByText('nonsense', { selector: '.text' })).toBeNull();
  (await screen.findByRole('button', { name: 'Show' })).click();
  await screen.findByText('nonsense', { selector: '.text' });
});
