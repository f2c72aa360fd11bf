import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open } from './app';
import { FakeBrowser } from './fake-browser';
import { FakeClient, problem } from './fake-client';

const PATH = '/settings/notifications';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob');
}

const click = async (name: string) => {
  const button = await screen.findByRole<HTMLButtonElement>('button', { name });
  await waitFor(() => expect(button.disabled).toBe(false));
  button.click();
};

test('they are off until somebody wants them, and it is said what the push service learns before the browser asks', async () => {
  const [client, browser] = [alice(), new FakeBrowser()];
  open(client, PATH, browser);
  await screen.findByText(/That service learns when something has come for you, and nothing else/);
  expect(browser.permission).toBe('default');
  await click('Switch notifications on');
  await screen.findByText('They are on.');
  await waitFor(() => expect(client.address?.endpoint).toBe('https://push.example/1'));
  expect(browser.store.chosen.isOn).toBe(true);
  await click('Switch notifications off');
  await screen.findByText('They are off.');
  await waitFor(() => expect([client.address, browser.pushManager.subscription]).toEqual([undefined, null]));
});

test('what they show is chosen, drawn, and shown to whoever wants to see one', async () => {
  const browser = new FakeBrowser().on();
  const { container } = open(alice(), PATH, browser);
  const example = () => container.querySelector('figure')?.textContent;
  await waitFor(() => expect(example()).toContain('Shall we meet'));
  (await screen.findByRole('radio', { name: 'Who wrote' })).click();
  await waitFor(() => expect(browser.store.chosen.shows).toBe('names'));
  await waitFor(() => expect(example()).toMatch(/Ada\s*New message/));
  await click('Show me one');
  await waitFor(() => expect(browser.screen.words).toEqual(['Ada: New message']));
  (await screen.findByRole('radio', { name: 'Only when somebody names you' })).click();
  await waitFor(() => expect(browser.store.chosen).toEqual({ isOn: true, shows: 'names', groups: 'named' }));
});

test('who is refused by the browser learns how to change that', async () => {
  const browser = new FakeBrowser();
  browser.answer = 'denied';
  open(alice(), PATH, browser);
  await click('Switch notifications on');
  await screen.findByText('Your browser does not let Sotto show notifications.');
  expect(browser.store.chosen.isOn).toBe(false);
  // They have changed it there, and come back.
  browser.permission = 'default';
  window.dispatchEvent(new Event('focus'));
  await screen.findByRole('button', { name: 'Switch notifications on' });
});

test('a browser that cannot is told plainly, and an iPhone what to do', async () => {
  const none = new FakeBrowser();
  none.support = 'none';
  const first = open(alice(), PATH, none);
  await screen.findByText(/This browser cannot show notifications/);
  first.unmount();
  const phone = new FakeBrowser();
  phone.support = 'home-screen';
  open(alice(), PATH, phone);
  await screen.findByText(/Add to Home Screen/);
});

test('without a push service they are on while a tab is open, and that is said', async () => {
  const [client, browser] = [alice(), new FakeBrowser()];
  browser.pushManager.refuses = true;
  open(client, PATH, browser);
  await click('Switch notifications on');
  await screen.findByText(/you hear of new messages only while Sotto is open in a tab/);
  await screen.findByText('They are on.');
});

test('a push service that the server does not send to is named as such', async () => {
  const [client, browser] = [alice(), new FakeBrowser()];
  client.failures.set('setWakeUpAddress', problem('endpoint-refused'));
  open(client, PATH, browser);
  await click('Switch notifications on');
  await screen.findByText(/This server sends nothing to the push service of this browser/);
});

test('logging out and deleting everything ends the subscription and forgets what was chosen', async () => {
  const [client, browser] = [alice(), new FakeBrowser().on()];
  open(client, '/settings', browser);
  await waitFor(() => expect(client.address).toBeDefined());
  await click('Log out');
  await click('Log out and delete everything here');
  await waitFor(() => expect(client.calls).toContain('erase'));
  expect(client.calls.indexOf('removeWakeUpAddress')).toBeLessThan(client.calls.indexOf('erase'));
  expect(browser.store.chosen.isOn).toBe(false);
  await waitFor(() => expect(browser.pushManager.subscription).toBeNull());
});
