// Two people in browsers and two in terminals: how each kind of group lets people in, what it looks like, and what becomes
// of a device that is added, used and removed. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { backToChat, openAbout, openGroup, pick } from '../support/group.js';
import { look } from '../support/look.js';
import { Native } from '../support/native.js';
import { temporaryFolder } from '../support/output.js';
import { allSent, find, hears, openChat, register, say } from '../support/person.js';
import { Server } from '../support/server.js';
import { traces } from '../support/traces.js';

/** @typedef {import('playwright-core').Page} Page */

const PASSWORDS = {
  alice: 'alice keeps seven grey herons',
  bob: 'bob paints the long fence blue',
  nora: 'nora counts the northern lights',
  dan: 'dan winds the old town clock',
};
const HARBOUR = 'Harbour watch';
const KITCHEN = 'The quiet kitchen under the stairs';
const WATER = 'Open water on Sundays';

const { folder, remove } = temporaryFolder();
/** @type {string[]} */
const written = [KITCHEN];
/** @type {Server} */
let server;
/** @type {Record<'alice' | 'bob' | 'laptop', Profile>} */
let browsers;
/** @type {Native} */
let nora;
/** @type {Native} */
let dan;
/** @type {Page} */
let alice;
/** @type {Page} */
let bob;

/** @param {string} text */
function noted(text) {
  written.push(text);
  return text;
}

before(async () => {
  server = await Server.start(join(folder, 'server'));
  const profile = (/** @type {string} */ name) => new Profile(join(folder, name), server.origin);
  browsers = { alice: profile('alice'), bob: profile('bob'), laptop: profile('laptop') };
  nora = new Native(join(folder, 'nora'), server.origin, PASSWORDS.nora);
  dan = new Native(join(folder, 'dan'), server.origin, PASSWORDS.dan);
});

after(async () => {
  await Promise.allSettled(Object.values(browsers ?? {}).map((browser) => browser.stop()));
  await server?.stop();
  remove();
});

/**
 * @param {Page} page
 * @param {'Chats' | 'Groups' | 'Settings'} name
 */
async function go(page, name) {
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
}

/**
 * Begins a group on the page for it.
 * @param {Page} page
 * @param {string} title
 */
async function beginGroup(page, title) {
  await go(page, 'Groups');
  await page.getByRole('link', { name: 'New group' }).click();
  await page.getByLabel('Title').fill(title);
}

/**
 * @param {Page} page
 * @param {string} title
 */
