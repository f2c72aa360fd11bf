import type { GroupSize, JoinPolicy } from '@sotto/client';
import type { Option } from './option';
import { approvalsNeeded } from './group';

export type Joining = 'admins' | 'members' | 'admin-approves' | 'member-approves' | 'several-approve' | 'open';

/** How many members' approval a newcomer can need, where it is not one's alone. */
export const APPROVERS = { least: 2, most: 32 };

/** How newcomers can get in. */
export const JOINING_OPTIONS: readonly Option<Joining>[] = [
  { value: 'admins', label: 'Admins add people', hint: 'You, and whomever you make an admin.' },
  { value: 'members', label: 'Every member can add people' },
  { value: 'admin-approves', label: 'People ask, and an admin approves' },
  { value: 'member-approves', label: 'People ask, and a member approves' },
  { value: 'several-approve', label: 'People ask, and several members approve', hint: 'You say how many.' },
  {
    value: 'open',
    label: 'Anyone can join',
    hint: 'Whoever finds the group, or has its address, comes in by themselves.',
  },
];

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
          return 'several-approve';
      }
  }
}

/** `approvers`: how many, if several have to approve. */
export function policyOf(joining: Joining, approvers: number): JoinPolicy {
  switch (joining) {
    case 'admins':
    case 'members':
      return { kind: 'invite', by: joining };
    case 'admin-approves':
      return { kind: 'approval', by: { kind: 'any-admin' } };
    case 'member-approves':
      return { kind: 'approval', by: { kind: 'any-member' } };
    case 'several-approve':
      return { kind: 'approval', by: { kind: 'members', count: approvers } };
    case 'open':
      return { kind: 'open' };
  }
}

/** Whether the two are the same. */
export function isSamePolicy(one: JoinPolicy, other: JoinPolicy): boolean {
  return joiningOf(one) === joiningOf(other) && approvalsNeeded(one) === approvalsNeeded(other);
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

/** What a large group lacks. */
export const SIZE_WARNING =
  'A large group is not protected against a later quantum computer: whoever records what is said in it now may read it then.';

export const SIZE_OPTIONS: readonly Option<GroupSize>[] = [
  {
    value: 'normal',
    label: 'Up to 256 devices',
    hint: 'What is said stays closed to a later quantum computer. Most people have one or two devices.',
  },
  {
    value: 'large',
    label: 'Up to 2,000 devices',
    hint: 'Not protected against a later quantum computer. This cannot be changed afterwards.',
  },
];
