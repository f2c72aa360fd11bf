import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open, type } from './app';
import { FakeBrowser } from './fake-browser';
import { FakeClient, problem } from './fake-client';

const PASSWORD = 'correct horse';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob');
}

async function fill(name: string, password: string): Promise<void> {
  type(await screen.findByLabelText('Name of the account'), name);
  type(screen.getByLabelText('Password'), password);
  screen.getByRole('button', { name: 'Delete the account…' }).click();
}

const dialog = () => screen.findByRole('dialog', { name: 'Delete “alice” for good?' });
const confirm = async () =>
  within(await dialog())
    .getByRole('button', { name: 'Delete for good' })
    .click();

test('the settings lead to a page that says what is deleted and what is not, and offers an export first', async () => {
  open(alice(), '/settings');
  (await screen.findByRole('link', { name: 'Delete your account' })).click();
  await screen.findByRole('heading', { name: 'Delete your account' });
  expect(location.pathname).toBe('/settings/delete-account');
  screen.getByText(/Your keys/);
  screen.getByText(/it stays with those who are in your chats/);
  screen.getByText(/an admin can take it over/);
  const exports = screen.getByRole('link', { name: 'Export your history' });
  const form = screen.getByRole('button', { name: 'Delete the account…' });
  expect(exports.compareDocumentPosition(form) & Node.DOCUMENT_POSITION_FOLLOWING).not.toBe(0);
  exports.click();
  await screen.findByRole('heading', { name: 'Your history' });
});

test('nothing is asked or deleted without the account’s own name and a password', async () => {
  const client = alice();
  open(client, '/settings/delete-account');
  await fill('bob', '');
  await screen.findByText('That is not the name of this account.');
  screen.getByText('Please enter your password.');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Name of the account')));
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(client.calls).not.toContain('deleteAccount');
});

test('it is asked once more before the account is deleted, and then the landing page says that it is gone', async () => {
  const client = alice();
  client.said('bob', 'hello');
  open(client, '/settings/delete-account');
  await fill(' Alice ', PASSWORD);
  await dialog();
  expect(client.calls).not.toContain('deleteAccount');
  await confirm();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
  within(screen.getByRole('main')).getByText(/The account “alice” is deleted/);
  expect(location.pathname).toBe('/');
  expect(localStorage.getItem('sotto.logged-in')).toBeNull();
});

test('that the account is gone is said once', async () => {
  open(alice(), '/settings/delete-account');
  await fill('alice', PASSWORD);
  await confirm();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
  screen.getByRole('link', { name: 'About' }).click();
  await waitFor(() => expect(location.pathname).toBe('/about'));
  screen.getByRole('link', { name: 'Sotto' }).click();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
  expect(within(screen.getByRole('main')).queryByText(/is deleted/)).toBeNull();
});

test('an export that was not saved is not lost without a word', async () => {
  const client = alice();
  client.said('bob', 'hello');
  open(client, '/settings/history');
  const part = within(await screen.findByRole('region', { name: 'Export' }));
  type(await part.findByLabelText('Passphrase'), 'kornblumen und quittenmus');
  type(part.getByLabelText('Passphrase, once more'), 'kornblumen und quittenmus');
  part.getByRole('button', { name: 'Export' }).click();
  await part.findByRole('link', { name: /^Save / });
  screen.getByRole('link', { name: 'Settings', current: false }).click();
  (await screen.findByRole('link', { name: 'Delete your account' })).click();
  await screen.findByText(/Save it first/);
  await fill('alice', PASSWORD);
  within(await dialog()).getByText(/Save it first/);
});

test('whoever takes the last question back keeps the account', async () => {
  const client = alice();
  open(client, '/settings/delete-account');
  await fill('alice', PASSWORD);
  within(await dialog())
    .getByRole('button', { name: 'Keep it' })
    .click();
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(client.calls).not.toContain('deleteAccount');
});

test('a wrong password is said at its field, which has the focus then, and nothing is deleted', async () => {
  const client = alice();
  const browser = new FakeBrowser().on();
  open(client, '/settings/delete-account', browser);
  await waitFor(() => expect(client.address).toBeDefined());
  await fill('alice', 'wrong horse');
  await confirm();
  await screen.findByText('That is not the password of this account.');
  expect(screen.queryByRole('dialog')).toBeNull();
  const field = screen.getByLabelText('Password');
  expect(field.getAttribute('aria-invalid')).toBe('true');
  await waitFor(() => expect(document.activeElement).toBe(field));
  expect(client.me?.name).toBe('alice');
  // It is told of messages as before.
  expect(client.address).toBeDefined();
  expect(browser.pushManager.subscription).not.toBeNull();

  type(field, PASSWORD);
  screen.getByRole('button', { name: 'Delete the account…' }).click();
  await confirm();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
  await waitFor(() => expect(browser.pushManager.subscription).toBeNull());
});

test('what else went wrong is said at the last question, and it can be tried again', async () => {
  const client = alice();
  client.failures.set('deleteAccount', problem('unreachable'));
  open(client, '/settings/delete-account');
  await fill('alice', PASSWORD);
  await confirm();
  await within(await dialog()).findByText(/cannot be reached/);
  await confirm();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
});

test('the page is for whoever is logged in', async () => {
  open(new FakeClient(), '/settings/delete-account');
  await screen.findByRole('heading', { name: 'Welcome back' });
});
