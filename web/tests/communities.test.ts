import type { Community, CommunityMember, CommunityRole } from '@sotto/client';
import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';

afterEach(() => {
  Reflect.deleteProperty(navigator, 'geolocation');
});

function isAt(latitude: number, longitude: number): void {
  const getCurrentPosition = (found: (at: unknown) => void) => found({ coords: { latitude, longitude } });
  Object.defineProperty(navigator, 'geolocation', { value: { getCurrentPosition }, configurable: true });
}

async function press(name: string | RegExp): Promise<void> {
  (await screen.findByRole('button', { name })).click();
}

function alice(): FakeClient {
  const client = new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
  client.own = { role: 'member', permissions: ['create-communities'] };
  return client;
}

/** A community of bob's. */
function has(client: FakeClient, title: string, more: Partial<Community> = {}): void {
  const community = title.toLowerCase();
  client.known.set(community, {
    community,
    title,
    topics: ['music'],
    place: '',
    description: '',
    founder: { account: 'account-of-bob', name: 'bob' },
    createdAt: Date.now(),
    members: 2,
    ...more,
  });
}

/** The community with alice in it as what she is, and others. */
function isIn(client: FakeClient, title: string, ownRole: CommunityRole, others: Record<string, CommunityRole>): void {
  const founder = ownRole === 'founder' ? 'alice' : 'bob';
  has(client, title, { ownRole, founder: { account: `account-of-${founder}`, name: founder } });
  const member = (name: string, role: CommunityRole): CommunityMember => {
    return { account: `account-of-${name}`, name, displayName: '', role, joinedAt: 1 };
  };
  client.communityMembersOf.set(
    title.toLowerCase(),
    Object.entries({ alice: ownRole, ...others }).map(([name, role]) => member(name, role)),
  );
}

async function manages(name: string): Promise<ReturnType<typeof within>> {
  await press(new RegExp(`^About .*${name}`));
  return within(await screen.findByRole('dialog'));
}

test('communities are led to from the groups, one’s own first, and sought by words, by topic and by how near they are', async () => {
  isAt(48.1, 11.6);
  const client = alice();
  has(client, 'Choir', { place: 'Lindau', ownRole: 'moderator' });
  has(client, 'Painters', { topics: ['art'] });
  open(client, '/groups');
  (await screen.findByRole('link', { name: 'Communities' })).click();
  const own = within(await screen.findByRole('list', { name: 'Your communities' }));
  const link = own.getByRole('link', { name: /Choir/ });
  expect(link.getAttribute('href')).toBe('/community/choir');
  expect(link.textContent).toMatch(/Lindau · Music · 2 members · You: .*Moderator/s);
  within(await screen.findByRole('list', { name: 'Other communities' })).getByRole('link', { name: /Painters/ });

  type(screen.getByLabelText('Search communities'), 'cho');
  const found = within(await screen.findByRole('list', { name: 'Communities found' }));
  found.getByRole('link', { name: /Choir/ });
  await screen.findByText('1 community found');
  expect(found.queryByRole('link', { name: /Painters/ })).toBeNull();

  type(screen.getByLabelText('Search communities'), '');
  const topic = screen.getByLabelText<HTMLSelectElement>('About');
  expect([...topic.options].map(({ label }) => label)).toEqual(['Anything', 'Music', 'Art']);
  topic.value = 'art';
  topic.dispatchEvent(new Event('change', { bubbles: true }));
  await within(await screen.findByRole('list', { name: 'Communities found' })).findByRole('link', { name: /Painters/ });

  await press('Near me');
  await waitFor(() =>
    expect(client.sought.at(-1)).toEqual({ topic: 'art', near: { latitude: 48.1, longitude: 11.6 }, withinKm: 50 }),
  );
  expect(screen.getByRole('button', { name: 'Near me' }).getAttribute('aria-pressed')).toBe('true');
  await press('Near me');
  await waitFor(() => expect(client.sought.at(-1)).toEqual({ topic: 'art' }));
});

