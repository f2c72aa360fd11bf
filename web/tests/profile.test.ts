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

test('what a profile says is written, and a refusal loses nothing that was typed', async () => {
  const client = new FakeClient().loggedInAs('alice');
  client.failures.set('updateProfile', problem('too-large'));
  open(client, '/settings/profile');
  type(await screen.findByLabelText('Display name'), ' Alice A. ');
  type(screen.getByLabelText('About you'), 'Rows.');
  screen.getByRole('switch', { name: /^Found by searches/ }).click();
  await press('Save');
  await screen.findByRole('alert');
  await press('Save');
  await waitFor(() => expect(client.ownProfile.about).toBe('Rows.'));
  const said = '{"displayName":"Alice A.","about":"Rows.","place":"","isListed":false}';
  expect(client.calls.filter((call) => call === `updateProfile ${said}`)).toHaveLength(2);
  expect(screen.getByLabelText('Display name')).toHaveProperty('value', ' Alice A. ');
});

test('where one is is told when one asks for it, and taken away again', async () => {
  isAt(48.137, 11.575);
  const client = new FakeClient().loggedInAs('alice');
  open(client, '/settings/profile');
  await press('Use where I am');
  await screen.findByText(/somewhere around/);
  expect(client.ownProfile.location).toEqual({ latitude: 48.137, longitude: 11.575 });
  const [taken] = await screen.findAllByRole('button', { name: 'Take it away' });
  taken?.click();
  await waitFor(() => expect(client.ownProfile.location).toBeUndefined());
});

test('people near are looked for when one asks, with how far away they are', async () => {
  isAt(48.1, 11.6);
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  client.nearby = [
    { account: 'account-of-bob', name: 'bob', displayName: 'Bob', identity: 'new', place: 'Munich', distanceKm: 20 },
  ];
  open(client, '/people');
  await press('Find people near you');
  const link = await screen.findByRole('link', { name: /Bob/ });
  expect(link.textContent).toMatch(/Munich.*about 20 km away/s);
  expect(client.calls).toContain('searchPeople near 48.1, 11.6');
});

test('a bot has a mark where people are found, and its profile says that it is one', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('bob').knows('bobot');
  client.profiles.set('bobot', { isBot: true });
  const list = open(client, '/people');
  type(await screen.findByRole('searchbox', { name: 'Search people by name' }), 'bob');
  const found = within(await screen.findByRole('list', { name: 'People found' })).getAllByRole('link');
  expect(found.map((link) => within(link).queryByText('Bot') !== null)).toEqual([false, true]);
  list.unmount();
  open(client, '/people/bobot');
  await screen.findByText('A bot: a program speaks for this account, and no person.');
});

test('a browser that does not say where it is loses nothing', async () => {
  const getCurrentPosition = (_: unknown, failed: (error: unknown) => void) => failed(new Error());
  Object.defineProperty(navigator, 'geolocation', { value: { getCurrentPosition }, configurable: true });
  open(new FakeClient().loggedInAs('alice'), '/people');
  await press('Find people near you');
  await screen.findByText('The browser did not say where you are.');
});

test('what somebody says of themselves is read on a page, from where one writes to them, blocks or reports them', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  client.profiles.set('bob', {
    about: 'Mends boats.',
    place: 'Lindau',
    location: { latitude: 47.5, longitude: 9.7 },
    cover: 'cover-of-bob',
    createdAt: 0,
  });
  open(client, '/people/bob');
  await screen.findByRole('heading', { level: 1, name: /bob/i });
  await screen.findByText('Mends boats.');
  screen.getByText('Lindau');
  screen.getByText(/around .*47\.5°.*9\.7°/);
  expect(document.querySelector('img[src="/v1/picture/cover-of-bob"]')).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Write a message' }).getAttribute('href')).toBe('/dm/bob');
  await press(/^Block .*bob/i);
  await screen.findByText(/^You block/);
  expect(screen.queryByRole('link', { name: 'Write a message' })).toBeNull();
  await press(/^Unblock .*bob/i);
  await press('Report…');
  await screen.findByRole('dialog', { name: /^Report .*bob/i });
});

test('nobody of that name is said, and one’s own page leads to where it is written', async () => {
  const client = new FakeClient().loggedInAs('alice');
  const first = open(client, '/people/nobody');
  await screen.findByRole('alert');
  first.unmount();
  open(client, '/people/alice');
  expect((await screen.findByRole('link', { name: 'Edit your profile' })).getAttribute('href')).toBe(
    '/settings/profile',
  );
});
