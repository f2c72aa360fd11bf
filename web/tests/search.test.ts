import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { routeOf } from '../src/router.svelte';
import { excerpt } from '../src/text/excerpt';
import { drawing } from '../src/state/favicon';
import { dayStart, parseSearch, searchPath, searchQuery } from '../src/text/search-address';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';

function alice(): FakeClient {
  const client = new FakeClient()
    .loggedInAs('alice')
    .knows('bob')
    .knows('carol')
    .hasGroup('rowing', { title: 'Rowing', roles: { alice: 'member', bob: 'owner', carol: 'member' } });
  client.said('bob', 'the lake is cold');
  client.said('carol', 'a LAKE in Finland, and https://lake.example');
  client.saidIn('rowing', 'carol', 'to the lake on Sunday');
  client.said('bob', 'nothing of that', { own: true });
  return client;
}

const field = () => screen.findByRole('searchbox', { name: 'Search messages' });
const found = async () => within(await screen.findByRole('list', { name: 'Messages found' })).getAllByRole('link');

async function choose(label: string, value: string): Promise<void> {
  const control = (await screen.findByLabelText(label)) as HTMLSelectElement;
  await waitFor(() => expect([...control.options].some((option) => option.value === value)).toBe(true));
  control.value = value;
  control.dispatchEvent(new Event('change', { bubbles: true }));
}

const latestQuery = (client: FakeClient) =>
  JSON.parse(client.calls.findLast((call) => call.startsWith('search {'))?.slice('search '.length) ?? 'null');

test('typing searches when one pauses, what matched is marked, and the address says what is sought', async () => {
  const client = alice();
  open(client, '/search');
  type(await field(), 'lake');
  await screen.findByText('3 messages found');
  const marks = (await found()).map((link) => link.querySelector('mark')?.textContent);
  expect(marks.sort()).toEqual(['LAKE', 'lake', 'lake']);
  expect(location.search).toBe('?q=lake');
  expect(client.calls.filter((call) => call.startsWith('search '))).toHaveLength(1);
});

test('an address leads to its search, and what is found to the message in its chat', async () => {
  const client = alice();
  open(client, '/search?q=cold');
  const [link] = await found();
  expect(link?.textContent).toMatch(/the lake is cold/);
  link?.click();
  await waitFor(() => expect(document.activeElement?.textContent).toContain('the lake is cold'));
  expect(location.pathname).toBe('/dm/bob');
  history.back();
  await waitFor(() => expect(location.search).toBe('?q=cold'));
  await found();
});

test('a search is narrowed by chat, sender, kind and days', async () => {
  const client = alice();
  open(client, '/search?q=lake');
  await screen.findByText('3 messages found');
  await choose('Kind', 'link');
  await screen.findByText('1 message found');
  await choose('Kind', '');
  await choose('Chat', 'rowing');
  await screen.findByText('1 message found');
  await choose('From', 'account-of-bob');
  await screen.findByText('No message found.');
  await choose('From', 'account-of-carol');
  await screen.findByText('1 message found');
  expect(latestQuery(client)).toEqual({ text: 'lake', chat: 'rowing', from: 'account-of-carol' });
  type(await screen.findByLabelText('Since'), '2026-01-02');
  type(await screen.findByLabelText('Until'), '2026-01-02');
  await waitFor(() => expect(latestQuery(client).until - latestQuery(client).since).toBeGreaterThan(22 * 3_600_000));
  expect(location.search).toBe('?q=lake&chat=rowing&from=account-of-carol&since=2026-01-02&until=2026-01-02');
});

test('a filter alone is a search, and nothing at all is none', async () => {
  const client = alice();
  open(client, '/search');
  await screen.findByText(/the server cannot read your messages/);
  await choose('From', 'account-of-carol');
  await screen.findByText('2 messages found');
  await choose('From', '');
  await screen.findByText(/the server cannot read your messages/);
});

test('a chat’s menu leads to a search in it', async () => {
  const client = alice();
  open(client, '/group/rowing');
  (await screen.findByRole('button', { name: 'More about this chat' })).click();
  (await screen.findByRole('menuitem', { name: 'Search in this chat' })).click();
  await screen.findByRole('heading', { level: 1, name: 'Search in Rowing' });
  type(await field(), 'lake');
  await screen.findByText('1 message found');
  // On to all of them.
  (await screen.findByRole('link', { name: 'Search messages' })).click();
  await screen.findByRole('heading', { level: 1, name: 'Search' });
  expect(((await field()) as HTMLInputElement).value).toBe('');
});

