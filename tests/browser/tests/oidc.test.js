// In by way of an OpenID provider, on its own pages and on ours: an account where nobody else may make one, another browser that opens it, and a
// server that lets nobody in who does not come from there. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { look } from '../support/look.js';
import { temporaryFolder } from '../support/output.js';
import { keepRecoveryCode } from '../support/person.js';
import { logInThere, OpenIdProvider } from '../support/provider.js';
import { Server } from '../support/server.js';

const PASSWORD = 'ada keeps seven grey herons';

const { folder, remove } = temporaryFolder();
/** @type {OpenIdProvider} */
let provider;
/** @type {Server} */
let server;
/** @type {Profile} */
let first;
/** @type {Profile} */
let second;
/** @type {import('playwright-core').Page} */
let page;

before(async () => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  provider = await OpenIdProvider.start([`${origin}/login/oidc`], 'ES256');
  const place = join(folder, 'server');
  mkdirSync(place, { recursive: true });
  const secret = join(folder, 'oidc-secret');
  writeFileSync(secret, provider.secret);
  const closed = '[registration]\npolicy = "closed"\n';
  const oidc = `${provider.configuration(secret, origin)}\nregistration = true\nrequired = true\n`;
  server = await Server.start(place, closed + oidc, port);
  first = new Profile(join(folder, 'first'), server.origin);
  second = new Profile(join(folder, 'second'), server.origin);
});

after(async () => {
  await Promise.allSettled([first?.stop(), second?.stop()]);
  await server?.stop();
  await provider?.stop();
  remove();
});

/** What went wrong in a browser, but that it was at the provider. @param {Profile} profile */
function complaints(profile) {
  return profile.complaints.filter((complaint) => complaint !== `a request to ${provider.origin}`);
}

test('whoever the provider knows makes an account where nobody else may', async () => {
  page = await first.start('/register');
  await page.getByRole('heading', { name: 'No new accounts' }).waitFor();
  await look(page, 'oidc-register-closed');
  await page.getByRole('button', { name: 'Continue at Example' }).click();
  await logInThere(page, 'ada');
  await page.getByRole('heading', { name: 'You are new here' }).waitFor();
  assert.equal(new URL(page.url()).search, '');
  await look(page, 'oidc-new');
  await page.getByRole('link', { name: 'Create an account' }).click();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'ada');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Password, once more').fill(PASSWORD);
  await look(page, 'oidc-register');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await keepRecoveryCode(page);
  await page.goto(`${server.origin}/settings/provider`);
  await page.getByText(/^Linked:/).waitFor();
  await page.getByText(/wants each login to begin at/).waitFor();
  await look(page, 'oidc-linked');
  assert.deepEqual(complaints(first), []);
});

test('another browser is let in by the provider and the password, and by neither alone', async () => {
  page = await second.start('/login');
  await page.getByLabel('Name', { exact: true }).fill('ada');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByText('Please log in there first.').waitFor();
  await page.getByRole('button', { name: 'Log in at Example' }).click();
  await logInThere(page, 'ada');
  await page.getByText('Example knows you as').waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'ada');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByText('The name or the password is wrong.').waitFor();
  await look(page, 'oidc-login');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  assert.deepEqual(complaints(second), []);
});

test('an address that somebody else has begun a login with is of no use', async () => {
  await page.goto(`${server.origin}/login/oidc?code=stolen&state=another`);
  await page.getByText('This login was not begun in this tab.').waitFor();
});
