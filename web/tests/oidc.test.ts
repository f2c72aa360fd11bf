import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Oidc } from '../src/state/oidc.svelte';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';

beforeEach(() => sessionStorage.setItem('sotto.oidc', 'pending'));
afterEach(() => sessionStorage.clear());

const BACK = '/login/oidc?code=a&state=b';

async function press(name: string | RegExp): Promise<void> {
  (await screen.findByRole('button', { name })).click();
}

function register(): void {
  type(screen.getByLabelText('Password'), 'correct horse battery');
  type(screen.getByLabelText('Password, once more'), 'correct horse battery');
  screen.getByRole('button', { name: 'Create the account' }).click();
}

test('the browser goes to the provider, and what has to be known for the way back stays in the tab', async () => {
  sessionStorage.clear();
  const fake = new FakeClient().isAt({});
  const leave = vi.fn();
  await new Oidc(Promise.resolve(fake), leave).begin();
  expect(fake.calls).toContain(`oidcLogin ${location.origin}/login/oidc`);
  expect(sessionStorage.getItem('sotto.oidc')).toBe('pending');
  expect(leave).toHaveBeenCalledWith('https://id.example.org/authorize');
});

test('whoever is linked opens the account of that name with what only they have', async () => {
  const fake = new FakeClient().isAt({}, { account: 'alice' });
  open(fake, BACK);
  await screen.findByText(/Example knows you as/);
  // What came back is of use to nobody who looks at the tab's history.
  expect(location.pathname + location.search).toBe('/login');
  expect(sessionStorage.length).toBe(0);
  expect(await screen.findByLabelText('Name')).toHaveProperty('value', 'alice');
  type(screen.getByLabelText('Password'), fake.password);
  await press('Log in');
  await waitFor(() => expect(location.pathname).toBe('/'));
});

test('whoever is new makes an account without an invite where nobody else may', async () => {
  const fake = new FakeClient().isAt({ registration: true }, { suggestedName: 'ada', registration: true });
  fake.takes('closed');
  open(fake, BACK);
  (await screen.findByRole('link', { name: 'Create an account' })).click();
  expect(await screen.findByLabelText('Name')).toHaveProperty('value', 'ada');
  await screen.findByText(/you need no invite/);
  expect(screen.queryByLabelText('Invite code')).toBeNull();
  // Whoever takes longer than the provider's word is good for begins there anew.
  fake.failures.set('register', problem('registration-closed'));
  register();
  await screen.findByText('That login is too old. Please start again.');
  await screen.findByRole('button', { name: 'Continue at Example' });
});

test('an account that the provider vouches for is linked from its beginning', async () => {
  const fake = new FakeClient().isAt({ registration: true }, { suggestedName: 'ada', registration: true });
  fake.takes('invited');
  open(fake, BACK);
  (await screen.findByRole('link', { name: 'Create an account' })).click();
  await screen.findByText(/you need no invite/);
  register();
  await screen.findByRole('heading', { name: 'Your recovery code' });
  expect(fake.linkedAt).not.toBeNull();
});

test('whoever opens their account too late goes to the provider again', async () => {
  const fake = new FakeClient().isAt({ required: true }, { account: 'alice' });
  fake.failures.set('logIn', problem('oidc-required'));
  open(fake, BACK);
  await screen.findByText(/Example knows you as/);
  expect(screen.queryByRole('button', { name: 'Log in at Example' })).toBeNull();
  type(screen.getByLabelText('Password'), fake.password);
  await press('Log in');
  await screen.findByText(/Please log in there first/);
  await screen.findByRole('button', { name: 'Log in at Example' });
});

test('what the provider has said is not left to whoever comes next', async () => {
  const fake = new FakeClient().isAt({}).loggedInAs('alice');
  open(fake, BACK);
  await screen.findByRole('button', { name: 'Link it' });
  (await screen.findByRole('link', { name: 'Cancel' })).click();
  await screen.findByRole('heading', { level: 1, name: 'Login elsewhere' });
  within(screen.getByRole('main')).getByRole('link', { name: 'Settings' }).click();
  await press('Log out');
  (await within(await screen.findByRole('dialog')).findByRole('button', { name: 'Log out' })).click();
  await waitFor(() => expect(fake.hasTicket).toBe(false));
});

test('an answer that was not asked for in this tab is not used', async () => {
  sessionStorage.clear();
  const fake = new FakeClient().isAt({});
  open(fake, BACK);
  await screen.findByText('This login was not begun in this tab. Please start again.');
  expect(fake.calls.some((call) => call.startsWith('finishOidcLogin'))).toBe(false);
});

test('whoever thinks better of it at the provider is told that nothing has changed', async () => {
  open(new FakeClient().isAt({}), '/login/oidc?error=access_denied&state=b');
  await screen.findByText('You have not logged in there. Nothing has changed.');
  await screen.findByRole('button', { name: 'Log in at Example' });
});

test('an account is linked with the password, and unlinked', async () => {
  const fake = new FakeClient().isAt({}).loggedInAs('alice');
  open(fake, BACK);
  type(await screen.findByLabelText('Password'), 'wrong');
  await press('Link it');
  await screen.findByText('That is not the password of this account.');
  type(screen.getByLabelText('Password'), fake.password);
  await press('Link it');
  await screen.findByText(/^Linked:/);
  expect(location.pathname).toBe('/settings/provider');
  await press('Unlink');
  (await within(await screen.findByRole('dialog')).findByRole('button', { name: 'Unlink' })).click();
  await screen.findByText('Your account is not linked with a login at Example.');
});

test('whoever does not know the password links the account with the recovery code', async () => {
  const fake = new FakeClient().isAt({}).loggedInAs('alice');
  fake.recovery = { name: 'alice', words: 'abandon ability able' };
  open(fake, BACK);
  type(await screen.findByLabelText('Password'), 'wrong');
  await press('Link it');
  await screen.findByRole('alert');
  await press('I do not know my password');
  expect(screen.queryByRole('alert')).toBeNull();
  const code = await screen.findByLabelText('Recovery code');
  expect(document.activeElement).toBe(code);
  type(code, 'able ability abandon');
  await press('Link it');
  await screen.findByText('That is not the recovery code of this account.');
  expect(fake.linkedAt).toBeNull();
  type(code, 'abandon ability able');
  await press('Link it');
  await screen.findByText(/^Linked:/);
});

test('where logins have to begin at the provider a link cannot be ended', async () => {
  const fake = new FakeClient().isAt({ required: true }).loggedInAs('alice');
  fake.linkedAt = Date.now();
  open(fake, '/settings/provider');
  await screen.findByText(/wants each login to begin at/);
  expect(screen.queryByRole('button', { name: 'Unlink' })).toBeNull();
});
