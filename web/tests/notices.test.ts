import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open } from './app';
import { FakeClient } from './fake-client';

function alice(): FakeClient {
  return new FakeClient()
    .loggedInAs('alice')
    .knows('bob')
    .knows('carol')
    .hasGroup('rowing', { title: 'Rowing', roles: { alice: 'member', bob: 'owner' } });
}

const list = async () => within(await screen.findByRole('list', { name: 'Notifications' }));
const rows = async () => (await list()).getAllByRole('listitem');
const words = async () => (await rows()).map((row) => row.textContent?.replace(/\s+/g, ' ').trim());
const links = async () => (await list()).getAllByRole('link').map((link) => link.getAttribute('href'));
const bell = (name: string | RegExp) => screen.findByRole('link', { name });

/** One of every kind, the latest last. */
function eventful() {
  const client = alice();
  const own = client.saidIn('rowing', 'alice', 'I bring the *thermos*');
  const answer = client.saidIn('rowing', 'bob', 'and I the cups');
  const named = client.said('bob', '@alice look', { mentionsOwn: true });
  client.seen('bob').seenIn('rowing');
  const request = client.requested('carol');
  const at = (minute: number) => ({ at: Date.UTC(2024, 0, 1, 12, minute) });
  client.happens({ kind: 'mention', message: named }, at(1));
  client.happens({ kind: 'reply', message: answer }, at(2));
  client.happens({ kind: 'reaction', message: own, by: client.accountOf('bob'), emoji: '🎉' }, at(3));
  client.happens({ kind: 'added', chat: 'rowing', by: client.accountOf('bob') }, at(4));
  client.happens({ kind: 'request', chat: request, by: client.accountOf('carol') }, at(5));
  client.happens({ kind: 'device', device: 'd', name: 'Firefox on Linux' }, at(6));
  return { client, own, answer, named };
}

test('each notice says who, what, where and when, and leads there', async () => {
  const { client, own, answer, named } = eventful();
  client.happens({ kind: 'community', community: 'choir' }, { at: Date.UTC(2024, 0, 1, 12, 7) });
  open(client, '/notifications');
  await waitFor(async () => expect(await rows()).toHaveLength(7));
  expect(await words()).toEqual([
    expect.stringMatching(/A community was founded near you.*your profile says/),
    expect.stringMatching(/A new device has logged in to your account.*Firefox on Linux.*remove it/),
    expect.stringMatching(/carol wants to write to you/),
    expect.stringMatching(/bob put you into a group:.*Rowing/),
    expect.stringMatching(/bob reacted with 🎉 to your message in Rowing.*I bring the thermos/),
    expect.stringMatching(/bob answered you in Rowing.*and I the cups/),
    expect.stringMatching(/bob named you.*@alice look/),
  ]);
  expect(await links()).toEqual([
    '/community/choir',
    '/settings/devices',
    '/dm/carol',
    '/group/rowing',
    `/group/rowing?message=${own.id}`,
    `/group/rowing?message=${answer.id}`,
    `/dm/bob?message=${named.id}`,
  ]);
});

test('the bell counts new ones, and whoever looks at them has seen them, here and everywhere', async () => {
  const { client } = eventful();
  open(client, '/settings');
  (await bell(/^Notifications\s?, 6 new$/)).click();
  await waitFor(() => expect(client.calls).toContain('markNoticesSeen'));
  await screen.findByRole('link', { name: 'Notifications', current: 'page' });
  // They stay marked for whoever looks.
  expect((await words()).every((text) => text?.includes('New: '))).toBe(true);
  client.happens({ kind: 'added', chat: 'rowing' });
  await waitFor(async () => expect((await words())[0]).toMatch(/New: You were put into a group:/));
  await bell('Notifications');
});

test('what was looked at in another tab is counted no more', async () => {
  const { client } = eventful();
  open(client, '/settings');
  await bell(/^Notifications\s?, 6 new$/);
  client.looksElsewhere();
  await bell('Notifications');
});

test('a message that is edited or goes changes the list', async () => {
  const { client, answer, named } = eventful();
  open(client, '/notifications');
  await waitFor(async () => expect(await rows()).toHaveLength(6));
  client.edits(answer, 'and I the mugs');
  await waitFor(async () => expect((await words())[4]).toMatch(/and I the mugs/));
  client.vanishes(named);
  await waitFor(async () => expect(await rows()).toHaveLength(5));
});

test('where nothing has happened it is said what comes here', async () => {
  open(alice(), '/notifications');
  await screen.findByText(/When somebody names you/);
});

test('more than a page is read on demand', async () => {
  const client = alice();
  for (let index = 0; index < 130; index += 1) client.happens({ kind: 'added', chat: 'rowing' }, { isNew: false });
  open(client, '/notifications');
  await waitFor(async () => expect(await rows()).toHaveLength(100));
  screen.getByRole('button', { name: 'Show more' }).click();
  await waitFor(async () => expect(await rows()).toHaveLength(130));
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});

test('a notification of a chat that is known by its id alone opens the chat at the message', async () => {
  const client = alice();
  const said = client.said('bob', 'hello');
  open(client, `/open/${said.chat}?message=${said.id}`);
  await waitFor(() => expect(location.pathname + location.search).toBe(`/dm/bob?message=${said.id}`));
});

test('one of a chat that is gone leads to the list of chats', async () => {
  open(alice(), '/open/gone?message=m');
  await waitFor(() => expect(location.pathname).toBe('/'));
});