test('more than a page is read on demand, and a search that fails says why', async () => {
  const client = alice();
  for (let index = 1; index <= 40; index += 1) client.said('bob', `pebble ${index}`);
  open(client, '/search?q=pebble');
  await screen.findByText('30 or more messages found');
  screen.getByRole('button', { name: 'Show more' }).click();
  await screen.findByText('40 messages found');
  client.failures.set('search', problem('store'));
  type(await field(), 'pebbles');
  await screen.findByText(/would not store this/);
});

test('a long history is looked through to its end before it is said that nothing was found', async () => {
  const client = alice();
  client.said('bob', 'The oldest has a pebble');
  const search = client.search.bind(client);
  const held: (() => void)[] = [];
  // Of what is read so far nothing fits.
  client.search = async (query, limit, before) => {
    if (before === undefined) return { found: [], next: 'further' };
    if (before === 'further') {
      await new Promise<void>((resolve) => held.push(resolve));
      return { found: [], next: 'and further' };
    }
    return search(query, limit);
  };
  open(client, '/search');
  type(await field(), 'pebble');
  await screen.findByText('Looking further back…');
  await waitFor(() => expect(held).toHaveLength(1));
  held[0]?.();
  await screen.findByText('1 message found');
  type(await field(), 'nothing of it');
  await waitFor(() => expect(held).toHaveLength(2));
  held[1]?.();
  await screen.findByText('No message found.');
});

test('an answer that was overtaken is not shown', async () => {
  const client = alice();
  const search = client.search.bind(client);
  const held: (() => void)[] = [];
  client.search = async (query, limit, before) => {
    if (query.text === 'lake') await new Promise<void>((resolve) => held.push(resolve));
    return search(query, limit, before);
  };
  open(client, '/search');
  type(await field(), 'lake');
  await waitFor(() => expect(held).toHaveLength(1));
  type(await field(), 'cold');
  await screen.findByText('1 message found');
  held[0]?.();
  await Promise.resolve();
  expect(await found()).toHaveLength(1);
});

test('what is sought is written into an address and read from it', () => {
  const sought = { text: 'a & b', chat: 'c', since: '2026-01-02', kind: 'link' } as const;
  expect(searchPath(sought)).toBe('/search?q=a+%26+b&chat=c&since=2026-01-02&kind=link');
  expect(parseSearch('q=a+%26+b&chat=c&since=2026-01-02&kind=link')).toEqual(sought);
  expect(parseSearch('?q=x&kind=constructor&since=tomorrow')).toEqual({ text: 'x' });
  expect(routeOf('/search', '?q=x')).toEqual({ page: 'search', sought: { text: 'x' } });
  expect(routeOf('/dm/bob', '?message=m')).toEqual({ page: 'direct-chat', name: 'bob', message: 'm' });
  expect(searchQuery({ text: '  ' })).toBeUndefined();
  const until = dayStart('2026-01-03');
  expect(searchQuery({ text: '', until: '2026-01-02' })).toEqual({ text: '', until });
});

test('of a long text the part with the first mark is shown, and no word is cut at its beginning', () => {
  const text = `${'before '.repeat(100)}needle ${'after '.repeat(100)}needle`;
  const start = text.indexOf('needle');
  const pieces = excerpt(text, [
    { start, end: start + 6 },
    { start: text.length - 6, end: text.length },
  ]);
  expect(pieces.filter(({ isMark }) => isMark)).toEqual([{ text: 'needle', isMark: true }]);
  expect(pieces[0]?.text).toBe('…');
  expect(pieces[1]?.text).toMatch(/^before/);
  expect(pieces.at(-1)?.text).toBe('…');
  const plain = [
    { text: 'a ', isMark: false },
    { text: 'b', isMark: true },
    { text: ' c', isMark: false },
  ];
  expect(excerpt('a b c', [{ start: 2, end: 3 }])).toEqual(plain);
});

test('the icon has room for two digits, and says that there are more', () => {
  expect(drawing(7)).toContain('>7</text>');
  expect(drawing(99)).toContain('>99</text>');
  expect(drawing(100)).toContain('>99+</text>');
});
