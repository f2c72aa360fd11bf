import type { Community, CommunityRole } from '@sotto/client';
import type { FakeClient } from '../fake-client';

const DAY = 86_400_000;

/** Communities that alice looks after, is in, and is not in. */
export function addCommunities(client: FakeClient, now: number): void {
  client.own = { role: 'member', permissions: ['create-communities'] };
  client.topics = ['animals', 'books', 'food', 'home and garden', 'music', 'neighbourhood', 'sport', 'ボードゲーム'];
  const add = (community: string, founder: string, more: Partial<Community>): void => {
    client.known.set(community, {
      community,
      title: community,
      topics: ['music'],
      place: '',
      description: '',
      founder: client.accountOf(founder),
      createdAt: now - 40 * DAY,
      members: 1,
      ...more,
    });
  };
  add('choir', 'alice', {
    title: 'Choir of the lake',
    topics: ['music', 'neighbourhood'],
    place: 'Lindau',
    location: { latitude: 47.5, longitude: 9.7 },
    description:
      'We sing on Tuesdays, whatever the weather.\nWhoever can hold a note is welcome; whoever cannot learns it.',
    members: 1204,
    ownRole: 'founder',
  });
  add('allotments', 'bea', {
    title: 'Allotments behind the railway station and along the old canal',
    topics: ['home and garden', 'food', 'animals', 'neighbourhood', 'ボードゲーム'],
    place: 'Konstanz-Petershausen',
    description: 'Seeds, tools and too many courgettes.',
    members: 58,
    createdAt: now - 3 * DAY,
  });
  add('bread', 'noor', { title: 'خبز ونار', topics: ['food'], place: 'برلين', members: 12, ownRole: 'member' });
  client.hasGroup('basses', {
    title: 'Basses',
    description: 'Low notes, and where to park',
    community: 'choir',
    isListed: true,
    isKnown: false,
    joinPolicy: { kind: 'open' },
    roles: { bea: 'owner', dimitri: 'member' },
  });
  client.hasGroup('tea', { title: 'شاي بعد الغناء', community: 'choir', isListed: true, roles: { alice: 'owner' } });
  client.hasGroup('notes-of-the-choir', {
    title: 'What the choir has to know',
    description: 'Times, rooms and who brings the cake',
    community: 'choir',
    isListed: true,
    isBroadcast: true,
    joinPolicy: { kind: 'open' },
    roles: { bea: 'owner', alice: 'member', dimitri: 'member' },
  });
  client.broadcasts.set('choir', 'notes-of-the-choir');
  const join = (name: string, displayName: string, role: CommunityRole) => {
    return { account: `account-of-${name}`, name, displayName, role, joinedAt: now - DAY };
  };
  client.communityMembersOf.set('choir', [
    join('alice', '', 'founder'),
    join('bea', 'Bea Okafor', 'moderator'),
    join('dimitri', 'Δημήτρης', 'member'),
    join('noor', 'نور', 'member'),
  ]);
  client.communityMembersOf.set('bread', [join('noor', 'نور', 'founder'), join('alice', '', 'member')]);
  client.communityBansOf.set('choir', [{ account: 'account-of-carol', name: 'carol', bannedAt: now - 2 * DAY }]);
}
