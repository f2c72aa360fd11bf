import type { GrantedHistory } from '@sotto/client';
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import {
  given,
  grantedOptions,
  grantedWarnings,
  grantedDay,
  grantedOf,
  historyOf,
  tellerName,
} from '../src/text/granted-history';
import { dayOf } from '../src/text/search-address';
import { clockTime, date } from '../src/text/time';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';
import type { FakeGroupOptions } from './fake-group';

const DAY = 86_400_000;
const THIRD = new Date(2026, 10, 3).getTime();
const NOON = new Date(2026, 10, 20, 12).getTime();
const EVERYTHING: GrantedHistory = { since: { at: 0 } };

/** Alice, in a group with ada and bob. */
function inGroup(options: FakeGroupOptions = {}): FakeClient {
  return new FakeClient()
    .loggedInAs('alice')
    .knows('ada')
    .knows('bob')
    .hasGroup('rowing', { title: 'Rowing', roles: { ada: 'owner', bob: 'member', alice: 'admin' }, ...options });
}

const click = async (name: string | RegExp) => (await screen.findByRole('button', { name })).click();
const dialog = async () => within(await screen.findByRole('dialog', { name: 'What newcomers see' }));
const isClosed = () => waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
const changes = (client: FakeClient) => client.calls.filter((call) => call.startsWith('setGroup'));

async function asks(client: FakeClient) {
  open(client, '/group/rowing/about');
  await click('Newcomers…');
  const asked = await dialog();
  const choose = (name: string) => asked.getByRole('radio', { name }).click();
  const save = () => asked.getByRole('button', { name: 'Save' }).click();
  const day = () => asked.findByLabelText<HTMLInputElement>('From');
  return { asked, choose, save, day };
}

/** What the chat shows, the dividers around each message with it. */
function shown(): string[] {
  return [...document.querySelectorAll<HTMLElement>('article')].flatMap((article) =>
    [...article.querySelectorAll('.told, .text, .notice')].map((part) => part.textContent.replace(/\s+/g, ' ').trim()),
  );
}

const shows = (...parts: string[]) => waitFor(() => expect(shown()).toEqual(parts));

test('what newcomers see is said in plain words', () => {
  expect(given('none')).toBe('nothing that was said before they came');
  expect(given(EVERYTHING)).toBe('everything that was said');
  expect(given({ since: { at: THIRD } })).toBe(`what was said since ${date(THIRD)}`);
});

test('a moment that begins no day here is said with its time', () => {
  const at = THIRD + 7 * 3_600_000;
  expect(given({ since: { at } })).toBe(`what was said since ${date(at)} at ${clockTime(at)}`);
});

test('every choice is shown again as it was, and a day begins at midnight where it is chosen', () => {
  for (const { value } of grantedOptions()) {
    const history = historyOf(value, '2026-11-03', NOON);
    if (history === undefined) throw new Error(`${value} can be chosen`);
    expect(grantedOf(history)).toBe(value);
  }
  expect(historyOf('since', '2026-11-03', NOON)).toEqual({ since: { at: THIRD } });
  expect(grantedDay({ since: { at: THIRD } })).toBe('2026-11-03');
  expect(grantedDay(EVERYTHING)).toBe('');
  expect(grantedDay('none')).toBe('');
});

test('no day is one that is not chosen, has not begun, or is before what a time can say', () => {
  expect(historyOf('since', '2026-11-20', NOON)).toBeDefined();
  for (const day of ['', '2026-11-21', '3026-01-01', '1969-12-31', '0020-11-03', 'a day'])
    expect(historyOf('since', day, NOON)).toBeUndefined();
});

test('who tells is named, also before the name is known', () => {
  expect(tellerName({ account: 'a', name: 'ada' }, 'b')).toBe('ada');
  expect(tellerName({ account: 'a', name: '' }, 'b')).toBe('a member');
  expect(tellerName({ account: 'a', name: 'ada' }, 'a')).toBe('you');
});

test('the page of a group says what newcomers see, also to members who cannot change it', async () => {
  open(inGroup({ roles: { ada: 'owner', alice: 'member' }, history: EVERYTHING }), '/group/rowing/about');
  await screen.findByText('Newcomers see');
  screen.getByText('Everything that was said');
  expect(screen.queryByRole('button', { name: 'Newcomers…' })).toBeNull();
});

test('the office holders of a group let newcomers see everything, and are told what that means', async () => {
  const client = inGroup();
  const { asked, choose, save } = await asks(client);
  screen.getByText('Nothing that was said before they came');
  expect(asked.getByRole<HTMLInputElement>('radio', { name: 'Nothing' }).checked).toBe(true);
  for (const warning of grantedWarnings()) asked.getByText(warning);
  choose('Everything');
  save();
  await screen.findByText('Everything that was said');
  await isClosed();
  expect(changes(client)).toEqual(['setGroup {"history":{"since":{"at":0}}}']);
});

