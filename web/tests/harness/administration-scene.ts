import type { FakeClient } from '../fake-client';

const DAY = 86_400_000;

/** A server with a few accounts, looked after by alice. */
export function addAdministration(client: FakeClient, now: number): void {
  client.own = { role: 'administrator', permissions: ['administer'] };
  client.roles = [
    { role: 'member', permissions: [], isBuiltIn: true },
    {
      role: 'moderator',
      permissions: ['handle-reports', 'see-accounts', 'ban-accounts'],
      isBuiltIn: true,
      accounts: 1,
    },
    { role: 'administrator', permissions: ['administer'], isBuiltIn: true, accounts: 1 },
    { role: 'night-watch', permissions: ['handle-reports'], isBuiltIn: false, accounts: 12 },
  ];
  const none = { devices: 2, files: 3, fileBytes: 7_340_032, archiveBytes: 120_000, createdAt: now - 90 * DAY };
  const list = (name: string, displayName: string, role: string, more = {}): void => {
    const account = `account-of-${name}`;
    client.listed.set(account, { account, name, displayName, role, lastSeenDay: now - DAY, ...none, ...more });
  };
  list('alice', '', 'administrator');
  list('bea', 'Bea Okafor', 'moderator');
  list('dimitri', 'Δημήτρης', 'member', {
    ban: { reason: 'Sold what is not sold here.', bannedAt: now - DAY, until: now + 6 * DAY },
  });
  list('noor', 'نور', 'member');
  client.madeInvites = [
    { invite: 'i', usesLeft: 10, note: 'The choir', madeAt: now - DAY, expiresAt: now + 6 * DAY },
    { invite: 'j', usesLeft: 1, note: '', madeAt: now - DAY, expiresAt: now + DAY },
  ];
  const [alice, dimitri] = [
    { account: 'account-of-alice', name: 'alice' },
    { account: 'account-of-dimitri', name: 'dimitri' },
  ];
  client.acts = [
    {
      act: 3,
      at: now - DAY,
      by: alice,
      change: { kind: 'banned', subject: dimitri, until: now + 6 * DAY },
      reason: 'Sold what is not sold here.',
    },
    {
      act: 2,
      at: now - 2 * DAY,
      by: alice,
      change: { kind: 'invite-created', invite: 'i', uses: 10, expiresAt: now, note: '' },
      reason: '',
    },
    {
      act: 1,
      at: now - 90 * DAY,
      change: { kind: 'role-set', subject: alice, from: 'member', to: 'administrator' },
      reason: '',
    },
  ];
  const noor = { account: 'account-of-noor', name: 'noor' };
  client.taken = [
    {
      report: 'r',
      at: now - DAY,
      by: noor,
      subject: {
        kind: 'message',
        chat: 'c',
        from: dimitri,
        isProven: true,
        said: [{ message: 'm', at: now - DAY, body: { kind: 'text', text: 'Buy two, pay for three. Today only!' } }],
      },
      reason: 'spam',
      comment: 'The fifth time this week.',
    },
    {
      report: 's',
      at: now - 2 * DAY,
      by: noor,
      subject: { kind: 'account', account: { account: 'account-of-bea', name: 'bea' } },
      reason: 'other',
      comment: '',
    },
  ];
  client.totals = {
    ...client.totals,
    accounts: 1204,
    bannedAccounts: 1,
    devices: 2310,
    chats: 5121,
    files: 812,
    fileBytes: 9_123_456_789,
    archiveBytes: 812_000_000,
    accountsDatabaseBytes: 45_000_000,
  };
}
