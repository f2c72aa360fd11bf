import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { presenceWords } from '../src/text/presence';
import { moment } from '../src/text/time';
import { open } from './app';
import { FakeClient, problem } from './fake-client';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function alice(): FakeClient {
  const client = new FakeClient().loggedInAs('alice').knows('bob', { displayName: 'Bob Lindqvist' });
  client.said('bob', 'hi');
  return client;
}

const header = () => document.querySelector('main header')?.textContent ?? '';
const told = (client: FakeClient) => client.calls.filter((call) => call.startsWith('setActive'));
const privacySwitch = (name: RegExp) => screen.findByRole<HTMLInputElement>('switch', { name });

/** Where the person is. */
function turns(visible: boolean, focused: boolean): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visible ? 'visible' : 'hidden');
  vi.spyOn(document, 'hasFocus').mockReturnValue(focused);
}

afterEach(() => vi.restoreAllMocks());

test('a past moment is said with its time while that is of use, and as a day beyond', () => {
  const now = new Date(2026, 5, 17, 15, 30).getTime();
  const at = (date: Date) => moment(date.getTime(), now);
  expect(at(new Date(2026, 5, 17, 14, 5))).toMatch(/^at \D*2?1?[24]:05/);
  expect(at(new Date(2026, 5, 16, 23, 59))).toMatch(/^yesterday at .*59/);
  expect(at(new Date(2026, 5, 15, 9, 0))).toBe('on Monday');
  expect(at(new Date(2026, 4, 1))).toMatch(/^on .*May.*$|^on .*1/);
  expect(at(new Date(2025, 4, 1))).toMatch(/2025/);
  // The other clock may be ahead.
  expect(moment(now + MINUTE, now)).toMatch(/^at /);
});

test('what is not known of somebody is not said', () => {
  expect(presenceWords({ kind: 'unknown' }, 0)).toBe('');
  expect(presenceWords({ kind: 'online' }, 0)).toBe('online');
  expect(presenceWords({ kind: 'last-seen', at: Date.now() - DAY }, Date.now())).toMatch(/^last seen yesterday at /);
});

test('whether somebody is there stands beside their name, and follows them', async () => {
  const client = alice();
  const bob = client.accountOf('bob');
  client.others.isThere(bob, { kind: 'online' });
  open(client, '/dm/bob');
  await waitFor(() => expect(header()).toContain('@bob · online'));
  client.others.isThere(bob, { kind: 'last-seen', at: Date.now() - 2 * DAY });
  await waitFor(() => expect(header()).toContain('@bob · last seen on '));
  client.others.isThere(bob, { kind: 'unknown' });
  await waitFor(() => expect(header()).not.toMatch(/online|last seen|·/));
});

test('where presence cannot be read, nothing is said about it', async () => {
  const client = alice();
  client.others.isThere(client.accountOf('bob'), { kind: 'online' });
  client.failures.set('presence', problem('internal'));
  open(client, '/dm/bob');
  await waitFor(() => expect(client.calls).toContain('presence'));
  await screen.findByLabelText('Message to Bob Lindqvist');
  expect(header()).not.toContain('online');
  expect(screen.queryByRole('alert')).toBeNull();
});

test('a person is at this tab while it is in view and has the focus, and each change is told once', async () => {
  turns(true, true);
  const client = alice();
  open(client, '/');
  await waitFor(() => expect(told(client)).toEqual(['setActive true']));
  turns(true, false);
  window.dispatchEvent(new Event('blur'));
  turns(false, false);
  document.dispatchEvent(new Event('visibilitychange'));
  await waitFor(() => expect(told(client)).toEqual(['setActive true', 'setActive false']));
  turns(true, true);
  document.dispatchEvent(new Event('visibilitychange'));
  window.dispatchEvent(new Event('focus'));
  await waitFor(() => expect(told(client)).toEqual(['setActive true', 'setActive false', 'setActive true']));
});

test('nobody is told of a person who is not logged in, until they are', async () => {
  turns(true, true);
  const client = new FakeClient();
  open(client, '/about');
  await screen.findByRole('heading', { level: 1 });
  expect(told(client)).toEqual([]);
  await client.logIn('alice', 'correct horse');
  await waitFor(() => expect(told(client)).toEqual(['setActive true']));
});

test('each switch is saved at once, and the others stay as they are', async () => {
  const client = alice();
  open(client, '/settings');
  const read = await privacySwitch(/have read/);
  expect(read.checked).toBe(true);
  read.click();
  (await privacySwitch(/typing/)).click();
  await waitFor(() =>
    expect(client.others.privacy).toEqual({
      deliveryReceipts: true,
      readReceipts: false,
      typing: false,
      presence: true,
    }),
  );
  await waitFor(() => expect(read.checked).toBe(false));
  expect((await privacySwitch(/online/)).checked).toBe(true);
  const section = within(screen.getByRole('region', { name: 'What others see' }));
  section.getByText(/Whoever does not tell is not told either/);
});

test('a switch that could not be saved says why, and goes back', async () => {
  const client = alice();
  client.failures.set('setPrivacy', problem('unreachable'));
  open(client, '/settings');
  const presence = await privacySwitch(/online/);
  presence.click();
  expect((await screen.findByRole('alert')).textContent).toMatch(/cannot be reached/);
  await waitFor(() => expect(presence.checked).toBe(true));
  expect(client.others.privacy.presence).toBe(true);
});

test('what was chosen on another device shows here', async () => {
  const client = alice();
  open(client, '/settings');
  const delivered = await privacySwitch(/have reached you/);
  client.others.set({ ...client.others.privacy, deliveryReceipts: false });
  await waitFor(() => expect(delivered.checked).toBe(false));
});
