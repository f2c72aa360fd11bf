import type { Account, AccountId, Approvers, GroupChange, JoinPolicy, Message, Role } from '@sotto/client';
import { given } from './granted-history';
import { byteLength } from './message';
import { kept } from './retention';

/** Bytes of UTF-8 that a group's title, and its description, may have. */
export const TITLE_BYTES = 128;
export const DESCRIPTION_BYTES = 2048;

/** What a group is called until its title is known. */
export const UNTITLED = 'Group';

export const ROLES: Readonly<Record<Role, string>> = { owner: 'Owner', admin: 'Admin', member: 'Member' };

/** More people than these are counted, not named. */
const NAMED = 4;

const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** Who wrote a message, by the name that nobody else can have. */
export function authorOf(message: Message): string {
  return message.from.name || 'Somebody';
}

/** What a member has changed in a group, a sentence each. `own`: who reads it. */
export function groupChanges(message: Message, changes: readonly GroupChange[], own: AccountId | undefined): string[] {
  const author = message.own ? 'You have' : `${authorOf(message)} has`;
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
    sentences.push(`${sentence(change, author, people, own)}.`);
  }
  return sentences;
}

type AboutPeople = Extract<GroupChange, { kind: 'added' | 'removed' | 'left' | 'banned' | 'unbanned' }>;

function isAboutPeople(change: GroupChange): change is AboutPeople {
  return ['added', 'removed', 'left', 'banned', 'unbanned'].includes(change.kind);
}

function sentence(change: GroupChange, author: string, people: readonly Account[], own: AccountId | undefined): string {
  switch (change.kind) {
    case 'added':
      return `${author} added ${named(people, own)}`;
    case 'joined':
      return `${author} joined`;
    case 'removed':
      return `${author} removed ${named(people, own)}`;
    case 'left': {
      const gone = named(people, own);
      if (people[0]?.account === own) return `${capitalised(gone)} have left`;
      return `${gone} ${people.length === 1 ? 'has' : 'have'} left`;
    }
    case 'role':
      return `${author} made ${named([change.who], own)} ${ROLE_WORDS[change.role]}`;
    case 'join-policy':
      return `${author} changed how people get in: ${joining(change.joinPolicy)}`;
    case 'listed':
      return change.isListed
        ? `${author} made the group public: anyone can find it`
        : `${author} made the group private: nobody can find it`;
    case 'retention':
      return `${author} set that messages are ${kept(change.retention)}`;
    case 'history':
      return `${author} set that newcomers see ${given(change.history)}`;
    case 'banned':
      return `${author} banned ${named(people, own)}`;
    case 'unbanned':
      return `${author} lifted the ban on ${named(people, own)}`;
    case 'title':
      return `${author} renamed the group: “${change.title}”`;
    case 'picture':
      return `${author} changed the group’s picture`;
    case 'refused':
      return `${author} made a change that others could not accept, and it was taken back`;
    case 'link-made':
      return `${author} made an invite link`;
    case 'link-revoked':
      return `${author} revoked an invite link`;
    case 'rejoined':
      return `${author} joined anew on a device that had lost track of the chat`;
  }
}

const ROLE_WORDS: Readonly<Record<Role, string>> = { owner: 'the owner', admin: 'an admin', member: 'a member' };

function named(people: readonly Account[], own: AccountId | undefined): string {
  const names = people.map(({ account, name }) => (account === own ? 'you' : name || 'somebody'));
  if (names.length <= NAMED) return list.format(names);
  const shown = names.slice(0, NAMED - 1);
  return list.format([...shown, `${names.length - shown.length} others`]);
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How newcomers get into a group. */
export function joining(policy: JoinPolicy): string {
  switch (policy.kind) {
    case 'invite':
      return policy.by === 'admins' ? 'admins add people' : 'every member can add people';
    case 'approval':
      return `people ask, and ${approving(policy.by)}`;
    case 'open':
      return 'anyone can join';
  }
}

function approving(by: Approvers): string {
  switch (by.kind) {
    case 'any-admin':
      return 'an admin approves';
    case 'any-member':
      return 'a member approves';
    case 'members':
      return `${by.count} members approve`;
  }
}

/** How many members have to approve before somebody who asks is let in. */
export function approvalsNeeded(policy: JoinPolicy): number {
  return policy.kind === 'approval' && policy.by.kind === 'members' ? policy.by.count : 1;
}

export function peopleCount(count: number): string {
  return count === 1 ? '1 person' : `${count.toLocaleString()} people`;
}

/** What is wrong with a title, if anything is. */
export function titleProblem(title: string): string | undefined {
  if (title.trim() === '') return 'Please give the group a title.';
  return byteLength(title.trim()) > TITLE_BYTES ? 'That title is too long.' : undefined;
}

export function descriptionProblem(description: string): string | undefined {
  return byteLength(description.trim()) > DESCRIPTION_BYTES ? 'That description is too long.' : undefined;
}
