import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { AdminChange, ListedAccount, Permission } from '@sotto/client';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';

function admin(...permissions: Permission[]): FakeClient {
  const client = new FakeClient().loggedInAs('alice');
  client.own = { role: 'keeper', permissions };
  return client;
}

function lists(client: FakeClient, name: string, more: Partial<ListedAccount> = {}): void {
  const account = `account-of-${name}`;
  client.listed.set(account, {
    account,
    name,
    displayName: '',
    createdAt: 0,
    role: 'member',
    devices: 2,
    files: 0,
    fileBytes: 0,
    archiveBytes: 0,
    ...more,
  });
}

async function press(name: string | RegExp): Promise<void> {
  (await screen.findByRole('button', { name })).click();
}

test('who may do nothing is led nowhere, and who may is led to that alone', async () => {
  const client = admin();
  const first = open(client, '/settings');
  await waitFor(() => expect(client.calls).toContain('ownRole'));
  expect(screen.queryByRole('link', { name: 'Administration' })).toBeNull();
  client.own = { role: 'keeper', permissions: ['manage-invites'] };
  first.unmount();
  open(client, '/settings');
  (await screen.findByRole('link', { name: 'Administration' })).click();
  await screen.findByRole('link', { name: 'Invites' });
  expect(screen.queryByRole('link', { name: 'Accounts' })).toBeNull();
  expect(screen.queryByRole('link', { name: 'Log' })).toBeNull();
});

test('of an account that was seen today the list says the day, for no more is known', async () => {
  const client = admin('see-accounts');
  const today = new Date();
  lists(client, 'bob', { createdAt: today.getTime(), lastSeenDay: today.setUTCHours(0, 0, 0, 0) });
  open(client, '/admin/accounts');
  expect((await screen.findByText(/last seen/)).textContent).not.toMatch(/\d:\d\d/);
});

test('somebody is banned with a reason and an end, which the list shows, and the ban is lifted again', async () => {
  const client = admin('see-accounts', 'ban-accounts');
  lists(client, 'bob');
  open(client, '/admin/accounts');
  await press(/^Ban .*bob/);
  const dialog = within(await screen.findByRole('dialog'));
  dialog.getByLabelText('One day').click();
  type(dialog.getByLabelText('Reason'), 'Sold what is not sold here.');
  client.failures.set('banAccount', problem('permission-exceeded'));
  dialog.getByRole('button', { name: 'Ban' }).click();
  await dialog.findByText('That takes permissions that you do not have yourself.');
  dialog.getByRole('button', { name: 'Ban' }).click();
  await screen.findByText(/^Banned until .*Sold what is not sold here/);
  const until = client.listed.get('account-of-bob')?.ban?.until ?? 0;
  expect(until - Date.now()).toBeGreaterThan(86_000_000);
  expect(until - Date.now()).toBeLessThanOrEqual(86_400_000);
  await press(/^Lift the ban on .*bob/);
  await press('Lift the ban');
  await waitFor(() => expect(client.listed.get('account-of-bob')?.ban).toBeUndefined());
});

test('an account is given another role, of which it is said what it permits', async () => {
  const client = admin('administer');
  client.roles = [
    { role: 'member', permissions: [], isBuiltIn: true },
    { role: 'moderator', permissions: ['handle-reports', 'ban-accounts'], isBuiltIn: true, accounts: 0 },
  ];
  lists(client, 'bob');
  lists(client, 'alice');
  open(client, '/admin/accounts');
  // Nobody does that to themselves by mistake.
  await screen.findByRole('heading', { name: 'alice' });
  expect(screen.queryByRole('button', { name: /role of .*alice/ })).toBeNull();
  await press(/^Change the role of .*bob/);
  (await screen.findByLabelText('Moderator')).click();
  expect(screen.getByText('handle reports and ban accounts')).toBeTruthy();
  await press('Change the role');
  await screen.findByText('@bob · Moderator');
});

