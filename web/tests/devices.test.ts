import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';

const WORDS = Array.from({ length: 24 }, (_, index) => `word${index}`).join(' ');

async function press(name: string | RegExp): Promise<void> {
  (await screen.findByRole('button', { name })).click();
}

async function fill(label: string | RegExp, text: string): Promise<void> {
  type(await screen.findByLabelText(label), text);
}

test('a recovery code logs in, and another password is chosen then', async () => {
  const client = new FakeClient();
  client.recovery = { name: 'alice', words: WORDS };
  open(client, '/login');
  await press('Use a recovery code');
  await fill('Name', 'alice');
  await fill('Recovery code', 'some other words');
  await press('Log in');
  await screen.findByText(/no account of this name with this recovery code/);
  await fill('Recovery code', WORDS);
  await press('Log in');
  await screen.findByRole('heading', { name: 'Choose a new password' });
  await fill('New password', 'kornblumen und quittenmus');
  await fill('New password, once more', 'kornblumen');
  await press('Set the password');
  await screen.findByText('The two passwords are not the same.');
  await fill('New password, once more', 'kornblumen und quittenmus');
  await press('Set the password');
  await waitFor(() => expect(location.pathname).toBe('/'));
  expect(client.password).toBe('kornblumen und quittenmus');
});

test('whoever logs in by recovery code may keep the password', async () => {
  const client = new FakeClient();
  client.recovery = { name: 'alice', words: WORDS };
  open(client, '/login');
  await press('Use a recovery code');
  await fill('Name', 'Alice ');
  await fill('Recovery code', WORDS);
  await press('Log in');
  await press('Keep the old one');
  await waitFor(() => expect(location.pathname).toBe('/'));
  expect(client.calls).not.toContain('setPasswordByRecoveryCode');
});

test('a code from another device logs in without name and password, and says why if it does not', async () => {
  const client = new FakeClient();
  client.link = { name: 'alice', server: location.origin, code: 'sotto-device:right' };
  open(client, '/login');
  await press('Use a code from another device');
  await fill('Code', 'nonsense');
  await press('Log in');
  await screen.findByText(/not the code of another device/);
  await fill('Code', 'sotto-device:old');
  await press('Log in');
  await screen.findByText(/wrong, was used, or is too old/);
  await fill('Code', 'sotto-device:right');
  await screen.findByText('alice');
  await press('Log in');
  await waitFor(() => expect(location.pathname).toBe('/'));
});

test('a code of another server is not used here', async () => {
  const client = new FakeClient();
  client.link = { name: 'alice', server: 'https://elsewhere.example', code: 'sotto-device:right' };
  open(client, '/login');
  await press('Use a code from another device');
  await fill('Code', 'sotto-device:right');
  await press('Log in');
  await screen.findByText(/https:\/\/elsewhere\.example/);
  expect(client.calls).not.toContain('logInByDeviceLink');
});

test('a code that a camera brought stands in its field, and in the address no more', async () => {
  const client = new FakeClient();
  client.link = { name: 'alice', server: location.origin, code: 'sotto-device:right' };
  open(client, '/login#sotto-device:right');
  expect(await screen.findByLabelText('Code')).toHaveProperty('value', 'sotto-device:right');
  expect(location.hash).toBe('');
  await press('Log in');
  await waitFor(() => expect(client.calls).toContain('logInByDeviceLink'));
});

test('the list shows which device is this one, which is verified and which is new', async () => {
  const client = new FakeClient()
    .loggedInAs('alice')
    .hasDevice('Firefox on Linux', { isThis: true, isVerified: true })
    .hasDevice('Phone', { isVerified: true })
    .hasDevice('Tablet', { isNew: true });
  open(client, '/settings/devices');
  const cards = within(await screen.findByRole('list')).getAllByRole('listitem');
  expect(cards.map((card) => within(card).getByRole('heading').textContent)).toEqual([
    'Firefox on Linux',
    'Phone',
    'Tablet',
  ]);
  within(cards[0]!).getByText('This device');
  expect(within(cards[0]!).queryByRole('button', { name: /Remove/ })).toBeNull();
  within(cards[1]!).getByText('Verified');
  within(within(cards[2]!).getByRole('alert')).getByText(/has logged in since you last looked/);
});

