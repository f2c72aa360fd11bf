// A history that is somebody's own: what a newcomer to a group is told of it, and what one takes out of Sotto and brings back,
// between browsers and a terminal over the real server. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';
import { Profile } from '../support/chromium.js';
import { backToChat, openAbout, openGroup, pick } from '../support/group.js';
import { look } from '../support/look.js';
import { Native } from '../support/native.js';
import { temporaryFolder } from '../support/output.js';
import { allSent, find, go, hears, logIn, openChat, register, say, texts } from '../support/person.js';
import { Server } from '../support/server.js';
import { traces } from '../support/traces.js';

/** @typedef {import('playwright-core').Page} Page */

const PASSWORDS = {
  alice: 'alice keeps seven grey herons',
  bob: 'bob paints the long fence blue',
  carol: 'carol rows against the current',
};
const PASSPHRASE = 'cornflowers and quince jelly';
const TITLE = 'The reading room';
const SECRETS = ['the third chapter is the one', 'she never posted the letter', 'I have *never* read <b>the end</b>'];

const { folder, remove } = temporaryFolder();
/** @type {Server} */
let server;
/** @type {Record<'alice' | 'carol' | 'fresh', Profile>} */
let browsers;
/** @type {Native} */
let bob;
/** @type {Page} */
let alice;
/** @type {Page} */
let carol;
/** The file that was saved. */
let exported = '';

/** @param {Page} page */
async function openHistory(page) {
  await go(page, 'Settings');
  await page.getByRole('link', { name: 'Your history' }).click();
  await page.getByRole('heading', { level: 1, name: 'Your history' }).waitFor();
}

/**
 * A part of the page about one's history.
 * @param {Page} page
 * @param {string} name
 */
const part = (page, name) => page.getByRole('region', { name, exact: true });

/**
 * Saves the export that is made.
 * @param {Page} page
 */