test('an invite is made, its link shown once, and it is ended', async () => {
  const client = admin('manage-invites');
  open(client, '/admin/invites');
  await screen.findByText('There are no invites.');
  type(await screen.findByLabelText('What it is for'), 'The choir');
  await press('Make an invite');
  await screen.findByText(`${location.origin}/register?invite=0123-4567-89AB-CDEF`);
  await press(/^End .*The choir/);
  await press('End');
  await screen.findByText('There are no invites.');
  expect(client.calls).toContain('revokeInvite invite-1');
});

test('the log says who has done what, and why, a page at a time', async () => {
  const client = admin('read-audit-log');
  const subject = { account: 'account-of-bob', name: 'bob' };
  client.acts = Array.from({ length: 51 }, (_, index) => ({
    act: 51 - index,
    at: index,
    change: { kind: 'unbanned', subject },
    reason: `because ${51 - index}`,
  }));
  open(client, '/admin/log');
  const log = within(await screen.findByRole('list', { name: 'Log' }));
  expect(log.getAllByRole('listitem')).toHaveLength(50);
  expect(log.getAllByText(/command line.*: ban on .*bob.* lifted/)).toHaveLength(50);
  await press('Show more');
  await log.findByText('because 1');
});

test('the log tells a role that is new from one that has changed', async () => {
  const client = admin('read-audit-log');
  const change: Extract<AdminChange, { kind: 'role-changed' }> = {
    kind: 'role-changed',
    role: 'night-watch',
    permissions: ['handle-reports'],
  };
  client.acts = [
    { act: 2, at: 2, change: { ...change, before: [] }, reason: '' },
    { act: 1, at: 1, change, reason: '' },
  ];
  open(client, '/admin/log');
  const [changed, made] = within(await screen.findByRole('list', { name: 'Log' })).getAllByRole('listitem');
  expect(changed?.textContent).toMatch(/permissions of the role .*night-watch.* changed/);
  expect(made?.textContent).toMatch(/: role .*night-watch.* made/);
});

test('a report is read, its sender banned, and what came of it said', async () => {
  const client = admin('handle-reports', 'ban-accounts');
  lists(client, 'bob');
  const bob = { account: 'account-of-bob', name: 'bob' };
  const by = { account: 'account-of-carol', name: 'carol' };
  const said = [
    { message: 'm', at: 0, body: { kind: 'text', text: 'You will be sorry.' } },
    { message: 'n', at: 1, body: { kind: 'edit', of: 'm', text: 'Only joking.' } },
  ] as const;
  client.taken = [
    {
      report: 'r',
      at: 5,
      by,
      subject: { kind: 'message', chat: 'c', from: bob, isProven: true, said: [...said] },
      reason: 'harassment',
      comment: 'It frightens me.',
    },
    {
      report: 's',
      at: 6,
      by: { account: 'gone' },
      subject: { kind: 'group', group: 'g' },
      reason: 'spam',
      comment: '',
    },
  ];
  open(client, '/admin/reports');
  const reports = within(await screen.findByRole('list', { name: 'Reports' }));
  await reports.findByText('It frightens me.');
  await reports.findByText(/^Reported by .*an account that is gone/);
  expect(screen.queryByText('You will be sorry.')).toBeNull();
  await press(/^Read the message of .*bob/);
  await screen.findByText('You will be sorry.');
  screen.getByText(/^Edited later: .*Only joking/);
  screen.getByText('The server has checked that this was said.');
  await press(/^Ban .*bob/);
  type(within(await screen.findByRole('dialog')).getByLabelText('Reason'), 'Threats.');
  within(screen.getByRole('dialog')).getByRole('button', { name: 'Ban' }).click();
  // Whoever acts is asked at once what to note of it.
  const handling = within(await screen.findByRole('dialog', { name: 'Was something done about it?' }));
  type(handling.getByLabelText('Reason'), 'Banned for it.');
  handling.getByRole('button', { name: 'Something was done' }).click();
  await waitFor(() => expect(client.calls).toContain('handleReport r acted Banned for it.'));
  expect(client.listed.get('account-of-bob')?.ban?.reason).toBe('Threats.');
  await waitFor(() => expect(screen.queryByText('It frightens me.')).toBeNull());
  await press('Nothing to do');
  within(await screen.findByRole('dialog'))
    .getByRole('button', { name: 'Nothing to do' })
    .click();
  await screen.findByText('No report waits.');
  screen.getByLabelText('Handled').click();
  await screen.findByText(/command line.*: something was done\.$/);
  await screen.findByText('Banned for it.');
});

