import type { JoinPolicy } from '@sotto/client';
import type { Option } from '../components/Choice.svelte';
import { capitalised, joining } from './group';

export type Joining = 'admins' | 'members' | 'admin-approves' | 'member-approves' | 'open' | 'as-it-is';

const POLICIES: Readonly<Record<Exclude<Joining, 'as-it-is'>, JoinPolicy>> = {
  admins: { kind: 'invite', by: 'admins' },
  members: { kind: 'invite', by: 'members' },
  'admin-approves': { kind: 'approval', by: { kind: 'any-admin' } },
  'member-approves': { kind: 'approval', by: { kind: 'any-member' } },
  open: { kind: 'open' },
};

const OPTIONS: readonly Option<Joining>[] = [
  { value: 'admins', label: 'Admins add people', hint: 'You, and whomever you make an admin.' },
  { value: 'members', label: 'Every member can add people' },
  { value: 'admin-approves', label: 'People ask, and an admin approves' },
  { value: 'member-approves', label: 'People ask, and a member approves' },
  {
    value: 'open',
    label: 'Anyone can join',
    hint: 'Whoever finds the group, or has its address, comes in by themselves.',
  },
];

/** How newcomers can get in. What another client has set and this one does not offer can stay. */
export function joiningOptions(current?: JoinPolicy): readonly Option<Joining>[] {
  if (current === undefined || joiningOf(current) !== 'as-it-is') return OPTIONS;
  return [...OPTIONS, { value: 'as-it-is', label: capitalised(joining(current)), hint: 'As it is now.' }];
}

export function joiningOf(policy: JoinPolicy): Joining {
  switch (policy.kind) {
    case 'invite':
      return policy.by;
    case 'open':
      return 'open';
    case 'approval':
      switch (policy.by.kind) {
        case 'any-admin':
          return 'admin-approves';
        case 'any-member':
          return 'member-approves';
        case 'members':
          return 'as-it-is';
      }
  }
}

/** `undefined`: it stays as it is. */
export function policyOf(joining: Joining): JoinPolicy | undefined {
  return joining === 'as-it-is' ? undefined : POLICIES[joining];
}

export type Listing = 'private' | 'listed';

export const LISTING_OPTIONS: readonly Option<Listing>[] = [
  { value: 'private', label: 'Nobody', hint: 'Not even the server knows its title and description.' },
  {
    value: 'listed',
    label: 'Everybody on this server',
    hint: 'Its title and description are public. What is said in it is not.',
  },
];