test('what was founded near somebody is told when they ask, and a browser that does not say where it is loses nothing', async () => {
  const client = alice();
  has(client, 'Choir');
  const first = open(client, '/communities');
  const refuses = (_: unknown, failed: (error: unknown) => void) => failed(new Error());
  Object.defineProperty(navigator, 'geolocation', { value: { getCurrentPosition: refuses }, configurable: true });
  await press('Look for new ones near you');
  await screen.findByText('The browser did not say where you are.');
  first.unmount();
  isAt(48.1, 11.6);
  open(client, '/communities');
  await press('Look for new ones near you');
  const found = within(await screen.findByRole('list', { name: 'New near you' }));
  expect(found.getByRole('link', { name: /Choir/ }).textContent).toMatch(/founded .*at /);
});

test('a community is founded where one may, once it has a title and a topic', async () => {
  isAt(48.1, 11.6);
  const client = alice();
  open(client, '/communities');
  await screen.findByText(/no community here yet/);
  (await screen.findByRole('link', { name: 'Found a community' })).click();
  await press('Found the community');
  await screen.findByText('Please choose at least one topic.');
  expect(document.activeElement).toBe(screen.getByLabelText('Title'));
  type(screen.getByLabelText('Title'), ' Choir ');
  type(screen.getByLabelText('Place'), 'Lindau');
  (await screen.findByLabelText('Music')).click();
  await press('Use where I am');
  await screen.findByText(/around .*48\.1°/);
  client.failures.set('foundCommunity', problem('too-many-communities'));
  await press('Found the community');
  await screen.findByText(/as many communities as you may/);
  await press('Found the community');
  await screen.findByRole('heading', { level: 1, name: 'Choir' });
  expect(client.known.get('community-1')).toMatchObject({
    topics: ['music'],
    place: 'Lindau',
    location: { latitude: 48.1, longitude: 11.6 },
  });
  expect(location.pathname).toBe('/community/community-1');
});

test('who may found none is not led there', async () => {
  const client = alice();
  client.own = { role: 'member', permissions: [] };
  open(client, '/communities');
  await screen.findByText(/no community here yet/);
  expect(screen.queryByRole('link', { name: 'Found a community' })).toBeNull();
});

test('a community is joined and left, and only who is in it sees who is', async () => {
  const client = alice();
  has(client, 'Choir', { description: 'We sing.', location: { latitude: 47.5, longitude: 9.7 } });
  client.communityMembersOf.set('choir', [
    { account: 'account-of-bob', name: 'bob', displayName: 'Bob', role: 'founder', joinedAt: 1 },
  ]);
  open(client, '/community/choir');
  await screen.findByText('We sing.');
  expect(screen.getByRole('link', { name: /bob/ }).getAttribute('href')).toBe('/people/bob');
  expect(client.calls).not.toContain('communityMembers choir');
  client.failures.set('joinCommunity', problem('community-banned'));
  await press('Join the community');
  await screen.findByText('You are banned from this community.');
  await press('Join the community');
  within(await screen.findByRole('list', { name: '3 members' })).getByText('Bob');
  await press('Leave the community');
  within(await screen.findByRole('dialog'))
    .getByRole('button', { name: 'Leave the community' })
    .click();
  await screen.findByRole('button', { name: 'Join the community' });
  expect(screen.queryByRole('list', { name: /members/ })).toBeNull();
});

test('a community of somebody else is reported', async () => {
  const client = alice();
  has(client, 'Choir');
  open(client, '/community/choir');
  await press('Report…');
  const dialog = within(await screen.findByRole('dialog', { name: /^Report .*Choir/ }));
  type(dialog.getByLabelText('What should they know?'), 'They do not sing.');
  dialog.getByRole('button', { name: 'Report' }).click();
  await screen.findByText(/^Reported/);
  expect(client.calls).toContain('reportCommunity choir spam They do not sing.');
});

