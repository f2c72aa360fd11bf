import type {
  AccountFilter,
  AccountId,
  AdminAct,
  AdminChange,
  AuditLog,
  AuditPage,
  Invite,
  InviteCreated,
  ListedAccount,
  ListedAccounts,
  NewInvite,
  OwnRole,
  Permission,
  ServerRole,
  StorageTotals,
} from '@sotto/client';
import { problem } from './fake-calls';
import { FakeReports } from './fake-reports';

/** The fake client's server as those see it who administer. Nothing is refused but what a test has fail, and what is not there. */
export class FakeAdministration extends FakeReports {
  own: OwnRole = { role: 'member', permissions: [] };
  readonly listed = new Map<AccountId, ListedAccount>();
  madeInvites: Invite[] = [];
  roles: ServerRole[] = [];
  /** The latest first. */
  acts: AdminAct[] = [];
  totals: StorageTotals = {
    accounts: 0,
    bannedAccounts: 0,
    devices: 0,
    chats: 0,
    files: 0,
    fileBytes: 0,
    archiveSegments: 0,
    archiveBytes: 0,
    accountsDatabaseBytes: 0,
  };

  async ownRole(): Promise<OwnRole> {
    this.called('ownRole');
    return this.own;
  }

  async listAccounts(filter: AccountFilter = {}): Promise<ListedAccounts> {
    this.called('listAccounts');
    const { text = '', role, isBanned, limit = 50, after = '' } = filter;
    const fits = [...this.listed.values()]
      .filter(({ name, displayName }) => `${name} ${displayName}`.toLowerCase().includes(text.toLowerCase()))
      .filter((account) => role === undefined || account.role === role)
      .filter(({ ban }) => isBanned === undefined || (ban !== undefined) === isBanned)
      .filter(({ name }) => name > after)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const accounts = fits.slice(0, limit);
    const last = accounts.at(-1);
    return fits.length > limit && last ? { accounts, next: last.name } : { accounts };
  }

  async listedAccount(account: AccountId): Promise<ListedAccount> {
    this.called('listedAccount', account);
    return this.#listed(account);
  }

  async setRole(account: AccountId, role: string, reason: string): Promise<void> {
    this.called('setRole', `${account} ${role}`);
    const before = this.#listed(account);
    this.listed.set(account, { ...before, role });
    this.#did({ kind: 'role-set', subject: before, from: before.role, to: role }, reason);
  }

  async banAccount(account: AccountId, reason: string, until?: number): Promise<void> {
    this.called('banAccount', `${account} ${reason}`);
    const subject = this.#listed(account);
    const ends = until === undefined ? {} : { until };
    this.listed.set(account, { ...subject, ban: { reason, bannedAt: Date.now(), ...ends } });
    this.#did({ kind: 'banned', subject, ...ends }, reason);
  }

  async unbanAccount(account: AccountId, reason: string): Promise<void> {
    this.called('unbanAccount', account);
    const { ban: _, ...subject } = this.#listed(account);
    this.listed.set(account, subject);
    this.#did({ kind: 'unbanned', subject }, reason);
  }

  async listInvites(): Promise<Invite[]> {
    this.called('listInvites');
    return this.madeInvites;
  }

  async createInvite({ uses, expiresInSeconds, note = '' }: NewInvite): Promise<InviteCreated> {
    this.called('createInvite', note);
    const madeAt = Date.now();
    const expiresAt = madeAt + expiresInSeconds * 1000;
    const invite = { invite: `invite-${this.madeInvites.length + 1}`, usesLeft: uses, note, madeAt, expiresAt };
    this.madeInvites = [invite, ...this.madeInvites];
    this.#did({ kind: 'invite-created', invite: invite.invite, uses, expiresAt, note }, '');
    return { invite, code: '0123-4567-89AB-CDEF' };
  }

  async revokeInvite(invite: string, reason: string): Promise<void> {
    this.called('revokeInvite', invite);
    const found = this.madeInvites.find((one) => one.invite === invite);
    if (!found) throw problem('invite-not-found');
    this.madeInvites = this.madeInvites.filter((one) => one !== found);
    this.#did({ kind: 'invite-revoked', invite, note: found.note }, reason);
  }

  async listRoles(): Promise<ServerRole[]> {
    this.called('listRoles');
    return this.roles;
  }

  async putRole(role: string, permissions: Permission[], reason: string): Promise<void> {
    this.called('putRole', `${role} ${permissions.join(' ')}`);
    const before = this.roles.find((one) => one.role === role);
    const put = { isBuiltIn: false, accounts: 0, ...before, role, permissions };
    this.roles = [...this.roles.filter((one) => one !== before), put].sort((one, other) =>
      one.role < other.role ? -1 : 1,
    );
    const was = before ? { before: before.permissions } : {};
    this.#did({ kind: 'role-changed', role, permissions, ...was }, reason);
  }

  async deleteRole(role: string, reason: string): Promise<void> {
    this.called('deleteRole', role);
    const found = this.roles.find((one) => one.role === role);
    if (!found) throw problem('role-not-found');
    this.roles = this.roles.filter((one) => one !== found);
    this.#did({ kind: 'role-deleted', role, permissions: found.permissions }, reason);
  }

  async storageTotals(): Promise<StorageTotals> {
    this.called('storageTotals');
    return this.totals;
  }

  async auditLog({ account, limit = 50, after = Infinity }: AuditPage = {}): Promise<AuditLog> {
    this.called('auditLog');
    const fits = this.acts
      .filter(({ act }) => act < after)
      .filter(
        ({ by, change }) =>
          account === undefined ||
          by?.account === account ||
          ('subject' in change && change.subject?.account === account),
      );
    const acts = fits.slice(0, limit);
    const last = acts.at(-1);
    return fits.length > limit && last ? { acts, next: last.act } : { acts };
  }

  #listed(account: AccountId): ListedAccount {
    const listed = this.listed.get(account);
    if (!listed) throw problem('user-not-found');
    return listed;
  }

  #did(change: AdminChange, reason: string): void {
    this.acts = [{ act: this.acts.length + 1, at: Date.now(), change, reason }, ...this.acts];
  }
}
