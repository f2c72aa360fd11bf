// In without a password, as a person does it on the app's pages: a passkey is added, named, used, and removed. Each step begins where the
// one before ended.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Authenticator } from '../support/authenticator.js';
import { Profile } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { look } from '../support/look.js';
import { temporaryFolder } from '../support/output.js';
import { register } from '../support/person.js';
import { Server } from '../support/server.js';

const PASSWORD = 'alice keeps seven grey herons';

const { folder, remove } = temporaryFolder();
/** @type {Server} */
let server;
/** @type {Profile} */
let browser;
/** @type {import('playwright-core').Page} */
let page;

before(async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const passkeys = `[passkeys]\nenabled = true\norigins = ["${origin}"]\n`;
  server = await Server.start(join(folder, 'server'), passkeys, port);
  browser = new Profile(join(folder, 'alice'), origin);
  page = await browser.start('/');
  await Authenticator.plugInto(browser, page);
});

after(async () => {
  await browser?.stop();
  await server?.stop();
  remove();
});

async function passkeys() {
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('link', { name: 'Your passkeys' }).click();
  await page.getByRole('heading', { level: 1, name: 'Passkeys' }).waitFor();
}

async function logOut() {
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('button', { name: 'Log out', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Log out and delete everything here' }).click();
  await page.getByRole('link', { name: 'Log in' }).first().waitFor();
}

async function logsInByPasskey() {
  await page.getByRole('link', { name: 'Log in' }).first().click();
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
}

test('whoever knows the password adds a passkey, and finds it in the list', async () => {
  await register(page, 'alice', PASSWORD);
  await passkeys();
  await page.getByText('You have no passkey yet.').waitFor();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
  await dialog.getByLabel('Name of the passkey').fill('Telephone');
  await dialog.getByLabel('Password', { exact: true }).fill('somebody else guesses this');
  await dialog.getByRole('button', { name: 'Add it' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Add it' }).click();
  await page.getByRole('heading', { level: 2, name: 'Telephone' }).waitFor();
  await page.getByText(/not used yet/).waitFor();
  await look(page, 'passkeys', (page) => page.getByRole('heading', { level: 2, name: 'Telephone' }).waitFor());
});

test('it logs in where nothing of the account is left, without name and password', async () => {
  await logOut();
  await logsInByPasskey();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await passkeys();
  // Its name opens with what the passkey has brought.
  await page.getByRole('heading', { level: 2, name: 'Telephone' }).waitFor();
  await page.getByText(/last used/).waitFor();
});

test('it is given another name, and once it is removed it logs nobody in', async () => {
  await page.getByRole('button', { name: /^Rename .*Telephone/ }).click();
  await page.getByLabel('Name of the passkey').fill('Old telephone');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByRole('heading', { level: 2, name: 'Old telephone' }).waitFor();
  await page.getByRole('button', { name: /^Remove .*Old telephone/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('You have no passkey yet.').waitFor();
  await logOut();
  await logsInByPasskey();
  await page.getByRole('alert').waitFor();
  assert.deepEqual(browser.complaints, []);
});
