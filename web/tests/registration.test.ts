import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { open, type } from './app';
import { FakeClient, problem } from './fake-client';

const PASSWORD = 'correct horse battery';
const CODE = 'X7KD-2M4P-QRST-VWXY';

function register(name = 'zoe'): void {
  type(screen.getByLabelText('Name'), name);
  type(screen.getByLabelText('Password'), PASSWORD);
  type(screen.getByLabelText('Password, once more'), PASSWORD);
  screen.getByRole('button', { name: 'Create the account' }).click();
}

const field = (label: string) => screen.findByLabelText<HTMLInputElement>(label);

test('a server that takes no new accounts says so instead of a form', async () => {
  const { container } = open(new FakeClient().takes('closed'), '/register');
  await screen.findByRole('heading', { name: 'No new accounts' });
  expect(container.querySelector('form')).toBeNull();
  screen.getByText(/This server takes no new accounts/);
});

test('a server that takes no new accounts is not asked for one, on no page', async () => {
  const client = new FakeClient().takes('closed');
  const { unmount } = open(client, '/');
  await screen.findByText('This server takes no new accounts.');
  expect(screen.queryByRole('link', { name: 'Create an account' })).toBeNull();
  screen.getByRole('main').querySelector<HTMLAnchorElement>('a[href="/login"]')?.click();
  await screen.findByRole('heading', { name: 'Welcome back' });
  expect(screen.queryByRole('link', { name: 'Create an account' })).toBeNull();
  unmount();
  open(client.hasGroup('rowing', { title: 'Rowing', roles: { bob: 'owner' }, isKnown: false }), '/join#to-rowing');
  await screen.findByRole('heading', { name: 'Rowing' });
  await screen.findByText(/Log in to join\. This server takes no new accounts/);
  expect(screen.queryByRole('link', { name: 'Create an account' })).toBeNull();
});

test('what the server said last is shown at once the next time', async () => {
  const { unmount } = open(new FakeClient().takes('closed'), '/');
  await screen.findByText('This server takes no new accounts.');
  unmount();
  open(new FakeClient().takes('open'), '/');
  expect(screen.queryByRole('link', { name: 'Create an account' })).toBeNull();
  expect(await screen.findAllByRole('link', { name: 'Create an account' })).toHaveLength(2);
});

test('a server that takes anyone asks for no invite code, whatever the address says', async () => {
  const client = new FakeClient();
  open(client, `/register?invite=${CODE}`);
  await waitFor(() => expect(client.calls).toContain('serverInfo'));
  await waitFor(() => expect(screen.queryByLabelText('Invite code')).toBeNull());
  register();
  await screen.findByRole('heading', { name: 'Your recovery code' });
});

test('an invite link fills in its code, which is taken out of the address, and lets its user in', async () => {
  const client = new FakeClient().takes('invited', CODE);
  open(client, `/register?invite=${CODE}`);
  expect(location.href).not.toContain(CODE);
  expect(location.pathname).toBe('/register');
  expect((await field('Invite code')).value).toBe(CODE);
  await waitFor(() => expect(client.calls).toContain('serverInfo'));
  register();
  await screen.findByRole('heading', { name: 'Your recovery code' });
  expect(client.invites).toEqual(new Set());
});

test('an invite code outlives a look at another page', async () => {
  open(new FakeClient().takes('invited', CODE), `/register?invite=${CODE}`);
  await field('Invite code');
  screen.getByRole('main').querySelector<HTMLAnchorElement>('a[href="/login"]')?.click();
  await screen.findByRole('heading', { name: 'Welcome back' });
  (await screen.findAllByRole('link', { name: 'Create an account' })).at(-1)?.click();
  expect((await field('Invite code')).value).toBe(CODE);
});

test('without an invite code the form of a server that needs one is not sent, and the field says why', async () => {
  const client = new FakeClient().takes('invited', CODE);
  open(client, '/register');
  const invite = await field('Invite code');
  register();
  await screen.findByText(/You need an invite code/);
  expect(invite.getAttribute('aria-invalid')).toBe('true');
  expect(client.calls).not.toContain('register');
});

test('an invite code that does not work is said at its field, which has the focus then', async () => {
  open(new FakeClient().takes('invited', CODE), '/register');
  const invite = await field('Invite code');
  type(invite, ' OTHER ');
  register();
  await screen.findByText(/This invite code does not work/);
  expect(invite.getAttribute('aria-invalid')).toBe('true');
  expect(screen.queryByRole('alert')).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(invite));
  type(invite, CODE);
  screen.getByRole('button', { name: 'Create the account' }).click();
  await screen.findByRole('heading', { name: 'Your recovery code' });
});

test('whoever could not be told of the policy hears of it when the form is sent', async () => {
  const invited = new FakeClient().takes('invited', CODE);
  invited.failures.set('serverInfo', problem('unreachable'));
  const { unmount } = open(invited, '/register');
  await waitFor(() => expect(invited.calls).toContain('serverInfo'));
  register();
  await screen.findByText(/You need an invite code/);
  type(await field('Invite code'), CODE);
  unmount();
  localStorage.clear();

  const closed = new FakeClient().takes('closed');
  closed.failures.set('serverInfo', problem('unreachable'));
  open(closed, '/register');
  await waitFor(() => expect(closed.calls).toContain('serverInfo'));
  register();
  await screen.findByRole('heading', { name: 'No new accounts' });
});

test('the first step of a registration is the check that one is no robot', async () => {
  const client = new FakeClient();
  const steps: string[] = [];
  open(client, '/register');
  const main = screen.getByRole('main');
  new MutationObserver(() => {
    const said = within(main).queryByText(/robot|password, so that|server…|keys of this/)?.textContent;
    if (said && steps.at(-1) !== said) steps.push(said);
  }).observe(main, { childList: true, characterData: true, subtree: true });
  register();
  await screen.findByRole('heading', { name: 'Your recovery code' });
  expect(steps[0]).toBe('Checking that you are no robot…');
});

test('a proof of work that the server does not take is said in plain words', async () => {
  const client = new FakeClient();
  client.failures.set('register', problem('captcha-invalid'));
  open(client, '/register');
  register();
  expect((await screen.findByRole('alert')).textContent).toMatch(/no robot did not succeed/);
});
