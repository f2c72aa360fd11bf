// What people do with messages, between two browsers over the real server: they answer, edit, react, delete, star, begin to
// write, search, and send files. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { Profile } from '../support/chromium.js';
import { look } from '../support/look.js';
import { temporaryFolder } from '../support/output.js';
import { find, go, hears, openChat, register, say, write } from '../support/person.js';
import { Server } from '../support/server.js';
import { traces } from '../support/traces.js';

/** @typedef {import('playwright-core').Page} Page */

const { folder, remove } = temporaryFolder();
const SECRET = 'the key is under the third stone';
/** @type {Server} */
let server;
/** @type {Record<'alice' | 'bob', Profile>} */
let browsers;
/** @type {Page} */
let alice;
/** @type {Page} */
let bob;

/**
 * The message that says this, and not one that answers it.
 * @param {Page} page
 * @param {string} text
 */
function rowOf(page, text) {
  return page.locator('.row').filter({ has: page.locator('.text', { hasText: text }) });
}

/** @param {import('playwright-core').Locator} row */
async function openMenu(row) {
  await row.hover();
  await row.getByRole('button', { name: 'More about this message' }).click();
}

/**
 * Does something with the message that says this.
 * @param {Page} page
 * @param {string} text
 * @param {string | RegExp} what
 */
async function choose(page, text, what) {
  await openMenu(rowOf(page, text));
  await page.getByRole('menuitem', { name: what }).click();
}

/**
 * Sends a file in the open chat.
 * @param {Page} page
 * @param {string} name
 * @param {string} mimeType
 * @param {Buffer} buffer
 */
async function send(page, name, mimeType, buffer) {
  await page.locator('input[type="file"]').setInputFiles({ name, mimeType, buffer });
  const sheet = page.getByRole('dialog', { name: /^Send/ });
  await sheet.getByRole('button', { name: 'Send', exact: true }).click();
  await sheet.waitFor({ state: 'detached' });
}

/** A picture, grey and square. */
function picture() {
  const SIDE = 64;
  /** @param {string} type @param {Buffer} data */
  const chunk = (type, data) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const body = Buffer.concat([Buffer.from(type), data]);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header[8] = 8;
  const rows = Buffer.concat(
    Array.from({ length: SIDE }, () => Buffer.concat([Buffer.from([0]), Buffer.alloc(SIDE, 128)])),
  );
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`Comment\0${SECRET}`)),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The checksum of PNG. @param {Buffer} bytes */
function crc(bytes) {
  let sum = 0xff_ff_ff_ff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xed_b8_83_20 : sum >>> 1;
  }
  return (sum ^ 0xff_ff_ff_ff) >>> 0;
}

before(async () => {
  server = await Server.start(join(folder, 'server'));
  browsers = {
    alice: new Profile(join(folder, 'alice'), server.origin),
    bob: new Profile(join(folder, 'bob'), server.origin),
  };
});

after(async () => {
  await Promise.allSettled(Object.values(browsers ?? {}).map((browser) => browser.stop()));
  await server?.stop();
  remove();
});

test('two people talk', async () => {
  [alice, bob] = await Promise.all([browsers.alice.start('/'), browsers.bob.start('/')]);
  await Promise.all([
    register(alice, 'alice', 'alice keeps seven grey herons'),
    register(bob, 'bob', 'bob paints the long fence blue'),
  ]);
  await find(alice, 'bo', 'bob');
  await say(alice, 'shall we meet at the lake?');
  await go(bob, 'Chats');
  await openChat(bob, 'alice');
  await hears(bob, ['shall we meet at the lake?']);
});

test('an answer stands under what it answers', async () => {
  await say(bob, 'which one?');
  await choose(bob, 'shall we meet at the lake?', 'Reply');
  await say(bob, 'yes, at noon');
  await hears(alice, ['which one?', 'yes, at noon']);
  await alice.locator('.row', { hasText: 'yes, at noon' }).getByText('shall we meet at the lake?').waitFor();
});

test('what was edited reads otherwise on both sides', async () => {
  await choose(alice, 'shall we meet at the lake?', 'Edit');
  await write(alice, 'shall we meet at the *small* lake?');
  await alice.getByRole('textbox', { name: /^Message to/ }).press('Enter');
  await bob.getByText('edited').first().waitFor();
  await bob.locator('.row strong', { hasText: 'small' }).waitFor();
});

