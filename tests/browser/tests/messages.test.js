// What becomes of messages, between two browsers and a terminal over the real server: that they arrived and were read, that
// somebody writes and is there, and how long they are kept. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { openAbout, pick } from '../support/group.js';
import { look } from '../support/look.js';
import { Native } from '../support/native.js';
import { temporaryFolder } from '../support/output.js';
import { allSent, find, go, hears, openChat, register, say, texts, write } from '../support/person.js';
import { Server } from '../support/server.js';
import { traces } from '../support/traces.js';

/** @typedef {import('playwright-core').Page} Page */

const PASSWORDS = {
  alice: 'alice keeps seven grey herons',
  bob: 'bob paints the long fence blue',
  nora: 'nora counts the northern lights',
};

const { folder, remove } = temporaryFolder();
/** @type {string[]} */
const written = [];
/** @type {Server} */
let server;
/** @type {Record<'alice' | 'bob', Profile>} */
let browsers;
/** @type {Native} */
let nora;
/** @type {Page} */
let alice;
/** @type {Page} */
let bob;

/** @param {string} text */
function noted(text) {
  written.push(text);
  return text;
}

/**
 * Waits until the last message of one's own is this far.
 * @param {Page} page
 * @param {string} state
 */
async function lastIs(page, state) {
  await page.waitForFunction(
    (state) => [...document.querySelectorAll('.row.own .state')].at(-1)?.textContent?.trim() === state,
    state,
  );
}

/**
 * Chooses how long messages are kept, in the dialog of the open chat.
 * @param {Page} page
 * @param {string} question
 * @param {string} answer
 */
async function keeps(page, question, answer) {
  await page.getByRole('button', { name: 'How long messages are kept' }).click();
  const dialog = page.getByRole('dialog', { name: 'How long messages are kept' });
  await dialog.getByRole('group', { name: question }).getByRole('radio', { name: answer, exact: true }).check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
}

before(async () => {
  server = await Server.start(join(folder, 'server'));
  browsers = {
    alice: new Profile(join(folder, 'alice'), server.origin),
    bob: new Profile(join(folder, 'bob'), server.origin),
  };
  nora = new Native(join(folder, 'nora'), server.origin, PASSWORDS.nora);
});

after(async () => {
  await Promise.allSettled(Object.values(browsers ?? {}).map((browser) => browser.stop()));
  await server?.stop();
  remove();
});

test('each registers, by browser and by terminal', async () => {
  [alice, bob] = await Promise.all([browsers.alice.start('/'), browsers.bob.start('/')]);
  await Promise.all([register(alice, 'alice', PASSWORDS.alice), register(bob, 'bob', PASSWORDS.bob)]);
  await nora.does('register', 'nora');
});

test('a message is sent, then delivered once it is wanted, then read', async () => {
  await find(alice, 'bo', 'bob');
  await say(alice, noted('are the herons back?'));
  // A stranger is not told that it has arrived.
  await lastIs(alice, 'Sent');
  await go(bob, 'Chats');
  await openChat(bob, 'alice');
  await hears(bob, ['are the herons back?']);
  await say(bob, noted('since this morning'));
  await lastIs(alice, 'Read');
  await go(bob, 'Settings');
  await say(alice, noted('all seven of them?'));
  await lastIs(alice, 'Delivered');
});

test('whoever has the chat open sees that the other one writes, and is there', async () => {
  await go(bob, 'Chats');
  await openChat(bob, 'alice');
  await write(bob, 'six, and a');
  await alice.locator('header').getByText('bob is typing…').waitFor();
  await say(bob, noted('six, and a seventh on the roof'));
  await hears(alice, ['six, and a seventh on the roof']);
  await alice.getByText('online', { exact: true }).waitFor();
  await look(alice, 'receipts', (page) => page.getByText('online', { exact: true }).waitFor());
});

test('whoever does not want to tell is not told', async () => {
  await go(bob, 'Settings');
  await look(bob, 'what-others-see');
  await bob.getByRole('switch', { name: 'Which messages you have read' }).uncheck();
  await go(bob, 'Chats');
  await openChat(bob, 'alice');
  await say(alice, noted('is it the grey one?'));
  await hears(bob, ['is it the grey one?']);
  await say(bob, noted('they all are'));
  await hears(alice, ['they all are']);
  await lastIs(alice, 'Delivered');
  await lastIs(bob, 'Delivered');
});

test('a fleeting message is shown to whoever is there, and is gone with the page', async () => {
  await keeps(alice, 'What you write here now', 'Fleeting');
  await write(alice, noted('between you and me: I painted it'));
  await alice.getByRole('textbox', { name: /^Message to/ }).press('Enter');
  await alice.getByText('Reached 1 device').waitFor();
  await hears(bob, ['between you and me: I painted it']);
  await look(alice, 'fleeting', (page) => page.getByText('Reached 1 device').waitFor());
  await Promise.all([alice.reload(), bob.reload()]);
  await Promise.all([hears(alice, ['they all are']), hears(bob, ['they all are'])]);
});

test('a message with a time counts down, and vanishes on both sides', async () => {
  await keeps(alice, 'All messages of this chat, from now on', 'Deleted after an hour');
  await say(alice, noted('gone by noon'));
  await alice.getByTitle(/^Vanishes/).waitFor();
  await bob.getByTitle(/^Vanishes/).waitFor();
  await look(bob, 'timed', (page) => page.getByTitle(/^Vanishes/).waitFor());

  // The shortest times are the terminal's.
  await nora.does('send', 'alice', noted('burn this letter'), '--keep', '20s');
  await go(alice, 'Chats');
  await openChat(alice, 'nora');
  await hears(alice, ['burn this letter']);
  await alice.locator('.row').waitFor({ state: 'detached' });
  assert.deepEqual(await texts(alice), []);
  const history = await nora.does('history', 'alice');
  assert.doesNotMatch(history.join('\n'), /burn this letter/);
});

test('the messages of a group are kept as its owner has chosen', async () => {
  await go(alice, 'Groups');
  await alice.getByRole('link', { name: 'New group' }).click();
  await alice.getByLabel('Title').fill('Heron watch');
  await pick(alice, 'bo', 'bob');
  await alice.getByRole('radio', { name: 'Deleted after a week' }).check();
  await alice.getByRole('button', { name: 'Create the group' }).click();
  await alice.getByRole('heading', { level: 1, name: 'Heron watch' }).waitFor();
  await say(alice, noted('kept for a week at most'));
  await allSent(alice);
  await alice.getByTitle(/^Vanishes/).waitFor();
  await openAbout(alice);
  await alice.getByText('Deleted after 7 days').waitFor();
  await alice.getByRole('button', { name: 'Messages…' }).click();
  const dialog = alice.getByRole('dialog', { name: 'How long messages are kept' });
  await dialog.getByRole('radio', { name: 'Kept', exact: true }).check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await alice.getByText('Kept', { exact: true }).waitFor();
});

test('nothing broke the policy of the pages', () => {
  assert.deepEqual([...browsers.alice.complaints, ...browsers.bob.complaints], []);
});

test('the server has no trace of what was said', async () => {
  const secrets = [...new Set(written)];
  assert.deepEqual(traces(server.folder, secrets).found, []);
  await server.stop();
  assert.deepEqual(traces(server.folder, secrets).found, []);
  await server.startAgain();
});