test('a founder makes moderators, and is one when another is the founder', async () => {
  const client = alice();
  isIn(client, 'Choir', 'founder', { bob: 'member', carol: 'member' });
  open(client, '/community/choir');
  await screen.findByText(/make another member the founder/);
  expect(screen.queryByRole('button', { name: 'Leave the community' })).toBeNull();
  (await manages('bob')).getByRole('button', { name: 'Make a moderator' }).click();
  await screen.findByText('Moderator');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const dialog = await manages('carol');
  dialog.getByRole('button', { name: 'Make the founder…' }).click();
  await dialog.findByText(/You become a moderator/);
  client.failures.set('setCommunityRole', problem('not-in-community'));
  dialog.getByRole('button', { name: /^Make .*carol.* the founder/ }).click();
  await dialog.findByText('Join the community first.');
  isIn(client, 'Choir', 'moderator', { bob: 'moderator', carol: 'member' });
  dialog.getByRole('button', { name: /^Make .*carol.* the founder/ }).click();
  await screen.findByRole('button', { name: 'Leave the community' });
  expect(client.calls).toContain('setCommunityRole choir account-of-carol founder');
});

test('a moderator removes and bans those who are less, and lifts bans', async () => {
  const client = alice();
  isIn(client, 'Choir', 'moderator', { bob: 'founder', carol: 'member', dave: 'member' });
  open(client, '/community/choir');
  const founder = await manages('bob');
  expect(founder.queryByRole('button', { name: 'Remove…' })).toBeNull();
  expect(founder.queryByRole('button', { name: 'Make a plain member' })).toBeNull();
  founder.getByRole('button', { name: 'Close' }).click();
  const dave = await manages('dave');
  dave.getByRole('button', { name: 'Remove…' }).click();
  (await dave.findByRole('button', { name: /^Remove .*dave/ })).click();
  await waitFor(() => expect(screen.queryByText('dave')).toBeNull());
  const carol = await manages('carol');
  carol.getByRole('button', { name: 'Ban…' }).click();
  (await carol.findByRole('button', { name: /^Ban .*carol/ })).click();
  within(await screen.findByRole('list', { name: 'Banned' })).getByText('@carol');
  await press(/^Lift the ban .*carol/);
  await waitFor(() => expect(screen.queryByRole('list', { name: 'Banned' })).toBeNull());
});

test('members are read page by page, and whoever removes one stays where they are', async () => {
  const client = alice();
  const others = Array.from({ length: 59 }, (_, index) => [`member${index + 1}`, 'member' as const]);
  isIn(client, 'Choir', 'founder', Object.fromEntries(others));
  open(client, '/community/choir');
  await screen.findByText('member49');
  expect(screen.queryByText('member50')).toBeNull();
  await press('Show more');
  await screen.findByText('member59');
  const dialog = await manages('member58');
  dialog.getByRole('button', { name: 'Remove…' }).click();
  (await dialog.findByRole('button', { name: /^Remove .*member58/ })).click();
  await waitFor(() => expect(screen.queryByText('member58')).toBeNull());
  screen.getByText('member59');
  expect(document.activeElement).toBe(screen.getByRole('heading', { level: 2, name: '2 members' }));
});

test('what a community says is changed, and a topic that is offered no more stays until others are chosen', async () => {
  const client = alice();
  has(client, 'Choir', { ownRole: 'moderator', topics: ['music', 'whistling'] });
  open(client, '/community/choir');
  await press('Edit');
  const title = await screen.findByLabelText('Title');
  type(title, 'Big choir');
  client.failures.set('updateCommunity', problem('too-large'));
  await press('Save');
  await screen.findByRole('alert');
  await press('Save');
  await screen.findByRole('heading', { level: 1, name: 'Big choir' });
  expect(client.known.get('choir')?.topics).toEqual(['music', 'whistling']);
  await press('Edit');
  (await screen.findByLabelText('Art')).click();
  await press('Save');
  await screen.findByRole('button', { name: 'Edit' });
  expect(client.known.get('choir')?.topics).toEqual(['music', 'art']);
});