test('a reaction is seen, and goes again', async () => {
  await openMenu(rowOf(bob, 'shall we meet'));
  await bob.getByRole('menuitemcheckbox').first().click();
  const seen = rowOf(alice, 'shall we meet').getByRole('button', { name: /bob/ });
  await seen.waitFor();
  await look(alice, 'verbs', () => seen.waitFor());
  await rowOf(bob, 'shall we meet').getByRole('button', { name: /you/i }).click();
  await seen.waitFor({ state: 'detached' });
});

test('what is deleted for everybody is gone for everybody', async () => {
  await say(alice, SECRET);
  await hears(bob, [SECRET]);
  await choose(alice, SECRET, 'Delete for everybody…');
  await alice.getByRole('dialog').getByRole('button', { name: 'Delete for everybody' }).click();
  const isGone = (/** @type {string} */ secret) => !document.body.textContent.includes(secret);
  await Promise.all([alice.waitForFunction(isGone, SECRET), bob.waitForFunction(isGone, SECRET)]);
});

test('a star is one’s own, and leads back to the message', async () => {
  await choose(alice, 'yes, at noon', 'Star');
  await alice.reload();
  await hears(alice, ['yes, at noon']);
  await alice.goto(`${server.origin}/starred`);
  await look(alice, 'starred', (page) => page.getByText('yes, at noon').first().waitFor());
  await alice.getByRole('link').filter({ hasText: 'yes, at noon' }).first().click();
  await alice.getByRole('heading', { level: 1, name: 'bob' }).waitFor();
  await alice.locator('.row', { hasText: 'yes, at noon' }).waitFor();
});

test('what was begun is there after a reload', async () => {
  await write(alice, 'I will bring');
  await go(alice, 'Settings');
  await alice.reload();
  await go(alice, 'Chats');
  await openChat(alice, 'bob');
  await alice.waitForFunction(() => document.querySelector('textarea')?.value === 'I will bring');
  await say(alice, 'I will bring bread');
  await hears(bob, ['I will bring bread']);
});

test('what was said is found by its words', async () => {
  await alice.goto(`${server.origin}/search?q=LAKE`);
  await look(alice, 'search', (page) => page.locator('mark').first().waitFor());
  await alice.locator('mark', { hasText: 'lake' }).first().click();
  await alice.getByRole('heading', { level: 1, name: 'bob' }).waitFor();
  await rowOf(alice, 'shall we meet').waitFor();
});

test('a file arrives byte for byte, by way of the service worker', async () => {
  const sent = randomBytes(3_000_000);
  await send(alice, 'report.bin', 'application/octet-stream', sent);
  const save = bob.getByRole('button', { name: 'Save report.bin' });
  await save.waitFor();
  const [download] = await Promise.all([bob.waitForEvent('download'), save.click()]);
  assert.equal(download.suggestedFilename(), 'report.bin');
  assert.ok(sent.equals(readFileSync(await download.path())), 'the bytes are others');
});

test('a picture is shown, without what was written into it', async () => {
  const sent = picture();
  await send(alice, 'lake.png', 'image/png', sent);
  await bob.waitForFunction(() =>
    [...document.querySelectorAll('.row img')].some(
      (image) => image instanceof HTMLImageElement && image.naturalWidth === 64,
    ),
  );
  await look(bob, 'files', (page) => page.locator('.row img').first().waitFor());
  await bob
    .getByRole('button', { name: /^Show / })
    .last()
    .click();
  const viewer = bob.getByRole('dialog', { name: /^alice/ });
  await viewer.waitFor();
  const [download] = await Promise.all([
    bob.waitForEvent('download'),
    viewer.getByRole('button', { name: 'Save' }).click(),
  ]);
  const received = readFileSync(await download.path());
  assert.ok(received.length < sent.length);
  assert.ok(!received.includes(SECRET));
  await bob.keyboard.press('Escape');
});

test('nothing went wrong meanwhile', async () => {
  for (const page of [alice, bob]) assert.equal(await page.locator('.alarm').count(), 0);
  assert.deepEqual(
    Object.values(browsers).flatMap(({ complaints }) => complaints),
    [],
  );
});

test('the server has none of it', async () => {
  await server.stop();
  assert.deepEqual(
    traces(server.folder, ['shall we meet', 'yes, at noon', SECRET, 'report.bin', 'lake.png']).found,
    [],
  );
});
