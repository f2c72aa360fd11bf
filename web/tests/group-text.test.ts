import type { GroupChange, JoinPolicy, Message } from '@sotto/client';
import { expect, test } from 'vitest';
import { approvalsNeeded, descriptionProblem, groupChanges, joining, titleProblem } from '../src/text/group';
import { isSamePolicy, joiningOf, joiningOptions, policyOf } from '../src/text/group-choices';
import { preview } from '../src/text/preview';
import { date } from '../src/text/time';

const who = (name: string) => ({ account: `account-of-${name}`, name });

function message(from: string, changes: GroupChange[]): Message {
  return {
    id: 'id',
    chat: 'group',
    position: 1,
    from: who(from),
    own: from === 'alice',
    body: { kind: 'group-changes', changes },
    at: 0,
    state: 'received',
    retention: { kind: 'keep' },
  };
}

const said = (from: string, ...changes: GroupChange[]) =>
  groupChanges(message(from, changes), changes, 'account-of-alice');

test('what changed is said in plain words, and who reads it is “you”', () => {
  expect(said('bob', { kind: 'added', who: who('alice') })).toEqual(['bob has added you.']);
  expect(said('alice', { kind: 'removed', who: who('bob') })).toEqual(['You have removed bob.']);
  expect(said('bob', { kind: 'joined', who: who('bob') })).toEqual(['bob has joined.']);
  expect(said('alice', { kind: 'joined', who: who('alice') })).toEqual(['You have joined.']);
  expect(said('bob', { kind: 'role', who: who('alice'), role: 'owner' })).toEqual(['bob has made you the owner.']);
  expect(said('bob', { kind: 'role', who: who('carol'), role: 'admin' })).toEqual(['bob has made carol an admin.']);
  expect(said('bob', { kind: 'refused' })).toEqual([
    'bob has made a change that others could not accept, and it was taken back.',
  ]);
  expect(said('bob', { kind: 'link-made' })).toEqual(['bob has made an invite link.']);
  expect(said('alice', { kind: 'link-revoked' })).toEqual(['You have revoked an invite link.']);
  expect(said('alice', { kind: 'rejoined' })).toEqual([
    'You have joined anew on a device that had lost track of the chat.',
  ]);
  expect(said('bob', { kind: 'listed', isListed: false })).toEqual([
    'bob has made the group private: nobody can find it.',
  ]);
  expect(said('bob', { kind: 'join-policy', joinPolicy: { kind: 'open' } })).toEqual([
    'bob has changed how people get in: anyone can join.',
  ]);
  expect(said('bob', { kind: 'retention', retention: { kind: 'for', seconds: 86_400 } })).toEqual([
    'bob has set that messages are deleted after 1 day.',
  ]);
  const since = new Date(2026, 10, 3).getTime();
  expect(said('bob', { kind: 'history', history: { since: { at: since } } })).toEqual([
    `bob has set that newcomers see what was said since ${date(since)}.`,
  ]);
  expect(said('alice', { kind: 'history', history: { since: { at: 0 } } })).toEqual([
    'You have set that newcomers see everything that was said.',
  ]);
  expect(said('alice', { kind: 'history', history: 'none' })).toEqual([
    'You have set that newcomers see nothing that was said before they came.',
  ]);
  expect(said('bob', { kind: 'unbanned', who: who('carol') })).toEqual(['bob has lifted the ban on carol.']);
  expect(said('alice', { kind: 'title', title: 'Rowing' })).toEqual(['You have renamed the group: “Rowing”.']);
});

test('who has left is said to have left, whoever noticed it first', () => {
  expect(said('bob', { kind: 'left', who: who('carol') })).toEqual(['carol has left.']);
  expect(said('bob', { kind: 'left', who: who('alice') })).toEqual(['You have left.']);
  expect(said('bob', { kind: 'left', who: who('carol') }, { kind: 'left', who: who('dan') })).toEqual([
    'carol and dan have left.',
  ]);
});

test('whom the same happened to is said in one breath, and many are counted', () => {
  const names = ['carol', 'dan', 'erin', 'frank', 'grace', 'heidi'];
  const added = (name: string): GroupChange => ({ kind: 'added', who: who(name) });
  expect(said('bob', ...names.slice(0, 3).map(added))).toEqual(['bob has added carol, dan, and erin.']);
  expect(said('bob', ...names.map(added))).toEqual(['bob has added carol, dan, erin, and 3 others.']);
  expect(said('bob', { kind: 'removed', who: who('dan') }, { kind: 'banned', who: who('dan') })).toEqual([
    'bob has removed dan.',
    'bob has banned dan.',
  ]);
});

test('a name that is not known yet is somebody', () => {
  expect(said('', { kind: 'added', who: who('') })).toEqual(['Somebody has added somebody.']);
});

test('the list of chats says what changed as well', () => {
  expect(preview(message('bob', [{ kind: 'added', who: who('alice') }]), 'account-of-alice')).toBe(
    'bob has added you.',
  );
});

test('every way of getting in has words', () => {
  const policies: [JoinPolicy, string][] = [
    [{ kind: 'invite', by: 'admins' }, 'admins add people'],
    [{ kind: 'invite', by: 'members' }, 'every member can add people'],
    [{ kind: 'approval', by: { kind: 'any-admin' } }, 'people ask, and an admin approves'],
    [{ kind: 'approval', by: { kind: 'any-member' } }, 'people ask, and a member approves'],
    [{ kind: 'approval', by: { kind: 'members', count: 3 } }, 'people ask, and 3 members approve'],
    [{ kind: 'open' }, 'anyone can join'],
  ];
  for (const [policy, words] of policies) expect(joining(policy)).toBe(words);
});

test('every way to get in that a group can have can be chosen, and is shown again as it was', () => {
  const policies: JoinPolicy[] = [
    { kind: 'invite', by: 'admins' },
    { kind: 'invite', by: 'members' },
    { kind: 'approval', by: { kind: 'any-admin' } },
    { kind: 'approval', by: { kind: 'any-member' } },
    { kind: 'approval', by: { kind: 'members', count: 7 } },
    { kind: 'open' },
  ];
  for (const policy of policies) {
    const again = policyOf(joiningOf(policy), approvalsNeeded(policy));
    expect(again).toEqual(policy);
    expect(policies.filter((other) => isSamePolicy(policy, other))).toEqual([policy]);
  }
  expect(
    joiningOptions()
      .map(({ value }) => value)
      .sort(),
  ).toEqual(policies.map(joiningOf).sort());
});

test('titles and descriptions are counted in bytes of UTF-8', () => {
  expect(titleProblem('  ')).toMatch(/Please give/);
  expect(titleProblem('é'.repeat(64))).toBeUndefined();
  expect(titleProblem('é'.repeat(65))).toMatch(/too long/);
  expect(descriptionProblem('é'.repeat(1024))).toBeUndefined();
  expect(descriptionProblem('é'.repeat(1025))).toMatch(/too long/);
});