test('a device is renamed, and removed after a question', async () => {
  const client = new FakeClient().loggedInAs('alice').hasDevice('here', { isThis: true }).hasDevice('phone');
  open(client, '/settings/devices');
  await press('Rename phone');
  await fill('Name of this device', 'Old phone');
  client.failures.set('renameDevice', problem('unreachable'));
  await press('Rename');
  await screen.findByText(/cannot be reached/);
  await press('Rename');
  await screen.findByRole('heading', { name: 'Old phone' });

  await press('Remove Old phone');
  const dialog = await screen.findByRole('dialog');
  expect(client.calls).not.toContain('removeDevice phone');
  within(dialog).getByRole('button', { name: 'Remove' }).click();
  await waitFor(() => expect(screen.queryByRole('heading', { name: 'Old phone' })).toBeNull());
  expect(client.calls).toContain('removeDevice phone');
});

test('comparing a device’s code verifies it', async () => {
  const client = new FakeClient().loggedInAs('alice').hasDevice('here', { isThis: true }).hasDevice('phone');
  open(client, '/settings/devices');
  await press('Code of phone');
  const dialog = await screen.findByRole('dialog');
  within(dialog).getByText('12345 12345 12345 12345 12345 12345 12345 12345');
  within(dialog).getByRole('button', { name: 'They are the same' }).click();
  await screen.findByText('Verified');
  expect(client.calls).toContain('confirmDevice phone');
});

test('a code for a new device is shown until one has come by it', async () => {
  const client = new FakeClient().loggedInAs('alice').hasDevice('here', { isThis: true });
  open(client, '/settings/devices');
  await press('Log in a new device');
  const dialog = await screen.findByRole('dialog');
  within(dialog).getByText('Log in a new device');
  await within(dialog).findByRole('img', { name: 'Code for a new device' });
  within(dialog).getByText('sotto-device:offered');
  client.deviceComes('phone', true);
  await within(dialog).findByText('phone');
  within(dialog).getByRole('button', { name: 'Done' }).click();
  await screen.findByRole('heading', { name: 'phone' });
  expect(client.calls.some((call) => call.startsWith('withdrawDeviceLink'))).toBe(false);
});

test('a code that nobody looks at any more is withdrawn', async () => {
  const client = new FakeClient().loggedInAs('alice').hasDevice('here', { isThis: true });
  open(client, '/settings/devices');
  await press('Log in a new device');
  const dialog = await screen.findByRole('dialog');
  await within(dialog).findByText('sotto-device:offered');
  within(dialog).getByRole('button', { name: 'Close' }).click();
  await waitFor(() => expect(client.calls).toContain('withdrawDeviceLink sotto-device:offered'));
});

test('a device that nobody expected is told on every page, and seen once its list was looked at', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('bob').hasDevice('here', { isThis: true });
  client.said('bob', 'hello');
  open(client, '/dm/bob');
  await screen.findByRole('heading', { name: 'bob' });
  client.deviceComes('stranger', false);
  const notice = await screen.findByText(/A new device has logged in to your account/);
  within(notice).getByRole('link', { name: 'Look at your devices' }).click();
  await screen.findByRole('heading', { name: 'stranger' });
  expect(screen.queryByText(/A new device has logged in to your account/)).toBeNull();
  within(screen.getByRole('main')).getByRole('link', { name: 'Settings' }).click();
  await waitFor(() => expect(client.calls).toContain('acknowledgeDevices'));
});

test('a device that came while nobody looked is told when the page is opened', async () => {
  const client = new FakeClient().loggedInAs('alice').hasDevice('stranger', { isNew: true });
  open(client, '/settings');
  await screen.findByText(/A new device has logged in to your account/);
});

test('the password is changed by whoever knows the current one', async () => {
  const client = new FakeClient().loggedInAs('alice');
  open(client, '/settings');
  await press('Change the password');
  await fill('Current password', 'wrong');
  await fill('New password', 'kornblumen und quittenmus');
  await fill('New password, once more', 'kornblumen und quittenmus');
  await press('Change the password');
  await screen.findByText('The current password is wrong.');
  await fill('Current password', 'correct horse');
  await press('Change the password');
  await waitFor(() => expect(client.password).toBe('kornblumen und quittenmus'));
});
