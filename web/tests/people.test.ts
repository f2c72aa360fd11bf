import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';

const field = () => screen.findByRole('searchbox', { name: 'Search people by name' });

test('typing searches once one pauses, and leaves oneself out', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('alice').knows('alina').knows('bob');
  open(client, '/people');
  const search = await field();
  type(search, 'a');
  type(search, 'al');
  type(search, 'ali');
  await screen.findByText('1 person found');
  expect(client.calls.filter((call) => call.startsWith('searchPeople'))).toEqual(['searchPeople ali']);
  const found = within(screen.getByRole('list', { name: 'People found' }));
  expect(found.getAllByRole('link').map((link) => link.getAttribute('href'))).toEqual(['/dm/alina']);
});

test('more can be shown than one page', async () => {
  const client = new FakeClient().loggedInAs('alice');
  for (let index = 10; index < 35; index += 1) client.knows(`reader${index}`);
  open(client, '/people');
  type(await field(), 'reader');
  (await screen.findByRole('button', { name: 'Show more' })).click();
  await screen.findByText('25 people found');
});

test('nobody found, and a failed search, are said', async () => {
  const client = new FakeClient().loggedInAs('alice');
  open(client, '/people');
  type(await field(), 'zzz');
  await screen.findByText('Nobody found for “zzz”.');
  client.failures.set('searchPeople', problem('rate-limited'));
  type(await field(), 'zzzz');
  await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/a little fast/));
});
