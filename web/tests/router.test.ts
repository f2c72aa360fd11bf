import { expect, test } from 'vitest';
import { chatPath, communityPath, directChatPath, groupAboutPath, groupPath, routeOf } from '../src/router.svelte';

test('readable addresses lead to their pages', () => {
  expect(routeOf('/')).toEqual({ page: 'home' });
  expect(routeOf('/people')).toEqual({ page: 'people' });
  expect(routeOf('/people/')).toEqual({ page: 'people' });
  expect(routeOf('/settings/delete-account')).toEqual({ page: 'delete-account' });
  expect(routeOf('/dm/alice')).toEqual({ page: 'direct-chat', name: 'alice' });
  expect(routeOf(directChatPath('a.b-c_d'))).toEqual({ page: 'direct-chat', name: 'a.b-c_d' });
});

test('groups and notes have addresses, and a group’s id keeps its capitals', () => {
  expect(routeOf('/groups')).toEqual({ page: 'groups' });
  expect(routeOf('/groups/new')).toEqual({ page: 'new-group' });
  expect(routeOf('/notes')).toEqual({ page: 'notes' });
  const group = 'aB-_0123456789aB-_0123';
  expect(routeOf(groupPath(group))).toEqual({ page: 'group-chat', group });
  expect(routeOf(groupAboutPath(group))).toEqual({ page: 'group-about', group });
});

test('communities have addresses, and an id keeps its capitals', () => {
  expect(routeOf('/communities')).toEqual({ page: 'communities' });
  expect(routeOf('/communities/new')).toEqual({ page: 'new-community' });
  const community = 'aB-_0123456789aB-_0123';
  expect(routeOf(communityPath(community))).toEqual({ page: 'community', community });
  expect(routeOf('/community')).toEqual({ page: 'not-found' });
});

test('every kind of chat has a page', () => {
  const counts = { unread: 0, readTo: 0, unreadMentions: 0, undecryptable: 0 };
  const summary = { chat: 'id', ...counts, isHalted: false, isArchived: false, retention: { kind: 'keep' } } as const;
  const bob = { account: 'b', name: 'bob', displayName: '', identity: 'known' } as const;
  expect(chatPath({ ...summary, kind: { kind: 'direct', with: bob } })).toBe('/dm/bob');
  expect(chatPath({ ...summary, kind: { kind: 'group', isMember: true, isBroadcast: false } })).toBe('/group/id');
  expect(chatPath({ ...summary, kind: { kind: 'notes' } })).toBe('/notes');
});

test('a name typed in capitals is the same name', () => {
  expect(routeOf('/dm/Alice')).toEqual({ page: 'direct-chat', name: 'alice' });
});

test('what leads nowhere says so', () => {
  for (const path of [
    '/nope',
    '/dm',
    '/dm/',
    '/dm/a/b',
    '/group',
    '/group/',
    '/group/a b',
    '/group/a/members',
    '/dm/%E0%A4%A',
    '/constructor',
    '/__proto__',
  ]) {
    expect(routeOf(path), path).toEqual({ page: 'not-found' });
  }
});
