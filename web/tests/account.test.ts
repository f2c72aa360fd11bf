import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open, type } from './app';
import { FakeClient, problem, WORDS } from './fake-client';

const PASSWORD = 'correct horse battery';

function register(name: string, password = PASSWORD, repeated = password): void {
  type(screen.getByLabelText('Name'), name);
  type(screen.getByLabelText('Password'), password);
  type(screen.getByLabelText('Password, once more'), repeated);
  screen.getByRole('button', { name: 'Create the account' }).click();
}

test('registering shows the recovery code and asks for two of its words before it opens the app', async () => {
  open(new FakeClient(), '/register');
  register('zoe');
  await screen.findByRole('heading', { name: 'Your recovery code' });
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toHaveLength(24);
  screen.getByRole('button', { name: 'I have written them down' }).click();

  const fields = await screen.findAllByLabelText(/^Word \d+$/);
  expect(fields).toHaveLength(2);
  for (const field of fields) type(field, 'wrong');
  screen.getByRole('button', { name: 'Check' }).click();
  expect(await screen.findAllByText(/That is not word/)).toHaveLength(2);
  expect(location.pathname).toBe('/register');

  for (const field of fields) {
    const number = Number(
      /\d+/.exec(screen.getByText(/^Word/, { selector: `label[for="${field.id}"]` }).textContent)?.[0],
    );
    type(field, ` ${WORDS[number - 1]?.toUpperCase()} `);
  }
  screen.getByRole('button', { name: 'Check' }).click();
  await screen.findByRole('heading', { name: 'People' });
});

test('a form that cannot be right is not sent', async () => {
  const client = new FakeClient();
  open(client, '/register');
  register('Not A Name', 'short');
  await screen.findByText(/not a valid name/);
  screen.getByText('The password is too short.');
  register('zoe', PASSWORD, 'something else');
  await screen.findByText('The two passwords are not the same.');
  expect(client.calls).not.toContain('register');
});

test('a password that is shown need not be written twice', async () => {
  open(new FakeClient(), '/register');
  screen.getByRole('button', { name: 'Show the password' }).click();
  await waitFor(() => expect(screen.queryByLabelText('Password, once more')).toBeNull());
  type(screen.getByLabelText('Name'), 'zoe');
  type(screen.getByLabelText('Password'), PASSWORD);
  screen.getByRole('button', { name: 'Create the account' }).click();
  await screen.findByRole('heading', { name: 'Your recovery code' });
});

test('a name that is taken is said at the name', async () => {
  open(new FakeClient().knows('zoe'), '/register');
  register('zoe');
  await screen.findByText(/already has that name/);
  expect(screen.getByLabelText('Name').getAttribute('aria-invalid')).toBe('true');
});

test('a wrong password is said in plain words, and the next try logs in and goes where one wanted to go', async () => {
  const client = new FakeClient().knows('bob');
  client.failures.set('logIn', problem('wrong-credentials'));
  open(client, '/dm/bob');
  await screen.findByRole('heading', { name: 'Welcome back' });
  type(screen.getByLabelText('Name'), 'alice');
  type(screen.getByLabelText('Password'), PASSWORD);
  screen.getByRole('button', { name: 'Log in' }).click();
  expect((await screen.findByRole('alert')).textContent).toBe('The name or the password is wrong.');
  screen.getByRole('button', { name: 'Log in' }).click();
  await screen.findByRole('heading', { name: 'bob' });
  expect(location.pathname).toBe('/dm/bob');
});

test('logging out asks what to keep, and leads to the landing page', async () => {
  const client = new FakeClient().loggedInAs('alice');
  open(client, '/settings');
  (await screen.findByRole('button', { name: 'Log out' })).click();
  within(await screen.findByRole('dialog'))
    .getByRole('button', { name: 'Log out' })
    .click();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
  expect(location.pathname).toBe('/');
  expect(client.calls).toContain('logOut');
  expect(client.calls).not.toContain('erase');
});

