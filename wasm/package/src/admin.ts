import type { AccountId } from './api.js';
import type { Report, ReportId, ReportOutcome, Reports, ReportsPage } from './report.js';

/** What an account may be allowed on a server. `administer` is everything, and the role `administrator` alone has it. */
export type Permission =
  | 'create-communities'
  | 'write-news'
  | 'handle-reports'
  | 'see-accounts'
  | 'ban-accounts'
  | 'manage-invites'
  | 'manage-roles'
  | 'see-storage'
  | 'read-audit-log'
  | 'manage-bots'
  | 'manage-broadcast'
  | 'administer';

/** The role of the account that is logged in, and what that permits. `administer` stands for all that there is. */
export interface OwnRole {
  role: string;
  permissions: Permission[];
}

/** Why the server does not let an account in, and until when; for good if that is absent. */
export interface Ban {
  reason: string;
  until?: number;
}

/** Which accounts to list: those to which all applies that is given. */
export interface AccountFilter {
  /** The name or display name contains this. */
  text?: string;
  role?: string;
  isBanned?: boolean;
  /** At most so many; 50 if it is absent, and 200 at most. */
  limit?: number;
  /** `next` of the page before. */
  after?: string;
}

/** An account, as those see it who may look through them. */
export interface ListedAccount {
  account: AccountId;
  name: string;
  /** Empty if it has not said. */
  displayName: string;
  createdAt: number;
  role: string;
  ban?: Ban & {
    bannedAt: number;
    /** Who has made it; absent: whoever has the server's command line. */
    bannedBy?: AccountId;
  };
  devices: number;
  /** The beginning of the day, in UTC, on which one of its devices was last seen. */
  lastSeenDay?: number;
  files: number;
  fileBytes: number;
  archiveBytes: number;
}

/** A page of accounts, in the order of their names. */
export interface ListedAccounts {
  accounts: ListedAccount[];
  next?: string;
}

/** An invite to the server, without its code. */
export interface Invite {
  invite: string;
  usesLeft: number;
  note: string;
  madeAt: number;
  expiresAt: number;
  /** Absent: whoever has the server's command line. */
  madeBy?: AccountId;
}

export interface NewInvite {
  /** How many accounts can be made with it. */
  uses: number;
  expiresInSeconds: number;
  /** What it is for: one line of at most 200 characters. */
  note?: string;
}

/** The code is shown this once. */
export interface InviteCreated {
  invite: Invite;
  code: string;
}

export interface ServerRole {
  role: string;
  permissions: Permission[];
  /** Every server has it: it cannot be deleted. */
  isBuiltIn: boolean;
  /** How many accounts have it; absent of `member`, which is everyone else. */
  accounts?: number;
}

export interface StorageTotals {
  accounts: number;
  bannedAccounts: number;
  devices: number;
  chats: number;
  files: number;
  fileBytes: number;
  archiveSegments: number;
  archiveBytes: number;
  accountsDatabaseBytes: number;
}

export interface NamedAccount {
  account: AccountId;
  name: string;
}

/** Something that was done by somebody who administers. */
export interface AdminAct {
  /** Later ones have higher numbers. */
  act: number;
  at: number;
  /** Absent: whoever has the server's command line. */
  by?: NamedAccount;
  change: AdminChange;
  /** Empty if they have not said. */
  reason: string;
}

export type AdminChange =
  | { kind: 'role-set'; subject: NamedAccount; from: string; to: string }
  | { kind: 'banned'; subject: NamedAccount; until?: number }
  | { kind: 'unbanned'; subject: NamedAccount }
  | { kind: 'account-deleted'; subject: NamedAccount }
  | { kind: 'invite-created'; invite: string; uses: number; expiresAt: number; note: string }
  | { kind: 'invite-revoked'; invite: string; note: string }
  /** `before` is absent of a role that is new. */
  | { kind: 'role-changed'; role: string; before?: Permission[]; permissions: Permission[] }
  | { kind: 'role-deleted'; role: string; permissions: Permission[] }
  /** `subject`: the account that it was about; absent of a group, and of one that was gone. */
  | { kind: 'report-handled'; report: ReportId; subject?: NamedAccount; outcome: ReportOutcome }
  | { kind: 'community-deleted'; community: string; title: string; founder: NamedAccount }
  | { kind: 'bot-created'; bot: string }
  /** `subject`: its account; absent if it was never registered. */
  | { kind: 'bot-revoked'; bot: string; subject?: NamedAccount }
  /** `group` is absent if there is none any more. */
  | { kind: 'broadcast-set'; group?: string };

/** A page of the audit log, the latest first. */
export interface AuditLog {
  acts: AdminAct[];
  next?: number;
}

export interface AuditPage {
  /** Only what this account has done, or what was done to it. */
  account?: AccountId;
  /** At most so many; 50 if it is absent, and 200 at most. */
  limit?: number;
  /** `next` of the page before. */
  after?: number;
}

/**
 * The server's administration. Each call needs the permission that is named, and is refused with `forbidden` without it; what reaches
 * beyond one's own permissions is refused with `permission-exceeded`. What changes something stands in the audit log with its reason.
 */
export interface Administration {
  /** The own role, and what it permits: asked of the server each time. The event `role` says when that is worth doing. */
  ownRole(): Promise<OwnRole>;
  /** `see-accounts` */
  listAccounts(filter?: AccountFilter): Promise<ListedAccounts>;
  /** `see-accounts` */
  listedAccount(account: AccountId): Promise<ListedAccount>;
  /** `manage-roles`. Rejects with `last-administrator` if nobody else would administer. */
  setRole(account: AccountId, role: string, reason: string): Promise<void>;
  /** `ban-accounts`. The banned person reads the reason. `until` absent: for good. */
  banAccount(account: AccountId, reason: string, until?: number): Promise<void>;
  /** `ban-accounts` */
  unbanAccount(account: AccountId, reason: string): Promise<void>;
  /** `manage-invites`. The latest first. */
  listInvites(): Promise<Invite[]>;
  /** `manage-invites` */
  createInvite(invite: NewInvite): Promise<InviteCreated>;
  /** `manage-invites`. Accounts that were made with it stay. */
  revokeInvite(invite: string, reason: string): Promise<void>;
  /** `see-accounts` */
  listRoles(): Promise<ServerRole[]>;
  /** `manage-roles`. Makes a role, or says anew what it permits. */
  putRole(role: string, permissions: Permission[], reason: string): Promise<void>;
  /** `manage-roles`. Rejects with `role-in-use` while accounts have it. */
  deleteRole(role: string, reason: string): Promise<void>;
  /** `handle-reports`. Those about oneself are not among them. */
  listReports(page: ReportsPage): Promise<Reports>;
  /** `handle-reports`. With what messages say. */
  readReport(report: ReportId): Promise<Report>;
  /** `handle-reports`. The note is for the audit log too. One that was handled before stays as it is, and is the answer. */
  handleReport(report: ReportId, outcome: ReportOutcome, note: string): Promise<Report>;
  /** `see-storage` */
  storageTotals(): Promise<StorageTotals>;
  /** `read-audit-log` */
  auditLog(page?: AuditPage): Promise<AuditLog>;
}
