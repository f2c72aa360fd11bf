import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open, type } from './app';
import { FakeClient } from './fake-client';

const click = async (name: string | RegExp) => (await screen.findByRole('button', { name })).click();

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob');
}

/** Bob writes to everyone on the server. */
function withBroadcast(): FakeClient {
  const client = alice();
  const open = { kind: 'open' } as const;
  const roles = { bob: 'owner' } as const;
  client.hasGroup('news', {
    title: 'All of us',
    isListed: true,
    isBroadcast: true,
    joinPolicy: open,
    isKnown: false,
    roles,
  });
  client.broadcasts.set('', 'news');
  return client;
}

test('whoever reads along joins the broadcast among the groups, and is told why nothing can be written', async () => {
  open(withBroadcast(), '/groups');
  const section = within(await screen.findByRole('region', { name: 'Broadcast' }));
  section.getByText('From those who run this server to everyone on it.');
  section.getByRole('button', { name: /^Join/ }).click();
  await screen.findByText('Here the owner and the admins write. You read along.');
  expect(screen.queryByRole('textbox', { name: 'Message to All of us' })).toBeNull();
  screen.getByRole('link', { name: 'About this group' }).click();
  await screen.findByText('A broadcast: the owner and the admins write, everyone else reads.');
});

test('without a broadcast those alone see anything who may begin one, and they end it again', async () => {
  const client = alice();
  const first = open(client, '/groups');
  await waitFor(() => expect(client.calls).toContain('broadcast'));
  expect(screen.queryByRole('region', { name: 'Broadcast' })).toBeNull();
  first.unmount();

  client.own = { role: 'member', permissions: ['manage-broadcast'] };
  const second = open(client, '/groups');
  await screen.findByText('There is no broadcast yet.');
  await click('Begin a broadcast');
  const dialog = within(await screen.findByRole('dialog'));
  type(dialog.getByLabelText('Title'), '');
  dialog.getByRole('button', { name: 'Begin' }).click();
  type(dialog.getByLabelText('Title'), 'All of us');
  dialog.getByRole('button', { name: 'Begin' }).click();
  await screen.findByRole('textbox', { name: 'Message to All of us' });
  second.unmount();

  open(client, '/groups');
  const section = within(await screen.findByRole('region', { name: 'Broadcast' }));
  section.getByRole('link', { name: /All of us/ });
  await click('End the broadcast…');
  within(await screen.findByRole('dialog'))
    .getByRole('button', { name: 'End the broadcast' })
    .click();
  await screen.findByText('There is no broadcast yet.');
  expect(client.calls).toContain('stopBroadcast');
});
