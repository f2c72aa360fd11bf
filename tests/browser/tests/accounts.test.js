// How people get in and out, between browsers over the real server: by an invite code, out of all devices at once, and for good. Each
// step begins where the one before ended.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { look } from '../support/look.js';
import { Native } from '../support/native.js';
import { temporaryFolder } from '../support/output.js';
import { allSent, find, go, hears, logIn, openChat, register, say } from '../support/person.js';
import { Server } from '../support/server.js';

/** @typedef {import('playwright-core').Page} Page */

const PASSWORDS = { alice: 'alice keeps seven grey herons', bob: 'bob paints the long fence blue' };

const { folder, remove } = temporaryFolder();
/** @type {Server} */
let server;
/** @type {Record<'laptop' | 'phone', Profile>} */
let browsers;
/** @type {Native} */
let bob;
/** @type {Page} */
let laptop;
/** @type {Page} */
let phone;
let code = '';

before(async () => {
  server = await Server.start(join(folder, 'server'), '[registration]\npolicy = "invited"\n');
  browsers = {
    laptop: new Profile(join(folder, 'laptop'), server.origin),
    phone: new Profile(join(folder, 'phone'), server.origin),
  };
  bob = new Native(join(folder, 'bob'), server.origin, PASSWORDS.bob);
});

after(async () => {
  await Promise.allSettled(Object.values(browsers ?? {}).map((browser) => browser.stop()));
  await server?.stop();
  remove();
});

test('who has no invite code is asked for one, and a wrong one is said where it was typed', async () => {
  laptop = await browsers.laptop.start('/register');
  const field = laptop.getByLabel('Invite code');
  await field.waitFor();
  await laptop.getByLabel('Name', { exact: true }).fill('alice');
  await laptop.getByLabel('Password', { exact: true }).fill(PASSWORDS.alice);
  await laptop.getByLabel('Password, once more').fill(PASSWORDS.alice);
  await field.fill('AAAA-BBBB-CCCC-DDDD');
  await laptop.getByRole('button', { name: 'Create the account' }).click();
  await laptop.waitForFunction(() => document.querySelector('[aria-invalid="true"]') !== null);
  await look(laptop, 'register-invited', (page) => field.and(page.locator('[aria-invalid="true"]')).waitFor());
  await assert.rejects(bob.does('register', 'bob'), /invite/i);
});

test('who runs the server makes a code, and the link with it opens the form filled in', async () => {
  [code = ''] = await server.does('admin', 'invite', 'create', '--uses', '2', '--note', 'for the story');
  assert.match(code, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
  await laptop.goto(`${server.origin}/register?invite=${code}`);
  await laptop.getByLabel('Invite code').waitFor();
  assert.ok(!laptop.url().includes(code));
  await register(laptop, 'alice', PASSWORDS.alice);
  await bob.does('register', 'bob', '--invite', code.toLowerCase());
  const third = new Native(join(folder, 'third'), server.origin, PASSWORDS.bob);
  await assert.rejects(third.does('register', 'third', '--invite', code), /invite/i);
});

test('who logs out everywhere is out on every device, and has everything again after a login', async () => {
  await find(laptop, 'bo', 'bob');
  await say(laptop, 'the boat is yours on Sunday');
  await allSent(laptop);
  await bob.does('accept', 'alice');
  phone = await browsers.phone.start('/');
  await logIn(phone, 'alice', PASSWORDS.alice);
  await openChat(phone, 'bob');
  await go(laptop, 'Settings');
  await laptop.getByRole('button', { name: 'Log out everywhere' }).click();
  await laptop.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click();
  await laptop.locator('#content').getByText('You are logged out on all of your devices.').waitFor();
  await look(laptop, 'logged-out-everywhere');
  await phone.getByRole('link', { name: 'Log in' }).first().waitFor();
  await logIn(laptop, 'alice', PASSWORDS.alice);
  await openChat(laptop, 'bob');
  await hears(laptop, ['the boat is yours on Sunday']);
});

test('an account is deleted by its name and password, and nothing of it is left here', async () => {
  await laptop.goto(`${server.origin}/settings/delete-account`);
  await look(laptop, 'delete-account');
  await laptop.getByLabel('Name of the account').fill('alice');
  await laptop.getByLabel('Password', { exact: true }).fill('not the password of alice');
  await laptop.getByRole('button', { name: 'Delete the account…' }).click();
  const dialog = laptop.getByRole('dialog', { name: 'Delete “alice” for good?' });
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await laptop.getByText('That is not the password of this account.').waitFor();
  await laptop.getByLabel('Password', { exact: true }).fill(PASSWORDS.alice);
  await laptop.getByRole('button', { name: 'Delete the account…' }).click();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await laptop.locator('#content').getByText('The account “alice” is deleted.').waitFor();
  await look(laptop, 'account-deleted');
  await logIn(laptop, 'alice', PASSWORDS.alice);
  await laptop.getByRole('alert').waitFor();
  assert.doesNotMatch((await bob.does('people', 'alice')).join('\n'), /^alice/m);
  assert.match((await bob.does('history', 'alice')).join('\n'), /the boat is yours on Sunday/);
});

test('nothing broke the policy of the pages, and nobody else was asked for anything', () => {
  assert.deepEqual(
    Object.values(browsers).flatMap(({ complaints }) => complaints),
    [],
  );
});