async function create(page, title) {
  await page.getByRole('button', { name: 'Create the group' }).click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

/**
 * Opens a group, wherever in the app one is.
 * @param {Page} page
 * @param {string} title
 */
async function goToGroup(page, title) {
  await go(page, 'Chats');
  await openGroup(page, title);
}

/**
 * The id of a group that a terminal finds.
 * @param {Native} native
 * @param {string} title
 */
async function findsInTerminal(native, title) {
  const lines = await native.does('group', 'find', title);
  const id = lines.find((line) => line.includes(title))?.split(/\s+/)[0];
  assert.ok(id, `${title} is not in ${JSON.stringify(lines)}`);
  return id;
}

test('each registers, and those who will be in groups together know each other', async () => {
  [alice, bob] = await Promise.all([browsers.alice.start('/'), browsers.bob.start('/')]);
  await register(alice, 'alice', PASSWORDS.alice);
  await register(bob, 'bob', PASSWORDS.bob);
  await nora.does('register', 'nora');
  await dan.does('register', 'dan');
  await find(alice, 'bo', 'bob');
  await say(alice, noted('the boats are coming in, bob'));
  await allSent(alice);
  await go(bob, 'Chats');
  await openChat(bob, 'alice');
  await hears(bob, ['the boats are coming in, bob']);
  await say(bob, noted('and the gulls with them'));
  await hears(alice, ['and the gulls with them']);
});

test('into a listed group a newcomer comes when two members have approved', async () => {
  await beginGroup(alice, HARBOUR);
  await alice.getByLabel('Description').fill('Who comes in, who goes out');
  await alice.getByRole('radio', { name: 'People ask, and several members approve' }).check();
  await alice.getByLabel('How many members have to approve?').selectOption('2');
  await alice.getByRole('radio', { name: 'Everybody on this server' }).check();
  await pick(alice, 'bo', 'bob');
  await look(alice, 'group-new');
  await create(alice, HARBOUR);
  await goToGroup(bob, HARBOUR);

  await nora.does('group', 'ask', await findsInTerminal(nora, HARBOUR));
  await alice.getByText('1 person asks to join').waitFor();
  await look(alice, 'group-asking');
  await openAbout(alice);
  await look(alice, 'group-about-asking');
  await alice.getByRole('button', { name: 'Approve nora' }).click();
  await alice.getByText('You have approved').waitFor();
  assert.equal((await nora.does('chats')).join('\n').includes(HARBOUR), false, 'one approval is not enough');

  await openAbout(bob);
  await bob.getByText('1 of 2 have approved').waitFor();
  await bob.getByRole('button', { name: 'Approve nora' }).click();
  await bob.getByRole('list', { name: '3 people' }).getByText('nora', { exact: true }).waitFor();
  await nora.does('send', `#${HARBOUR}`, noted('the pilot boat is late today'));
  await backToChat(alice);
  await hears(alice, ['the pilot boat is late today']);
  await say(alice, noted('it is behind the breakwater'));
  await allSent(alice);
  const heard = await nora.does('history', `#${HARBOUR}`);
  assert.ok(heard.some((line) => line.includes('it is behind the breakwater')));
});

test('a picture is seen by all, and by whoever finds the group', async () => {
  const picture = join(folder, 'harbour.png');
  writeFileSync(picture, Buffer.from(await drawn(alice), 'base64'));
  await openAbout(alice);
  await alice.getByRole('button', { name: 'Picture…' }).click();
  await alice.getByLabel('Choose a picture…').setInputFiles(picture);
  await alice.getByRole('img', { name: 'What you have chosen' }).waitFor();
  await look(alice, 'group-picture');
  await alice.getByRole('button', { name: 'Use this picture' }).click();
  await alice.locator('main header img').waitFor();
  await look(alice, 'group-about');
  await bob.locator('main header img').waitFor();

  const saved = join(folder, 'saved');
  await nora.does('group', 'picture', `#${HARBOUR}`, '--save', saved);
  assert.match(readFileSync(saved).subarray(0, 12).toString('latin1'), /^RIFF....WEBP$/s);
  await dan.does('group', 'find', HARBOUR);
});

/**
 * A picture that this browser has drawn, in base64.
 * @param {Page} page
 */
async function drawn(page) {
  return await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [900, 600];
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    const sky = context.createLinearGradient(0, 0, 0, 600);
    sky.addColorStop(0, '#f6c177');
    sky.addColorStop(0.55, '#eb6f92');
    sky.addColorStop(0.56, '#31748f');
    sky.addColorStop(1, '#1f1d2e');
    context.fillStyle = sky;
    context.fillRect(0, 0, 900, 600);
    context.fillStyle = '#191724';
    context.fillRect(430, 220, 12, 160);
    context.fillRect(330, 380, 220, 26);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
}

test('an unlisted group is found by nobody, and its members are invited', async () => {
  await beginGroup(bob, KITCHEN);
  await pick(bob, 'ali', 'alice');
  await pick(bob, 'da', 'dan');
  await create(bob, KITCHEN);
  await say(bob, noted('the kettle is on, quietly'));
  await allSent(bob);
  await goToGroup(alice, KITCHEN);
  await hears(alice, ['the kettle is on, quietly']);
  const id = new URL(alice.url()).pathname.split('/').at(-1) ?? '';

  assert.deepEqual(await nora.does('group', 'find', 'kitchen'), []);
  await assert.rejects(nora.does('group', 'join', id));
  assert.equal((await nora.does('chats')).join('\n').includes(KITCHEN), false);
});

test('an open group of one terminal is found by search in a browser, and joined', async () => {
  await nora.does('group', 'create', WATER, '--joining', 'open', '--listed');
  await go(bob, 'Groups');
  await bob.getByRole('searchbox', { name: 'Search listed groups' }).fill('open water');
  await look(bob, 'groups-found');
  await bob.getByRole('button', { name: `Join ${WATER}` }).click();
  await bob.getByRole('heading', { level: 1, name: WATER }).waitFor();
  await say(bob, noted('is the water warm yet?'));
  await allSent(bob);
  await nora.does('send', `#${WATER}`, noted('never, but it is clear'));
  await hears(bob, ['is the water warm yet?', 'never, but it is clear']);
});

test('a device is let in by a code, is in every chat, and is out of all once it is removed', async () => {
  await go(alice, 'Settings');
  await alice.getByRole('main').getByRole('link', { name: 'Your devices' }).click();
  await alice.getByRole('button', { name: 'Log in a new device' }).click();
  const code = (await alice.getByRole('dialog').locator('code').textContent()) ?? '';
  const laptop = await browsers.laptop.start('/login');
  await laptop.getByRole('button', { name: 'Use a code from another device' }).click();
  await laptop.getByLabel('Code', { exact: true }).fill(code);
  await look(laptop, 'login-by-code');
  await laptop.getByRole('button', { name: 'Log in', exact: true }).click();
  await alice.getByText(/is logged in\./).waitFor();
  await alice.getByRole('button', { name: 'Done' }).click();
  await look(alice, 'devices');

  await goToGroup(laptop, HARBOUR);
  await say(laptop, noted('from the laptop: all boats are in'));
  await allSent(laptop);
  await goToGroup(bob, HARBOUR);
  await hears(bob, ['from the laptop: all boats are in']);
  await goToGroup(laptop, KITCHEN);
  await say(laptop, noted('and the kettle is empty'));
  await goToGroup(bob, KITCHEN);
  await hears(bob, ['and the kettle is empty']);

  await alice.getByRole('button', { name: /^Remove / }).click();
  await alice.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await laptop.getByRole('link', { name: 'Log in', exact: true }).first().waitFor();
  await alice.getByRole('button', { name: /^Remove / }).waitFor({ state: 'detached' });
  await goToGroup(alice, KITCHEN);
  await say(alice, noted('only one of us is here now'));
  await hears(bob, ['only one of us is here now']);
});

test('nothing broke the policy of the pages, and nobody else was asked for anything', () => {
  assert.deepEqual(
    Object.values(browsers).flatMap(({ complaints }) => complaints),
    [],
  );
});

test('the server has no trace of what was said, nor of what the unlisted group is called', () => {
  assert.deepEqual(traces(server.folder, written).found, []);
});
