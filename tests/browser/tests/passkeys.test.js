// In without a password: a passkey of Chromium's virtual authenticator logs in and opens the account, in a browser that has nothing of it any
// more. The npm package is on a page of the test's own; the app's pages have a story of theirs. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Authenticator } from '../support/authenticator.js';
import { Profile } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { temporaryFolder } from '../support/output.js';
import { Server } from '../support/server.js';

/** @typedef {import('../../../wasm/package/src/api.js').Sotto} Sotto */

const PACKAGE = fileURLToPath(new URL('../../../wasm/package/dist', import.meta.url));
const PASSWORDS = ['alice keeps seven grey herons', 'alice keeps eight grey herons'];

const { folder, remove } = temporaryFolder();
/** @type {Server} */
let server;
/** @type {Profile} */
let browser;
/** @type {import('playwright-core').Page} */
let page;
/** @type {Authenticator} */
let authenticator;
let passkey = '';

/**
 * Calls the package on the page.
 * @param {keyof Sotto} method
 * @param {unknown[]} args
 * @returns {Promise<any>}
 */
async function calls(method, ...args) {
  const answer = await page.evaluate(
    async ({ method, args }) => {
      try {
        // @ts-expect-error of the page
        const sotto = await globalThis.sotto;
        return { value: await sotto[method](...args) };
      } catch (error) {
        return { code: /** @type {{ code?: string }} */ (error).code ?? String(error) };
      }
    },
    { method, args },
  );
  if ('code' in answer) throw new Error(answer.code);
  return answer.value;
}

before(async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const site = join(folder, 'site');
  mkdirSync(site, { recursive: true });
  cpSync(PACKAGE, join(site, 'client'), { recursive: true });
  writeFileSync(
    join(site, 'index.html'),
    '<!doctype html><title>Passkeys</title><script type="module" src="/page.js"></script>',
  );
  writeFileSync(
    join(site, 'page.js'),
    "import { connect, hasPasskeys } from './client/index.js';\nglobalThis.has = hasPasskeys();\nglobalThis.sotto = connect();\n",
  );
  const configuration = [
    '[captcha]\nenabled = false',
    `[web]\ndirectory = ${JSON.stringify(site)}`,
    `[passkeys]\nenabled = true\norigins = ["${origin}"]`,
  ];
  server = await Server.start(join(folder, 'server'), `${configuration.join('\n')}\n`, port);
  browser = new Profile(join(folder, 'alice'), origin);
  page = await browser.start('/');
  authenticator = await Authenticator.plugInto(browser, page);
});

after(async () => {
  await browser?.stop();
  await server?.stop();
  remove();
});

test('an account adds a passkey by its password, under a name that the server cannot read', async () => {
  // @ts-expect-error of the page
  assert.equal(await page.evaluate(() => globalThis.has), true);
  assert.equal((await calls('serverInfo')).passkeys, true);
  await calls('register', 'alice', PASSWORDS[0]);
  await assert.rejects(calls('addPasskey', 'Laptop', { password: 'wrong' }), /wrong-credentials/);
  passkey = await calls('addPasskey', 'Laptop', { password: PASSWORDS[0] });
  const [listed, ...others] = await calls('passkeys');
  assert.deepEqual(others, []);
  assert.equal(listed.passkey, passkey);
  assert.equal(listed.name, 'Laptop');
  assert.equal(listed.usedAt, undefined);
  const credentials = await authenticator.credentials();
  assert.deepEqual(
    credentials.map(({ isResidentCredential }) => isResidentCredential),
    [true],
  );
});

test('an authenticator holds one passkey of an account', async () => {
  await assert.rejects(calls('addPasskey', 'Laptop', { password: PASSWORDS[0] }), /passkey-taken/);
});

test('in a browser that has nothing of the account it logs in and opens it, without name and password', async () => {
  const { account } = await calls('account');
  await calls('erase');
  assert.equal(await calls('account'), null);
  await calls('logInByPasskey');
  assert.deepEqual(await calls('account').then(({ account, name }) => ({ account, name })), { account, name: 'alice' });
  const [listed] = await calls('passkeys');
  // What was sealed on the device that is gone opens here: the root is the same.
  assert.equal(listed.name, 'Laptop');
  assert.ok(listed.usedAt >= listed.addedAt);
  assert.equal((await calls('devices')).length, 2);
});

test('who has lost the password sets another by it', async () => {
  await calls('setPasswordByPasskey', PASSWORDS[1]);
  await calls('logOut');
  await assert.rejects(calls('logIn', 'alice', PASSWORDS[0]), /wrong-credentials/);
  await calls('logIn', 'alice', PASSWORDS[1]);
});

test('who is not the owner of the authenticator gets nothing of it', async () => {
  // It locks itself after this, as real ones do.
  await authenticator.isHeldByAnother();
  await assert.rejects(calls('setPasswordByPasskey', 'another'), /cancelled/);
});

test('an authenticator without PRF is not taken, and says so', async () => {
  await authenticator.isReplaced({ hasPrf: false });
  await assert.rejects(calls('addPasskey', 'Old key', { password: PASSWORDS[1] }), /passkey-without-prf/);
  assert.equal((await calls('passkeys')).length, 1);
});

test('a passkey that was removed logs nobody in', async () => {
  await authenticator.isReplaced({ hasPrf: true });
  const second = await calls('addPasskey', 'Key', { password: PASSWORDS[1] });
  await calls('removePasskey', second);
  assert.deepEqual(
    (await calls('passkeys')).map((/** @type {{ passkey: string }} */ { passkey }) => passkey),
    [passkey],
  );
  await calls('logOut');
  await assert.rejects(calls('logInByPasskey'), /passkey-refused/);
  assert.deepEqual(browser.complaints, []);
});
