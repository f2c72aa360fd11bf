// The page on which the interface can be read and tried: no complaint of its policy, no request to a stranger, and a request that is
// answered, with a token that somebody has pasted.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { temporaryFolder } from '../support/output.js';
import { register } from '../support/person.js';
import { Server } from '../support/server.js';

const { folder, remove } = temporaryFolder();
/** @type {Server} */
let server;
/** @type {Profile} */
let profile;

before(async () => {
  server = await Server.start(join(folder, 'server'));
  profile = new Profile(join(folder, 'profile'), server.origin);
});

after(async () => {
  await profile?.stop();
  await server?.stop();
  remove();
});

test('the interface is tried on its page, with an access token', async () => {
  const page = await profile.start('/register');
  const authorised = profile.context.waitForEvent('request', (request) => 'authorization' in request.headers());
  await register(page, 'ada', 'ada adds and analyses');
  const token = (await authorised).headers()['authorization']?.replace('Bearer ', '') ?? '';

  await page.goto(`${server.origin}/v1/docs`);
  await page.getByRole('button', { name: 'Authorize' }).click();
  const dialog = page.locator('.auth-container').filter({ hasText: 'access' }).first();
  await dialog.locator('input').fill(token);
  await dialog.getByRole('button', { name: 'Apply credentials' }).click();
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();

  await page.locator('#operations-tag-device').click();
  const operation = page.locator('#operations-device-devices');
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  const answer = operation.locator('.live-responses-table');
  await answer.locator('.response-col_status', { hasText: '200' }).waitFor();
  assert.match((await answer.textContent()) ?? '', /"devices"/);

  // As dark as the rest of the screen, also when that changes.
  const background = () =>
    page
      .locator('.swagger-ui')
      .first()
      .evaluate((element) => getComputedStyle(element).backgroundColor);
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.equal(await background(), 'rgb(28, 32, 34)');
  await page.emulateMedia({ colorScheme: 'light' });
  assert.notEqual(await background(), 'rgb(28, 32, 34)');
  assert.deepEqual(profile.complaints, []);
});
