import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { kept, keptOf, keptOptions, reachedWords, retentionOf, timeLeft, untilNext } from '../src/text/retention';
import { open, press, type } from './app';
import { FakeClient, problem } from './fake-client';

const HOUR = 3600;
const A_DAY = { kind: 'for', seconds: 24 * HOUR } as const;

function alice(): FakeClient {
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  client.said('bob', 'hi');
  return client;
}

const composer = () => screen.findByLabelText('Message to bob');
const shown = () => screen.queryAllByText(/./, { selector: '.text' }).map((element) => element.textContent);
const click = async (name: string | RegExp) => (await screen.findByRole('button', { name })).click();
const dialog = async () => within(await screen.findByRole('dialog', { name: 'How long messages are kept' }));
const group = async (name: string) => within((await dialog()).getByRole('group', { name }));

async function write(text: string): Promise<void> {
  const field = await composer();
  type(field, text);
  press(field, 'Enter');
}

afterEach(() => vi.useRealTimers());

test('how long messages are kept is said in the largest unit that fits', () => {
  expect(kept({ kind: 'keep' })).toBe('kept');
  expect(kept({ kind: 'for', seconds: 7 * 86_400 })).toBe('deleted after 7 days');
  expect(kept({ kind: 'for', seconds: 3600 })).toBe('deleted after 1 hour');
  expect(kept({ kind: 'for', seconds: 90 })).toBe('deleted after 90 seconds');
});

test('every choice is shown again as it was, and a time set elsewhere as another', () => {
  for (const { value } of keptOptions()) expect(keptOf(retentionOf(value))).toBe(value);
  expect(keptOf({ kind: 'for', seconds: 90 })).toBe('other');
});

test('the time left is rounded up, and counted anew just when it changes', () => {
  const left = [
    [1, '1 s'],
    [58_001, '59 s'],
    [60_001, '2 min'],
    [HOUR * 1000, '1 h'],
    [3 * 86_400_000, '3 d'],
  ] as const;
  for (const [milliseconds, words] of left) expect(timeLeft(milliseconds)).toBe(words);
  expect(untilNext(59_400)).toBe(400);
  expect(untilNext(150_000)).toBe(30_000);
});

test('whom a fleeting message has reached is said, also if that is nobody', () => {
  expect(reachedWords(0)).toBe('Nobody was there to see it');
  expect(reachedWords(1)).toBe('Reached 1 device');
  expect(reachedWords(3)).toBe('Reached 3 devices');
});

test('what is written can be fleeting, is plain to see as such, and says how many devices it has reached', async () => {
  open(alice(), '/dm/bob');
  await composer();
  await click('How long messages are kept');
  (await group('What you write here now')).getByRole('radio', { name: 'Fleeting' }).click();
  await click('Done');
  await screen.findByText(/What you write now is fleeting/);
  await write('between us');
  await waitFor(() => expect(shown()).toEqual(['hi', 'between us']));
  await screen.findByText('Reached 1 device');
  expect(screen.getByText('between us').closest('.bubble')?.classList.contains('fleeting')).toBe(true);
});

test('a message with a time counts down, and is gone when the client says so', async () => {
  const client = alice();
  const message = client.said('bob', 'for a moment', {
    retention: { kind: 'for', seconds: 90 },
    expiresAt: Date.now() + 45_000,
  });
  open(client, '/dm/bob');
  const left = await screen.findByTitle(/^Vanishes/);
  expect(left.textContent).toMatch(/Vanishes in \d+ s/);
  client.vanishes(message);
  await waitFor(() => expect(shown()).toEqual(['hi']));
});

test('what was over while this page heard nothing is not shown any more', async () => {
  const client = alice();
  const message = client.said('bob', 'for a moment', {
    retention: { kind: 'for', seconds: 1 },
    expiresAt: Date.now() + 1000,
  });
  open(client, '/dm/bob');
  await waitFor(() => expect(shown()).toEqual(['hi', 'for a moment']));
  vi.useFakeTimers({ toFake: ['Date'], now: message.at + 2000 });
  client.forgets(message);
  client.resets();
  await waitFor(() => expect(shown()).toEqual(['hi']));
});

test('either of two people sets how long the messages of their chat are kept', async () => {
  const client = alice();
  open(client, '/dm/bob');
  await composer();
  await click('How long messages are kept');
  (await group('All messages of this chat, from now on')).getByRole('radio', { name: 'Deleted after a day' }).click();
  client.failures.set('setRetention', problem('unreachable'));
  await click('Done');
  await (await dialog()).findByRole('alert');
  client.failures.clear();
  await click('Done');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await waitFor(async () => expect((await client.chats())[0]?.retention).toEqual(A_DAY));
  await write('for a day');
  await screen.findByTitle(/^Vanishes/);
});

test('the office holders of a group set how long its messages are kept, and it is made with that', async () => {
  const client = alice().hasGroup('rowing', { title: 'Rowing', roles: { alice: 'owner', bob: 'member' } });
  open(client, '/group/rowing/about');
  await screen.findByText('Kept');
  await click('Messages…');
  (await group('All messages of this chat, from now on')).getByRole('radio', { name: 'Fleeting' }).click();
  await click('Done');
  await screen.findByText(/^Fleeting: shown to whoever is there/);
  expect(client.calls).toContain('setGroup {"retention":{"kind":"never"}}');
});

test('in a group one chooses in its chat for oneself only', async () => {
  const client = alice().hasGroup('rowing', { title: 'Rowing', roles: { alice: 'member', bob: 'owner' } });
  open(client, '/group/rowing');
  await click('How long messages are kept');
  await group('What you write here now');
  expect((await dialog()).queryByRole('group', { name: /^All messages/ })).toBeNull();
});