async function saved(page) {
  const link = part(page, 'Export').getByRole('link', { name: /^Save / });
  await link.waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

/**
 * Begins to read an export.
 * @param {Page} page
 * @param {string} file
 * @param {string} passphrase
 */
async function bringBack(page, file, passphrase) {
  const importing = part(page, 'Bring back');
  await importing.locator('input[type="file"]').setInputFiles(file);
  await importing.getByLabel('Its passphrase').fill(passphrase);
  await importing.getByRole('button', { name: 'Bring back' }).click();
}

before(async () => {
  server = await Server.start(join(folder, 'server'));
  browsers = {
    alice: new Profile(join(folder, 'alice'), server.origin),
    carol: new Profile(join(folder, 'carol'), server.origin),
    fresh: new Profile(join(folder, 'fresh'), server.origin),
  };
  bob = new Native(join(folder, 'bob'), server.origin, PASSWORDS.bob);
});

after(async () => {
  await Promise.allSettled(Object.values(browsers ?? {}).map((browser) => browser.stop()));
  await server?.stop();
  remove();
});

test('a group whose newcomers are to see everything has something to tell', async () => {
  [alice, carol] = await Promise.all([browsers.alice.start('/'), browsers.carol.start('/')]);
  await Promise.all([
    register(alice, 'alice', PASSWORDS.alice),
    register(carol, 'carol', PASSWORDS.carol),
    bob.does('register', 'bob'),
  ]);
  await find(carol, 'ali', 'alice');
  await say(carol, 'hello, it is carol');
  await go(alice, 'Chats');
  await openChat(alice, 'carol');
  await say(alice, 'and it is alice');
  await find(alice, 'bo', 'bob');
  await say(alice, SECRETS[2] ?? '');
  await allSent(alice);
  await bob.does('accept', 'alice');

  await go(alice, 'Groups');
  await alice.getByRole('link', { name: 'New group' }).click();
  await alice.getByLabel('Title').fill(TITLE);
  await pick(alice, 'bo', 'bob');
  await alice.getByRole('button', { name: 'Create the group' }).click();
  await alice.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  await openAbout(alice);
  await alice.getByRole('button', { name: 'Newcomers…' }).click();
  const dialog = alice.getByRole('dialog', { name: 'What newcomers see' });
  await dialog.getByRole('radio', { name: 'Everything' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await alice.getByText('Everything that was said', { exact: true }).waitFor();
  await backToChat(alice);
  await say(alice, SECRETS[0] ?? '');
  await allSent(alice);
  await bob.does('send', `#${TITLE}`, SECRETS[1] ?? '');
  await hears(alice, [SECRETS[0] ?? '', SECRETS[1] ?? '']);
});

test('a newcomer is told what was said, and by whom', async () => {
  await openAbout(alice);
  await alice.getByRole('button', { name: 'Add people…' }).click();
  await pick(alice, 'car', 'carol');
  await alice.getByRole('button', { name: 'Add 1 person' }).click();
  await go(carol, 'Chats');
  await openGroup(carol, TITLE);
  await carol.getByText('Told by alice. Nobody can check that it was said so.').waitFor();
  await hears(carol, [SECRETS[0] ?? '', SECRETS[1] ?? '']);
  await look(carol, 'told', (page) => page.getByText(/^Told by alice/).waitFor());
  await say(carol, 'so that is what I have missed');
  await backToChat(alice);
  await hears(alice, ['so that is what I have missed']);
});

test('an encrypted export has nothing in it that can be read', async () => {
  await openHistory(alice);
  await alice.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await alice.getByLabel('Passphrase, once more').fill(PASSPHRASE);
  await part(alice, 'Export').getByRole('button', { name: 'Export', exact: true }).click();
  exported = await saved(alice);
  assert.match(exported, /sotto-alice-\d{4}-\d\d-\d\d\.sotto$/);
  await look(alice, 'own-history', (page) =>
    part(page, 'Export')
      .getByRole('link', { name: /^Save / })
      .waitFor(),
  );
  const kept = join(folder, 'kept');
  mkdirSync(kept);
  writeFileSync(join(kept, 'export.sotto'), readFileSync(exported));
  assert.deepEqual(traces(kept, [...SECRETS, ...Object.values(PASSWORDS), PASSPHRASE, TITLE]).found, []);
});

test('a readable export is pages that a browser opens, without script', async () => {
  await part(alice, 'Export').getByRole('button', { name: 'I have it' }).click();
  await alice.getByRole('radio', { name: 'To read (web pages and JSON)' }).check();
  await part(alice, 'Export').getByRole('button', { name: 'Export', exact: true }).click();
  const entries = unzipSync(readFileSync(await saved(alice)));
  const pages = join(folder, 'pages');
  for (const [name, content] of Object.entries(entries)) {
    mkdirSync(dirname(join(pages, name)), { recursive: true });
    writeFileSync(join(pages, name), content);
  }
  const page = await browsers.alice.context.newPage();
  await page.goto(pathToFileURL(join(pages, 'index.html')).href);
  await look(page, 'exported-index');
  await page.getByRole('link', { name: TITLE }).click();
  await page.getByText(SECRETS[1] ?? '').waitFor();
  await look(page, 'exported-chat');
  await page.goBack();
  await page.getByRole('link', { name: /bob/ }).first().click();
  await page.getByText('<b>the end</b>').waitFor();
  assert.equal(await page.locator('script').count(), 0);
  await page.close();
  const json = Object.entries(entries).filter(([name]) => name.endsWith('.json'));
  const said = json.map(([, content]) => Buffer.from(content).toString('utf8')).join('\n');
  for (const secret of SECRETS) assert.ok(said.includes(secret), `${secret} is in no JSON`);
  for (const [, content] of json) JSON.parse(Buffer.from(content).toString('utf8'));
});

test('an export is read on another device, with the passphrase alone, and takes nothing twice', async () => {
  await browsers.alice.stop();
  const fresh = await browsers.fresh.start('/');
  await logIn(fresh, 'alice', PASSWORDS.alice);
  await openGroup(fresh, TITLE);
  await openHistory(fresh);
  await bringBack(fresh, exported, 'cornflowers and quince jam');
  await part(fresh, 'Bring back').getByRole('alert').waitFor();
  await look(fresh, 'own-history-refused', (page) => part(page, 'Bring back').getByRole('alert').waitFor());
  // Some of it may have come from the archive meanwhile.
  const importing = part(fresh, 'Bring back');
  for (const words of [/^Your history is back\. /, /^Your history is back\. Nothing is new: all \d+ messages /]) {
    await bringBack(fresh, exported, PASSPHRASE);
    await importing.locator('p', { hasText: words }).waitFor();
    await importing.getByRole('button', { name: 'Done' }).click();
  }
  await go(fresh, 'Chats');
  await openGroup(fresh, TITLE);
  assert.deepEqual(await texts(fresh), [SECRETS[0], SECRETS[1], 'so that is what I have missed']);
});

test('an export of another account is refused', async () => {
  await openHistory(carol);
  await bringBack(carol, exported, PASSPHRASE);
  await part(carol, 'Bring back')
    .getByRole('alert')
    .filter({ hasText: /another account/ })
    .waitFor();
});

test('nothing broke the policy of the pages', () => {
  assert.deepEqual(
    Object.values(browsers).flatMap(({ complaints }) => complaints),
    [],
  );
});

test('the server has no trace of it', async () => {
  await server.stop();
  assert.deepEqual(traces(server.folder, [...SECRETS, ...Object.values(PASSWORDS), PASSPHRASE, TITLE]).found, []);
});
