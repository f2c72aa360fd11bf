import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';

beforeEach(() => {
  vi.stubGlobal('PublicKeyCredential', class {});
  Object.defineProperty(navigator, 'credentials', { value: {}, configurable: true });
});

afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, 'credentials');
});

function client(): FakeClient {
  const made = new FakeClient();
  made.hasPasskeys = true;
  return made;
}

async function press(name: string | RegExp): Promise<void> {
  (await screen.findByRole('button', { name })).click();
}

test('a passkey logs in, and the page says why if it does not', async () => {
  const fake = client();
  open(fake, '/login');
  await press('Log in with a passkey');
  await screen.findByText('That passkey does not work here, or not any more.');
  fake.ownPasskeys.set('p', { passkey: 'p', addedAt: 0 });
  await press('Log in with a passkey');
  await waitFor(() => expect(location.pathname).toBe('/'));
  expect(fake.me?.name).toBe('alice');
});

test('a passkey is not offered by a server or a browser without them', async () => {
  const fake = new FakeClient();
  const first = open(fake, '/login');
  await waitFor(() => expect(fake.calls).toContain('serverInfo'));
  expect(screen.queryByRole('button', { name: 'Log in with a passkey' })).toBeNull();
  first.unmount();
  vi.stubGlobal('PublicKeyCredential', undefined);
  open(client().loggedInAs('alice'), '/settings/passkeys');
  await screen.findByText('This browser has no passkeys.');
  expect(screen.queryByRole('button', { name: 'Add a passkey' })).toBeNull();
});

test('passkeys are added with the password, renamed and removed', async () => {
  const fake = client().loggedInAs('alice');
  open(fake, '/settings/passkeys');
  await screen.findByText('You have no passkey yet.');
  await press('Add a passkey');
  type(await screen.findByLabelText('Name of the passkey'), 'Telephone');
  type(await screen.findByLabelText('Password'), 'wrong');
  await press('Add it');
  await screen.findByText('That is not the password of this account.');
  type(await screen.findByLabelText('Password'), fake.password);
  await press('Add it');
  const list = await screen.findByRole('list', { name: 'Your passkeys' });
  within(list).getByRole('heading', { name: 'Telephone' });
  await press('Rename Telephone');
  type(await screen.findByLabelText('Name of the passkey'), 'Old telephone');
  await press('Rename');
  await press('Remove Old telephone');
  (await within(await screen.findByRole('dialog')).findByRole('button', { name: 'Remove' })).click();
  await screen.findByText('You have no passkey yet.');
});

test('a passkey is added with the recovery code by whoever does not know the password', async () => {
  const fake = client().loggedInAs('alice');
  fake.recovery = { name: 'alice', words: 'abandon ability able' };
  open(fake, '/settings/passkeys');
  await press('Add a passkey');
  type(await screen.findByLabelText('Name of the passkey'), 'Telephone');
  await press('I do not know my password');
  const code = await screen.findByLabelText('Recovery code');
  expect(document.activeElement).toBe(code);
  type(code, 'able ability abandon');
  await press('Add it');
  await screen.findByText('That is not the recovery code of this account.');
  type(code, 'abandon ability able');
  await press('Add it');
  within(await screen.findByRole('list', { name: 'Your passkeys' })).getByRole('heading', { name: 'Telephone' });
  await press('Add a passkey');
  // Nothing is kept of the code.
  await press('I do not know my password');
  expect((await screen.findByLabelText<HTMLTextAreaElement>('Recovery code')).value).toBe('');
  await press('Use the password instead');
  await screen.findByLabelText('Password');
});

test('an authenticator that cannot open the account is named', async () => {
  const fake = client().loggedInAs('alice');
  fake.failures.set('addPasskey', problem('passkey-without-prf'));
  open(fake, '/settings/passkeys');
  await press('Add a passkey');
  type(await screen.findByLabelText('Name of the passkey'), 'Key');
  type(await screen.findByLabelText('Password'), fake.password);
  await press('Add it');
  await screen.findByText(/cannot open an account of Sotto/);
});