test('what nothing proves is shown as that', async () => {
  const client = admin('handle-reports');
  const from = { account: 'account-of-bob', name: 'bob' };
  const subject = { kind: 'message' as const, chat: 'c', from, isProven: false, said: [{ message: 'm' }] };
  client.taken = [{ report: 'r', at: 5, by: from, subject, reason: 'other', comment: '' }];
  open(client, '/admin/reports');
  await press(/^Read the message/);
  await screen.findByText('What it says cannot be read here.');
  await screen.findByText(/may have made it up/);
  expect(screen.queryByRole('button', { name: /^Ban/ })).toBeNull();
});

test('a report of a community names its founder and leads to the community', async () => {
  const client = admin('handle-reports', 'ban-accounts');
  const founder = { account: 'account-of-bob', name: 'bob' };
  const subject = { kind: 'community' as const, community: 'choir', title: 'Choir', founder };
  client.taken = [{ report: 'r', at: 5, by: { account: 'a', name: 'alice' }, subject, reason: 'other', comment: '' }];
  open(client, '/admin/reports');
  await screen.findByRole('heading', { name: /^The community .*Choir.* of .*bob/ });
  expect(screen.getByRole('link', { name: 'Look at the community' }).getAttribute('href')).toBe('/community/choir');
  await screen.findByRole('button', { name: /^Ban .*bob/ });
});

test('a role is made, changed and deleted, and the one that may do everything is left alone', async () => {
  const client = admin('manage-roles');
  client.roles = [
    { role: 'administrator', permissions: ['administer'], isBuiltIn: true, accounts: 1 },
    { role: 'member', permissions: [], isBuiltIn: true },
  ];
  open(client, '/admin');
  (await screen.findByRole('link', { name: 'Roles' })).click();
  await press('New role');
  const making = within(await screen.findByRole('dialog'));
  for (const [name, wrong] of [
    ['Night watch', /^Please give it 1 to 32 small letters/],
    ['member', 'There is a role with this name.'],
  ] as const) {
    type(making.getByLabelText('Name'), name);
    making.getByRole('button', { name: 'Make the role' }).click();
    await making.findByText(wrong);
  }
  type(making.getByLabelText('Name'), 'night-watch');
  making.getByLabelText('handle reports').click();
  type(making.getByLabelText('Reason'), 'Somebody has to be awake.');
  making.getByRole('button', { name: 'Make the role' }).click();
  await screen.findByText('handle reports · 0 accounts');
  expect(client.acts[0]).toMatchObject({ change: { kind: 'role-changed' }, reason: 'Somebody has to be awake.' });

  await press('Change night-watch');
  const changing = within(await screen.findByRole('dialog'));
  changing.getByLabelText('see accounts').click();
  changing.getByRole('button', { name: 'Save' }).click();
  await screen.findByText('handle reports and see accounts · 0 accounts');
  expect(screen.queryByRole('button', { name: /Administrator/ })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Delete Member' })).toBeNull();

  await press('Delete night-watch');
  const deleting = within(await screen.findByRole('dialog'));
  client.failures.set('deleteRole', problem('role-in-use'));
  deleting.getByRole('button', { name: 'Delete' }).click();
  await deleting.findByRole('alert');
  deleting.getByRole('button', { name: 'Delete' }).click();
  await waitFor(() => expect(screen.queryByText('night-watch')).toBeNull());
});
