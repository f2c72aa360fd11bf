import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open } from './app';
import { FakeClient } from './fake-client';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob', { displayName: 'Bob B.' });
}

test('history that is on its way says how much of it is here, and nothing when it is', async () => {
  const client = alice();
  client.said('bob', 'the newest');
  open(client, '/');
  client.restores({ done: 0, of: 8 });
  const bar = await screen.findByRole<HTMLProgressElement>('progressbar', { name: /Reading your earlier messages/ });
  client.restores({ done: 6, of: 8 });
  await waitFor(() => expect(bar.value).toBe(75));
  client.restores(undefined);
  await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
});

test('earlier messages appear in the chat that is open', async () => {
  const client = alice();
  const { chat } = client.said('bob', 'the newest', { position: 10 });
  open(client, '/dm/bob');
  await screen.findByText('the newest');
  client.silently(() => client.said('bob', 'what was said before', { position: 4 }));
  expect(screen.queryByText('what was said before')).toBeNull();
  client.brings(chat);
  await screen.findByText('what was said before');
});

test('an archive that is not as it should be is named until somebody has seen it', async () => {
  const client = alice();
  const { chat } = client.said('bob', 'hello');
  open(client, '/');
  client.finds({ chat, fault: 'rolled-back' });
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toMatch(/Bob B\.: The server shows an older history/);
  screen.getByRole('button', { name: 'I have seen it' }).click();
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  expect(client.calls).toContain('acknowledgeArchiveFaults');
});
