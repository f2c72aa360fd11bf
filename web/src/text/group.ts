import type {
  Account,
  AccountId,
  GrantedHistory,
  GroupChange,
  JoinPolicy,
  Message,
  Retention,
  Role,
} from '@sotto/client';
import { perLanguage, t } from '../language/catalogue';
import { grantedSince } from './granted-history';
import { byteLength } from './message';
import { duration } from './retention';

/** Bytes of UTF-8 that a group's title, and its description, may have. */
export const TITLE_BYTES = 128;
export const DESCRIPTION_BYTES = 2048;

/** What a group is called until its title is known. */
export const untitled = (): string => t('previews.untitled');

export function roleName(role: Role): string {
  return t(`group.role-${role}`);
}

/** More people than these are counted, not named. */
const NAMED = 4;

const list = perLanguage((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }));

/** Who wrote a message, by the name that nobody else can have. */
export function authorOf(message: Message): string {
  return message.from.name || t('previews.somebody');
}

/** What a member has changed in a group, a sentence each. `own`: who reads it. */
export function groupChanges(message: Message, changes: readonly GroupChange[], own: AccountId | undefined): string[] {
  const author: Author = { isOwn: message.own, name: authorOf(message) };
  const sentences: string[] = [];
  for (let index = 0; index < changes.length;) {
    const change = changes[index];
    if (!change) break;
    const people: Account[] = [];
    // Whom the same happened to at once is said in one breath.
    for (let next = changes[index]; next?.kind === change.kind && isAboutPeople(next); next = changes[index]) {
      people.push(next.who);
      index += 1;
    }
    if (people.length === 0) index += 1;
    sentences.push(sentence(change, author, people, own));
  }
  return sentences;
}

/** Who has made a change. */
interface Author {
  readonly isOwn: boolean;
  readonly name: string;
}

type AboutPeople = Extract<GroupChange, { kind: 'added' | 'removed' | 'left' | 'banned' | 'unbanned' }>;

function isAboutPeople(change: GroupChange): change is AboutPeople {
  return ['added', 'removed', 'left', 'banned', 'unbanned'].includes(change.kind);
}

function sentence(
  change: GroupChange,
  { isOwn, name }: Author,
  people: readonly Account[],
  own: AccountId | undefined,
): string {
  const whom = () => named(people, own, t('groupChanges.you'));
  switch (change.kind) {
    case 'added':
      return isOwn ? t('groupChanges.addedYou', { people: whom() }) : t('groupChanges.added', { name, people: whom() });
    case 'joined':
      return isOwn ? t('groupChanges.joinedYou') : t('groupChanges.joined', { name });
    case 'removed':
      return isOwn
        ? t('groupChanges.removedYou', { people: whom() })
        : t('groupChanges.removed', { name, people: whom() });
    case 'left':
      return gone(people, own);
    case 'role': {
      const who = named([change.who], own, t('groupChanges.you'));
      return isOwn
        ? t(`groupChanges.role-${change.role}You`, { people: who })
        : t(`groupChanges.role-${change.role}`, { name, people: who });
    }
    case 'join-policy': {
      const policy = joining(change.joinPolicy);
      return isOwn ? t('groupChanges.policyYou', { policy }) : t('groupChanges.policy', { name, policy });
    }
    case 'listed':
      if (change.isListed) return isOwn ? t('groupChanges.listedYou') : t('groupChanges.listed', { name });
      return isOwn ? t('groupChanges.unlistedYou') : t('groupChanges.unlisted', { name });
    case 'retention':
      return ofRetention(change.retention, { isOwn, name });
    case 'history':
      return ofHistory(change.history, { isOwn, name });
    case 'banned':
      return isOwn
        ? t('groupChanges.bannedYou', { people: whom() })
        : t('groupChanges.banned', { name, people: whom() });
    case 'unbanned':
      return isOwn
        ? t('groupChanges.unbannedYou', { people: whom() })
        : t('groupChanges.unbanned', { name, people: whom() });
    case 'title': {
      const { title } = change;
      return isOwn ? t('groupChanges.titleYou', { title }) : t('groupChanges.title', { name, title });
    }
    case 'picture':
      return isOwn ? t('groupChanges.pictureYou') : t('groupChanges.picture', { name });
    case 'refused':
      return isOwn ? t('groupChanges.refusedYou') : t('groupChanges.refused', { name });
    case 'link-made':
      return isOwn ? t('groupChanges.linkMadeYou') : t('groupChanges.linkMade', { name });
    case 'link-revoked':
      return isOwn ? t('groupChanges.linkRevokedYou') : t('groupChanges.linkRevoked', { name });
    case 'rejoined':
      return isOwn ? t('groupChanges.rejoinedYou') : t('groupChanges.rejoined', { name });
  }
}

