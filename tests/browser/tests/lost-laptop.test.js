// A lost laptop: somebody logs in with a name and a password in a browser that was never here before. Chats, names, what was not
// read and what was said are there; the laptop is removed. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { look } from '../support/look.js';
import { Native } from '../support/native.js';
import { temporaryFolder } from '../support/output.js';
import { hears, logIn, openChat, say, texts } from '../support/person.js';
import { Server } from '../support/server.js';
import { traces } from '../support/traces.js';

const PASSWORDS = { alice: 'alice keeps seven grey herons', bob: 'bob paints the long fence blue' };
const SECRETS = ['the spare key is with the baker', 'meet me where the river bends', 'bring the red umbrella'];

const { folder, remove } = temporaryFolder();
/** @type {Server} */
let server;
/** @type {Native} */
let laptop;
/** @type {Native} */
let bob;
/** @type {Profile} */
let browser;
/** @type {import('playwright-core').Page} */
let alice;

before(async () => {
  server = await Server.start(join(folder, 'server'));
  laptop = new Native(join(folder, 'laptop'), server.origin, PASSWORDS.alice);
  bob = new Native(join(folder, 'bob'), server.origin, PASSWORDS.bob);
  browser = new Profile(join(folder, 'browser'), server.origin);
});

after(async () => {
  await browser?.stop();
  await server?.stop();
  remove();
});

test('two people talk by their laptops, and in a group', async () => {
  await laptop.does('register', 'alice');
  await bob.does('register', 'bob');
  await laptop.does('send', 'bob', SECRETS[0] ?? '');
  await bob.does('accept', 'alice');
  await laptop.does('group', 'create', 'Rowing', '--with', 'bob');
  await bob.does('chats');
  await laptop.does('send', '#Rowing', SECRETS[1] ?? '');
  // What was said so far is read, and what comes now is not.
  await laptop.does('history', 'bob');
  await bob.does('send', 'alice', SECRETS[2] ?? '');
  await laptop.does('sync');
});

test('a browser that was never here has it all, by name and password', async () => {
  alice = await browser.start('/');
  const begun = performance.now();
  await logIn(alice, 'alice', PASSWORDS.alice);
  const list = alice.getByRole('link', { name: /bob/ }).filter({ hasText: SECRETS[2] });
  await list.waitFor();
  console.log(`from the click to the last message of a chat: ${Math.round(performance.now() - begun)} ms`);
  await alice
    .getByRole('link', { name: /Rowing/ })
    .filter({ hasText: SECRETS[1] })
    .waitFor();
  await look(alice, 'lost-laptop-chats');
  await openChat(alice, 'bob');
  await hears(alice, [SECRETS[0] ?? '', SECRETS[2] ?? '']);
  assert.deepEqual(await texts(alice), [SECRETS[0], SECRETS[2]]);
  await look(alice, 'lost-laptop-history');
  await say(alice, 'I have lost my laptop');
  const heard = await bob.does('history', 'alice');
  assert.ok(heard.some((line) => line.includes('I have lost my laptop')));
});

test('the laptop is removed, and can do nothing more', async () => {
  await alice.goto(`${server.origin}/settings/devices`);
  await alice
    .getByRole('button', { name: /^Remove / })
    .first()
    .click();
  const dialog = alice.getByRole('dialog', { name: /^Remove / });
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await assert.rejects(laptop.does('send', 'bob', 'I am not alice'));
});

test('the server has none of it', async () => {
  await server.stop();
  assert.deepEqual(traces(join(folder, 'server'), [...SECRETS, ...Object.values(PASSWORDS)]).found, []);
});
