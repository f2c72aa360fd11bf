import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open, type } from './app';
import { FakeClient } from './fake-client';

async function dialogWithBob(client: FakeClient) {
  client.loggedInAs('alice').knows('bob').said('bob', 'hello');
  open(client, '/dm/bob');
  (await screen.findByRole('button', { name: 'Safety number' })).click();
  const dialog = within(await screen.findByRole('dialog'));
  await dialog.findByRole('list', { name: 'Safety number with bob' });
  return {
    dialog,
    compare(code: string) {
      type(dialog.getByLabelText('What bob’s screen shows'), code);
      dialog.getByRole('button', { name: 'Compare', hidden: true }).click();
    },
  };
}

test('a code that is the same verifies, and the code of one’s own is shown to be scanned', async () => {
  const client = new FakeClient();
  const { dialog, compare } = await dialogWithBob(client);
  dialog.getByRole('img', { name: 'Safety code with bob', hidden: true });
  dialog.getByText('sotto-safety:own');
  compare('sotto-safety:theirs');
  await dialog.findByText(/You have verified bob/);
  expect(client.verified.size).toBe(1);
});

test('a code that differs is said loudly, and verifies nobody', async () => {
  const client = new FakeClient();
  const { dialog, compare } = await dialogWithBob(client);
  compare('nonsense');
  await dialog.findByText(/not a safety code/);
  compare('sotto-safety:somebody-in-between');
  await dialog.findByText('This does not match.');
  compare('sotto-safety:another-chat');
  await dialog.findByText('This is not the code of this chat.');
  expect(client.verified.size).toBe(0);
});

test('whoever has compared the digits says so', async () => {
  const client = new FakeClient();
  const { dialog } = await dialogWithBob(client);
  dialog.getByRole('button', { name: 'They are the same' }).click();
  await dialog.findByText(/You have verified bob/);
  expect(client.calls).toContain('confirmSafetyNumber');
});

test('a changed identity is loud in every group that its owner is in', async () => {
  const client = new FakeClient()
    .loggedInAs('alice')
    .knows('bob')
    .knows('carol')
    .hasGroup('rowing', { title: 'Rowing', roles: { alice: 'owner', bob: 'member' } })
    .hasGroup('singing', { title: 'Singing', roles: { alice: 'owner', carol: 'member' } });
  const { unmount } = open(client, '/group/rowing');
  await screen.findByRole('heading', { name: 'Rowing' });
  client.changesIdentity('bob');
  const alert = await screen.findByRole('alert');
  within(alert).getByRole('heading', { name: 'bob’s identity has changed' });
  within(alert).getByRole('button', { name: 'Compare safety number' }).click();
  const dialog = within(await screen.findByRole('dialog'));
  await dialog.findByRole('list', { name: 'Safety number with bob' });
  dialog.getByRole('button', { name: 'Done' }).click();
  unmount();

  // In a group without that account there is nothing to say.
  const other = open(client, '/group/singing');
  await screen.findByRole('heading', { name: 'Singing' });
  expect(screen.queryByRole('alert')).toBeNull();
  other.unmount();

  open(client, '/group/rowing');
  (await screen.findByRole('button', { name: 'Accept the new identity' })).click();
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  expect(client.calls).toContain('acceptIdentity account-of-bob');
});