test('newcomers are given what was said from a day on, which has to have begun', async () => {
  const client = inGroup();
  const { asked, choose, save, day } = await asks(client);
  choose('From a date');
  const field = await day();
  expect(field.max).toBe(dayOf(Date.now()));
  save();
  await asked.findByText('Please choose today or a day before.');
  await waitFor(() => expect(document.activeElement).toBe(field));
  type(field, dayOf(Date.now() + 2 * DAY));
  save();
  await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
  expect(changes(client)).toEqual([]);
  type(field, '2026-01-03');
  await waitFor(() => expect(field.getAttribute('aria-invalid')).toBeNull());
  save();
  const at = new Date(2026, 0, 3).getTime();
  await screen.findByText(`What was said since ${date(at)}`);
  expect(changes(client)).toEqual([`setGroup {"history":{"since":{"at":${at}}}}`]);
});

test('what newcomers see is taken back to nothing', async () => {
  const client = inGroup({ history: EVERYTHING });
  const { choose, save } = await asks(client);
  choose('Nothing');
  save();
  await screen.findByText('Nothing that was said before they came');
  expect(changes(client)).toEqual(['setGroup {"history":"none"}']);
});

test('a moment that was set elsewhere stays as it is unless another day is chosen', async () => {
  const client = inGroup({ history: { since: { at: THIRD + 7 * 3_600_000 } } });
  const { choose, save, day } = await asks(client);
  expect((await day()).value).toBe('2026-11-03');
  choose('Everything');
  choose('From a date');
  save();
  await isClosed();
  expect(changes(client)).toEqual([]);
});

test('what newcomers see could not be changed: that is said, and what was chosen stays', async () => {
  const client = inGroup();
  const { asked, choose, save } = await asks(client);
  client.failures.set('setGroup', problem('unreachable'));
  choose('Everything');
  save();
  await asked.findByRole('alert');
  expect(asked.getByRole<HTMLInputElement>('radio', { name: 'Everything' }).checked).toBe(true);
});

test('the chat says what was told by whom, that nobody can check it, and where one came', async () => {
  const client = inGroup();
  const [ada, bob] = [client.accountOf('ada'), client.accountOf('bob')];
  client.saidIn('rowing', 'bob', 'one', { toldBy: ada });
  client.saidIn('rowing', 'ada', 'two', { toldBy: ada });
  client.saidIn('rowing', 'ada', 'three', { toldBy: bob });
  client.changed('rowing', 'ada', [{ kind: 'added', who: client.accountOf('alice') }]);
  client.saidIn('rowing', 'ada', 'welcome');
  open(client, '/group/rowing');
  await shows(
    'Told by ada. Nobody can check that it was said so.',
    'one',
    'two',
    'Told by bob. Nobody can check that it was said so.',
    'three',
    'You came into the group here',
    'ada has added you.',
    'welcome',
  );
  const labels = screen.getAllByRole('article').map((article) => article.getAttribute('aria-label') ?? '');
  const tellers = labels.map((label) => / told by (.*)$/.exec(label)?.[1]);
  expect(tellers).toEqual(['ada', 'ada', 'bob', undefined, undefined]);
});

test('where everybody was there all the time nothing is said of who told it', async () => {
  const client = inGroup();
  client.saidIn('rowing', 'bob', 'one');
  open(client, '/group/rowing');
  await shows('one');
});

test('history that is told while the chat is open gets its dividers, and is not spoken', async () => {
  const client = inGroup();
  client.saidIn('rowing', 'ada', 'welcome', { position: 10 });
  client.seenIn('rowing');
  open(client, '/group/rowing');
  await shows('welcome');
  const ago = { position: 4, at: Date.now() - 5 * DAY };
  client.saidIn('rowing', 'bob', 'just now', { position: 11 });
  // What is spoken last would take the place of what was spoken before.
  client.saidIn('rowing', 'bob', 'long ago', { ...ago, toldBy: client.accountOf('ada') });
  await shows(
    'Told by ada. Nobody can check that it was said so.',
    'long ago',
    'You came into the group here',
    'welcome',
    'just now',
  );
  const spoken = () => screen.getAllByRole('status').map((status) => status.textContent);
  await waitFor(() => expect(spoken()).toContain('bob: just now'));
  expect(spoken().join()).not.toContain('long ago');
});

test('a newcomer’s chat opens at what was said since, however much was told of before', async () => {
  const client = inGroup();
  const toldBy = client.accountOf('ada');
  for (let index = 1; index <= 300; index += 1) client.saidIn('rowing', 'bob', `number ${index}`, { toldBy });
  client.saidIn('rowing', 'ada', 'welcome');
  client.saidIn('rowing', 'bob', 'hello');
  open(client, '/group/rowing');
  const divider = await screen.findByText('New messages');
  expect(divider.closest('article')?.querySelector('.text')?.textContent).toBe('welcome');
  expect(shown().slice(-2)).toEqual(['welcome', 'hello']);
});

test('a message that was told says so where it is found', async () => {
  const client = inGroup();
  client.saidIn('rowing', 'bob', 'the jetty at seven', { toldBy: client.accountOf('ada') });
  open(client, '/search?q=jetty');
  await screen.findByRole('link', { name: /bob in Rowing, told by ada/ });
});
