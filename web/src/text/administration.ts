import type { AdminAct, AdminChange, Ban, ListedAccount, Permission, StorageTotals } from '@sotto/client';
import { isKey, perLanguage, t } from '../language/catalogue';
import { sizeWords } from './file';
import { numberWords } from './number';
import type { Option } from './option';
import { date, dayInUtc, fullTime } from './time';

/** The name of a role: those that every server has are translated. */
export function serverRoleName(role: string): string {
  const key = `administration.role-${role}`;
  return isKey(key) ? t(key) : role;
}

/** What a role can permit; `administer` is of the one role that nobody can change. */
export const GRANTABLE: readonly Permission[] = [
  'create-communities',
  'write-news',
  'handle-reports',
  'see-accounts',
  'ban-accounts',
  'manage-invites',
  'manage-roles',
  'see-storage',
  'read-audit-log',
  'manage-bots',
  'manage-broadcast',
];

/** What is wrong with the name of a new role. */
export function serverRoleProblem(name: string, taken: readonly string[]): string | undefined {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) return t('administration.roleNameWrong');
  return taken.includes(name) ? t('administration.roleNameTaken') : undefined;
}

const list = perLanguage((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }));

/** What a role permits. */
export function permissionWords(permissions: readonly Permission[]): string {
  if (permissions.length === 0) return t('administration.noPermissions');
  return list().format(permissions.map((permission) => t(`administration.permission-${permission}`)));
}

/** Of somebody else: why they are banned, and until when. */
export function othersBanWords({ reason, until }: Ban): string {
  return until === undefined
    ? t('administration.bannedForGood', { reason })
    : t('administration.bannedUntil', { reason, until: fullTime(until) });
}

/** What there is to know of an account, in a few words each. */
export function accountFacts({ createdAt, devices, lastSeenDay, fileBytes, archiveBytes }: ListedAccount): string[] {
  return [
    t('administration.since', { time: date(createdAt) }),
    t('administration.devices', { count: devices }),
    ...(lastSeenDay === undefined ? [] : [t('administration.lastSeen', { time: dayInUtc(lastSeenDay) })]),
    t('administration.uses', { size: sizeWords(fileBytes + archiveBytes) }),
  ];
}

/** What the server holds. */
export function totals(of: StorageTotals): { readonly label: string; readonly value: string }[] {
  return [
    { label: t('administration.accounts'), value: numberWords(of.accounts) },
    { label: t('administration.bannedAccounts'), value: numberWords(of.bannedAccounts) },
    { label: t('administration.allDevices'), value: numberWords(of.devices) },
    { label: t('administration.chats'), value: numberWords(of.chats) },
    { label: t('administration.files'), value: `${numberWords(of.files)} · ${sizeWords(of.fileBytes)}` },
    { label: t('administration.archives'), value: sizeWords(of.archiveBytes) },
    { label: t('administration.database'), value: sizeWords(of.accountsDatabaseBytes) },
  ];
}

/** What was done, and to whom. */
export function actWords({ by, change }: AdminAct): string {
  return t('administration.act', { who: by?.name ?? t('administration.commandLine'), what: changeWords(change) });
}

function changeWords(change: AdminChange): string {
  switch (change.kind) {
    case 'role-set':
      return t('administration.actRole', {
        name: change.subject.name,
        from: serverRoleName(change.from),
        to: serverRoleName(change.to),
      });
    case 'banned':
      return change.until === undefined
        ? t('administration.actBanned', { name: change.subject.name })
        : t('administration.actBannedUntil', { name: change.subject.name, until: fullTime(change.until) });
    case 'unbanned':
      return t('administration.actUnbanned', { name: change.subject.name });
    case 'account-deleted':
      return t('administration.actDeleted', { name: change.subject.name });
    case 'invite-created':
      return t('administration.actInvite', { count: change.uses });
    case 'invite-revoked':
      return t('administration.actRevoked');
    case 'role-changed':
      // One that was not there before is new.
      return t(change.before ? 'administration.actRoleChanged' : 'administration.actRoleMade', {
        role: serverRoleName(change.role),
      });
    case 'role-deleted':
      return t('administration.actRoleDeleted', { role: serverRoleName(change.role) });
    case 'report-handled':
      return change.subject
        ? t('administration.actHandled', { name: change.subject.name })
        : t('administration.actHandledOther');
    case 'community-deleted':
      return t('administration.actCommunityDeleted', { title: change.title, name: change.founder.name });
    case 'bot-created':
      return t('administration.actBotCreated', { name: change.bot });
    case 'bot-revoked':
      return t('administration.actBotRevoked', { name: change.bot });
    case 'broadcast-set':
      return t(change.group === undefined ? 'administration.actBroadcastEnded' : 'administration.actBroadcastSet');
  }
}

const DAY = 86_400;

/** How long a ban lasts, in seconds; for good if it says nothing else. */
export function banLengths(): Option<string>[] {
  return [
    { value: String(DAY), label: t('administration.oneDay') },
    { value: String(7 * DAY), label: t('administration.oneWeek') },
    { value: String(30 * DAY), label: t('administration.thirtyDays') },
    { value: '', label: t('administration.forGood') },
  ];
}
