import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { open } from './app';
import { FakeClient, problem } from './fake-client';
import type { FakeGroupOptions } from './fake-group';

function alice(options: FakeGroupOptions = {}): FakeClient {
  return new FakeClient()
    .loggedInAs('alice')
    .knows('bob')
    .hasGroup('rowing', { title: 'Rowing', roles: { alice: 'admin', bob: 'owner' }, ...options });
}

/** A group that others are in, and the client of somebody who has a link to it. */
function invited(): FakeClient {
  return new FakeClient().hasGroup('rowing', { title: 'Rowing', roles: { bob: 'owner' }, isKnown: false });
}

const click = async (name: string | RegExp) => (await screen.findByRole('button', { name })).click();

afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

test('an admin makes a link, which is shown once with its QR code, and revokes it', async () => {
  const client = alice();
  open(client, '/group/rowing/about');
  await click('Make an invite link');
  const shown = await screen.findByText(/\/join#code-of-/, { selector: 'output' });
  expect(shown.textContent).toMatch(/^http/);
  await screen.findByRole('img', { name: 'The link as a QR code' });
  expect(client.calls).toContain('createInviteLink 604800 10');
  await screen.findByText('A link for 10 people, over in 6 days');
  await click(/^Revoke/);
  await waitFor(() => expect(screen.queryByText(/A link for/)).toBeNull());
  expect(screen.queryByText(/join#/)).toBeNull();
});

test('who holds no office, or whose browser lacks the key, makes no links', async () => {
  open(alice({ roles: { alice: 'member', bob: 'owner' } }), '/group/rowing/about');
  await screen.findByRole('heading', { name: 'Rowing' });
  expect(screen.queryByText('Invite links')).toBeNull();
});

test('a browser without the group’s key says when it comes', async () => {
  open(alice({ hasKey: false }), '/group/rowing/about');
  await screen.findByText(/does not have the group’s key yet/);
  expect(screen.queryByRole('button', { name: 'Make an invite link' })).toBeNull();
});

test('a link shows what it leads to, is taken out of the address, and lets its user in', async () => {
  const client = invited().loggedInAs('alice');
  open(client, '/join#to-rowing');
  await screen.findByRole('heading', { name: 'Rowing' });
  await screen.findByText(/It has 1 person in it/);
  expect(location.hash).toBe('');
  await click('Join the group');
  await waitFor(() => expect(location.pathname).toBe('/group/rowing'));
  expect(client.calls).toContain('joinByInviteLink to-rowing');
});

test('who is not logged in sees where the link leads, and finds it again after the login', async () => {
  const client = invited();
  open(client, '/join#to-rowing');
  await screen.findByRole('heading', { name: 'Rowing' });
  expect(sessionStorage.length).toBe(0);
  const content = within(screen.getByRole('main'));
  (await content.findByRole('link', { name: 'Log in' })).click();
  await waitFor(() => expect(location.pathname).toBe('/login'));
  expect(sessionStorage.length).toBe(1);
});

test('a link that does not work any more says so', async () => {
  const client = invited().loggedInAs('alice');
  client.failures.set('joinByInviteLink', problem('invitation-refused'));
  open(client, '/join#to-rowing');
  await click('Join the group');
  expect((await screen.findByRole('alert')).textContent).toMatch(/does not work any more/);
});

test('a page that is opened without a link says so', async () => {
  open(invited().loggedInAs('alice'), '/join');
  expect((await screen.findByRole('alert')).textContent).toMatch(/not a whole invite link/);
});