function gone(people: readonly Account[], own: AccountId | undefined): string {
  const isOwnFirst = people[0]?.account === own;
  if (isOwnFirst && people.length === 1) return t('groupChanges.youHaveLeft');
  const names = named(people, own, t('people.you'));
  return t('groupChanges.left', { count: people.length, people: isOwnFirst ? capitalised(names) : names });
}

function ofRetention(retention: Retention, { isOwn, name }: Author): string {
  switch (retention.kind) {
    case 'keep':
      return isOwn ? t('groupChanges.keepYou') : t('groupChanges.keep', { name });
    case 'for': {
      const time = duration(retention.seconds);
      return isOwn ? t('groupChanges.forYou', { time }) : t('groupChanges.for', { name, time });
    }
    case 'never':
      return isOwn ? t('groupChanges.neverYou') : t('groupChanges.never', { name });
  }
}

function ofHistory(history: GrantedHistory, { isOwn, name }: Author): string {
  if (history === 'none') return isOwn ? t('groupChanges.historyNoneYou') : t('groupChanges.historyNone', { name });
  if (history.since.at === 0) return isOwn ? t('groupChanges.historyAllYou') : t('groupChanges.historyAll', { name });
  const time = grantedSince(history.since.at);
  return isOwn ? t('groupChanges.historySinceYou', { time }) : t('groupChanges.historySince', { name, time });
}

/** `you`: what whoever reads it is called there. */
function named(people: readonly Account[], own: AccountId | undefined, you: string): string {
  const names = people.map(({ account, name }) => (account === own ? you : name || t('people.somebody')));
  if (names.length <= NAMED) return list().format(names);
  const shown = names.slice(0, NAMED - 1);
  return list().format([...shown, t('people.others', { count: names.length - shown.length })]);
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How newcomers get into a group. */
export function joining(policy: JoinPolicy): string {
  switch (policy.kind) {
    case 'invite':
      return policy.by === 'admins' ? t('group.joiningAdmins') : t('group.joiningMembers');
    case 'approval':
      switch (policy.by.kind) {
        case 'any-admin':
          return t('group.joiningAdminApproves');
        case 'any-member':
          return t('group.joiningMemberApproves');
        case 'members':
          return t('group.joiningSeveralApprove', { count: policy.by.count });
      }
    case 'open':
      return t('group.joiningOpen');
  }
}

/** How many members have to approve before somebody who asks is let in. */
export function approvalsNeeded(policy: JoinPolicy): number {
  return policy.kind === 'approval' && policy.by.kind === 'members' ? policy.by.count : 1;
}

export function peopleCount(count: number): string {
  return t('group.people', { count });
}

/** What is wrong with a title, if anything is. */
export function titleProblem(title: string): string | undefined {
  return title.trim() === '' ? t('group.titleMissing') : titleTooLong(title);
}

/** Of a group, and of a community. */
export function titleTooLong(title: string): string | undefined {
  return byteLength(title.trim()) > TITLE_BYTES ? t('group.titleTooLong') : undefined;
}

export function descriptionProblem(description: string): string | undefined {
  return byteLength(description.trim()) > DESCRIPTION_BYTES ? t('group.descriptionTooLong') : undefined;
}