test('a picture and a cover are taken away', async () => {
  const client = alice();
  has(client, 'Choir', { ownRole: 'founder', picture: { large: 'large', small: 'small' }, cover: 'cover' });
  open(client, '/community/choir');
  await press('Edit');
  for (const label of ['Picture', 'Cover']) {
    within(await screen.findByRole('group', { name: label }))
      .getByRole('button', { name: 'Take it away' })
      .click();
  }
  await waitFor(() => expect(client.known.get('choir')).not.toHaveProperty('cover'));
  expect(client.known.get('choir')).not.toHaveProperty('picture');
});

test('a founder deletes a community, and who handles reports that of others, with a reason', async () => {
  const client = alice();
  isIn(client, 'Choir', 'founder', {});
  const first = open(client, '/community/choir');
  await press('Delete the community…');
  await press('Delete the community');
  await screen.findByText(/no community here yet/);
  first.unmount();
  has(client, 'Spam');
  client.own = { role: 'moderator', permissions: ['handle-reports'] };
  const second = open(client, '/community/spam');
  await press('Delete the community…');
  const dialog = within(await screen.findByRole('dialog'));
  type(dialog.getByLabelText('Reason'), 'Advertises.');
  dialog.getByRole('button', { name: 'Delete the community' }).click();
  await waitFor(() => expect(client.calls).toContain('deleteCommunityOfOthers spam Advertises.'));
  second.unmount();
  open(client, '/community/spam');
  await screen.findByRole('heading', { level: 1, name: 'No such community' });
});

test('a group of a community is made and found on its page, and says whom it is for', async () => {
  const client = alice();
  isIn(client, 'Choir', 'member', { bob: 'founder' });
  client.hasGroup('basses', { title: 'Basses', community: 'choir', isListed: true, isKnown: false, roles: {} });
  client.hasGroup('others', { title: 'Others', isListed: true, isKnown: false, roles: {} });
  open(client, '/community/choir');
  const groups = within(await screen.findByRole('list', { name: 'Groups' }));
  groups.getByText('Basses', { selector: '.name bdi' });
  groups.getByRole('button', { name: /^Ask to join/ });
  expect(groups.queryByText('Others', { selector: '.name bdi' })).toBeNull();

  screen.getByRole('link', { name: 'New group' }).click();
  await screen.findByRole('link', { name: 'Choir' });
  type(screen.getByLabelText('Title'), 'Sopranos');
  await press('Create the group');
  await screen.findByRole('textbox', { name: 'Message to Sopranos' });
  const made = client.calls.find((call) => call.startsWith('createGroup'));
  expect(made).toMatch(/"joinPolicy":\{"kind":"open"\},"isListed":true.*"community":"choir"/);
  screen.getByRole('link', { name: 'About this group' }).click();
  const community = await screen.findByRole('link', { name: 'Choir' });
  expect(community.getAttribute('href')).toBe('/community/choir');
});

test('whoever is in no community sees its groups, and that they are for its members', async () => {
  const client = alice();
  has(client, 'Choir');
  open(client, '/community/choir');
  await screen.findByText('No group of this community is listed yet.');
  expect(screen.queryByRole('link', { name: 'New group' })).toBeNull();
  client.hasGroup('basses', { title: 'Basses', community: 'choir', isListed: true, isKnown: false, roles: {} });
  await press('Join the community');
  await within(await screen.findByRole('list', { name: 'Groups' })).findByRole('button', { name: /^Ask to join/ });
  await press('Leave the community');
  within(await screen.findByRole('dialog'))
    .getByRole('button', { name: 'Leave the community' })
    .click();
  await screen.findByText('Join the community to come into its groups.');
  expect(screen.queryByRole('button', { name: /^Ask to join/ })).toBeNull();
});

test('a group whose community was deleted says so', async () => {
  const client = alice();
  client.hasGroup('basses', { title: 'Basses', community: 'choir', roles: { alice: 'owner' } });
  open(client, '/group/basses/about');
  await screen.findByText('The community that this group is of was deleted.');
});