test('logging out can delete everything, and says why if it could not', async () => {
  const client = new FakeClient().loggedInAs('alice');
  client.failures.set('erase', problem('unreachable'));
  open(client, '/settings');
  (await screen.findByRole('button', { name: 'Log out' })).click();
  const erase = await screen.findByRole('button', { name: 'Log out and delete everything here' });
  erase.click();
  await screen.findByText(/cannot be reached/);
  erase.click();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
});

test('after a logout the next login opens the chats, not the page that was left', async () => {
  open(new FakeClient().loggedInAs('alice'), '/settings');
  (await screen.findByRole('button', { name: 'Log out' })).click();
  within(await screen.findByRole('dialog'))
    .getByRole('button', { name: 'Log out' })
    .click();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
  within(screen.getByRole('main')).getByRole('link', { name: 'Log in' }).click();
  type(await screen.findByLabelText('Name'), 'alice');
  type(screen.getByLabelText('Password'), PASSWORD);
  screen.getByRole('button', { name: 'Log in' }).click();
  await waitFor(() => expect(location.pathname).toBe('/'));
});

test('whoever logs out everywhere is told before what happens, and afterwards that it has', async () => {
  const client = new FakeClient().loggedInAs('alice');
  open(client, '/settings');
  (await screen.findByRole('button', { name: 'Log out everywhere' })).click();
  const dialog = await screen.findByRole('dialog', { name: 'Log out everywhere?' });
  within(dialog).getByText(/All of your devices are logged out at once/);
  within(dialog).getByText(/change it first/);
  expect(client.calls).not.toContain('logOutEverywhere');
  within(dialog).getByRole('button', { name: 'Log out everywhere' }).click();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
  within(screen.getByRole('main')).getByText('You are logged out on all of your devices.');
  expect(location.pathname).toBe('/');
  expect(client.calls).toContain('logOutEverywhere');
});

test('the list of devices offers to log out everywhere, and says why if it could not', async () => {
  const client = new FakeClient().loggedInAs('alice').hasDevice('phone', { isThis: true });
  client.failures.set('logOutEverywhere', problem('unreachable'));
  open(client, '/settings/devices');
  (await screen.findByRole('button', { name: 'Log out everywhere' })).click();
  const dialog = await screen.findByRole('dialog');
  const confirm = within(dialog).getByRole('button', { name: 'Log out everywhere' });
  confirm.click();
  await within(dialog).findByText(/cannot be reached/);
  confirm.click();
  await screen.findByRole('heading', { name: 'Talk quietly.' });
});

test('who was logged in sees the chats at once, before the client has answered', () => {
  localStorage.setItem('sotto.logged-in', '1');
  open(new FakeClient().loggedInAs('alice'), '/');
  expect(screen.queryByRole('heading', { name: 'Talk quietly.' })).toBeNull();
  screen.getByRole('heading', { name: 'Chats' });
});

test('whoever was banned reads why, and once only when they try to log in again', async () => {
  const client = new FakeClient().loggedInAs('alice');
  open(client, '/settings');
  await screen.findByRole('button', { name: 'Log out' });
  const ban = { reason: 'Sold what is not sold here.' };
  client.isBanned(ban);
  await screen.findByText(/Sold what is not sold here/);
  type(await screen.findByLabelText('Name'), 'alice');
  type(screen.getByLabelText('Password'), 'wrong');
  client.failures.set('logIn', problem('wrong-credentials'));
  screen.getByRole('button', { name: 'Log in' }).click();
  await waitFor(() => expect(screen.getAllByRole('alert')).toHaveLength(2));
  client.failures.set('logIn', { ...problem('banned'), ban });
  screen.getByRole('button', { name: 'Log in' }).click();
  const form = screen.getByLabelText('Password').closest('form');
  await waitFor(() => expect(form?.querySelector('[role=alert]')?.textContent).toMatch(/Sold what is not sold here/));
  expect(screen.getAllByRole('alert')).toHaveLength(1);
});
