import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';

async function press(name: string | RegExp): Promise<void> {
  (await screen.findByRole('button', { name })).click();
}

async function opens(item: string): Promise<HTMLElement> {
  (await screen.findByRole('menuitem', { name: item })).click();
  return screen.findByRole('dialog');
}

test('a message of somebody else is reported with a reason and words of one’s own', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  const message = client.said('bob', 'I know where you live');
  open(client, '/dm/bob');
  await press('More about this message');
  const dialog = await opens('Report…');
  within(dialog).getByLabelText('Harassment or threats').click();
  type(within(dialog).getByLabelText('What should they know?'), ' He means it. ');
  within(dialog).getByRole('button', { name: 'Report' }).click();
  await screen.findByText('Reported. Those who look after this server will look at it.');
  expect(client.calls).toContain(`reportMessage ${message.chat} ${message.id} harassment He means it.`);
  await press('Done');
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('whoever reports is told that the server could not check it, or why nothing was reported', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  client.said('bob', 'hello');
  client.canProve = false;
  client.failures.set('reportMessage', problem('already-reported'));
  open(client, '/dm/bob');
  await press('More about this message');
  const dialog = await opens('Report…');
  within(dialog).getByRole('button', { name: 'Report' }).click();
  await screen.findByText('You have reported this already.');
  within(dialog).getByRole('button', { name: 'Report' }).click();
  await screen.findByText(/could not check that the message says this/);
});

test('a fleeting message is reported by the word of who has seen it', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  client.said('bob', 'hello');
  open(client, '/dm/bob');
  await screen.findByRole('button', { name: 'More about this message' });
  const { chat, id } = client.said('bob', 'boo', { retention: { kind: 'never' } });
  await screen.findByText('boo');
  (await screen.findAllByRole('button', { name: 'More about this message' })).at(-1)?.click();
  const dialog = await opens('Report…');
  within(dialog).getByRole('button', { name: 'Report' }).click();
  await screen.findByText(/could not check/);
  expect(client.calls).toContain(`reportUnproven ${chat} ${id} account-of-bob boo spam `);
});

test('a person is reported from the menu of the chat', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  client.said('bob', 'hello');
  open(client, '/dm/bob');
  await press('More about this chat');
  const dialog = await opens('Report…');
  within(dialog).getByRole('heading', { name: /Report .*bob/ });
  within(dialog).getByRole('button', { name: 'Report' }).click();
  await screen.findByText('Reported. Those who look after this server will look at it.');
  expect(client.calls).toContain('reportPerson account-of-bob spam ');
});
