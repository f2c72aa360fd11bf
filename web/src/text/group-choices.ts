import type { GroupSize, JoinPolicy } from '@sotto/client';
import { t } from '../language/catalogue';
import type { Option } from './option';
import { approvalsNeeded } from './group';

export type Joining = 'admins' | 'members' | 'admin-approves' | 'member-approves' | 'several-approve' | 'open';

/** How many members' approval a newcomer can need, where it is not one's alone. */
export const APPROVERS = { least: 2, most: 32 };

/** How newcomers can get in. */
export const joiningOptions = (): readonly Option<Joining>[] => [
  { value: 'admins', label: t('group.admins'), hint: t('group.adminsHint') },
  { value: 'members', label: t('group.members') },
  { value: 'admin-approves', label: t('group.adminApproves') },
  { value: 'member-approves', label: t('group.memberApproves') },
  { value: 'several-approve', label: t('group.severalApprove'), hint: t('group.severalApproveHint') },
  {
    value: 'open',
    label: t('group.open'),
    hint: t('group.openHint'),
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

/** Who can find a group. */
export const listingOptions = (): readonly Option<Listing>[] => [
  { value: 'private', label: t('group.findNobody'), hint: t('group.findNobodyHint') },
  {
    value: 'listed',
    label: t('group.findAll'),
    hint: t('group.findAllHint'),
  },
];

/** What a large group lacks. */
export const sizeWarning = (): string => t('group.sizeWarning');

/** How large a group can become. */
export const sizeOptions = (): readonly Option<GroupSize>[] => [
  {
    value: 'normal',
    label: t('group.sizeNormal'),
    hint: t('group.sizeNormalHint'),
  },
  {
    value: 'large',
    label: t('group.sizeLarge'),
    hint: t('group.sizeLargeHint'),
  },
];
