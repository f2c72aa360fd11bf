import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { Message } from '@sotto/client';
import { open } from './app';
import { FakeClient, problem } from './fake-client';

function alice(): FakeClient {
  return new FakeClient()
    .loggedInAs('alice')
    .knows('bob', { displayName: 'Bob B.' })
    .hasGroup('rowing', { title: 'Rowing', roles: { alice: 'member', bob: 'owner' } });
}

const row = (message: Message) =>
  waitFor(() => {
    const found = document.querySelector<HTMLElement>(`[data-message="${message.id}"]`);
    if (!found) throw new Error('it is not shown');
    return found;
  });

async function chooses(message: Message, item: string): Promise<void> {
  within(await row(message))
    .getByRole('button', { name: 'More about this message' })
    .click();
  (await screen.findByRole('menuitem', { name: item })).click();
}

const list = async () => within(await screen.findByRole('list', { name: 'Starred messages' }));

test('a message is starred in its menu, shows it, and the star is taken off there', async () => {
  const client = alice();
  const said = client.said('bob', 'the address');
  open(client, '/dm/bob');
  await chooses(said, 'Star');
  await within(await row(said)).findByText('Starred', { selector: '.visually-hidden' });
  expect(client.calls).toContain(`star ${said.id} true`);
  await chooses(said, 'Remove the star');
  await waitFor(async () => expect(within(await row(said)).queryByText('Starred')).toBeNull());
});

test('what another device has starred shows it', async () => {
  const client = alice();
  const said = client.said('bob', 'the address');
  open(client, '/dm/bob');
  await row(said);
  client.stars(said);
  await within(await row(said)).findByText('Starred', { selector: '.visually-hidden' });
});

test('a star too many says what to do', async () => {
  const client = alice();
  const said = client.said('bob', 'the address');
  client.failures.set('star', problem('too-many-stars'));
  open(client, '/dm/bob');
  await chooses(said, 'Star');
  await screen.findByText(/As many messages are starred as can be/);
});

test('the starred messages are listed, the latest first, with links that lead to them', async () => {
  const client = alice();
  const first = client.said('bob', 'the *address*');
  const second = client.saidIn('rowing', 'bob', 'at 7');
  for (let index = 0; index < 300; index += 1) client.said('bob', `number ${index}`);
  client.seen('bob');
  client.stars(first);
  client.stars(second);
  open(client, '/starred');
  const links = (await list()).getAllByRole('link');
  expect(links.map((link) => link.textContent)).toEqual([
    expect.stringMatching(/bob\s*in Rowing.*at 7/s),
    expect.stringMatching(/Bob B\..*the address/s),
  ]);
  expect(links.map((link) => link.getAttribute('href'))).toEqual([
    `/group/rowing?message=${second.id}`,
    `/dm/bob?message=${first.id}`,
  ]);
  links[1]?.click();
  await waitFor(async () => expect(document.activeElement).toBe(await row(first)));
});

test('a star that is taken off the list, here or elsewhere, takes its message off it', async () => {
  const client = alice();
  const said = ['one', 'two'].map((text) => client.said('bob', text));
  for (const message of said) client.stars(message);
  open(client, '/starred');
  (await list()).getAllByRole('button', { name: 'Remove the star' })[0]?.click();
  await waitFor(async () => expect((await list()).getAllByRole('link')).toHaveLength(1));
  client.stars(said[0] as Message, false);
  await screen.findByText(/Nothing is starred/);
});

test('more than a page of starred messages is read on demand', async () => {
  const client = alice();
  for (let index = 1; index <= 60; index += 1) client.stars(client.said('bob', `number ${index}`));
  open(client, '/starred');
  await waitFor(async () => expect((await list()).getAllByRole('link')).toHaveLength(50));
  screen.getByRole('button', { name: 'Show more' }).click();
  await waitFor(async () => expect((await list()).getAllByRole('link')).toHaveLength(60));
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});
