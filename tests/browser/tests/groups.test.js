// Groups in three browsers over the real server: one is made, talked in, grows, is renamed and left; another is found by
// search and joined; and of a private group the server knows not even its title. Each step begins where the one before
// ended.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { backToChat, openAbout, openGroup, pick } from '../support/group.js';
import { temporaryFolder } from '../support/output.js';
import { allSent, go, hears, register, say, texts } from '../support/person.js';
import { Server } from '../support/server.js';
import { traces } from '../support/traces.js';

/** @typedef {import('playwright-core').Page} Page */

const TITLE = 'Rowing on Sundays at seven';
const NEW_TITLE = 'Sculling on Saturdays at six';

const { folder, remove } = temporaryFolder();
/** @type {string[]} */
const written = [TITLE, NEW_TITLE];
/** @type {Server} */
let server;
/** @type {Record<'alice' | 'bob' | 'carol', Profile>} */
let browsers;
/** @type {Page} */
let alice;
/** @type {Page} */
let bob;
/** @type {Page} */
let carol;

/** @param {string} text */
function noted(text) {
  written.push(text);
  return text;
}

before(async () => {
  server = await Server.start(join(folder, 'server'));
  browsers = {
    alice: new Profile(join(folder, 'alice'), server.origin),
    bob: new Profile(join(folder, 'bob'), server.origin),
    carol: new Profile(join(folder, 'carol'), server.origin),
  };
});

after(async () => {
  await Promise.allSettled(Object.values(browsers ?? {}).map((browser) => browser.stop()));
  await server?.stop();
  remove();
});

/**
 * Waits for a change of the group to be told between the messages.
 * @param {Page} page
 * @param {string} sentence
 */
async function reads(page, sentence) {
  try {
    await page.locator('.notice').getByText(sentence, { exact: true }).waitFor();
  } catch (error) {
    const shown = await page.locator('.notice p').allTextContents();
    throw new Error(`wanted ${JSON.stringify(sentence)}, saw ${JSON.stringify(shown)}`, { cause: error });
  }
}

test('each registers', async () => {
  [alice, bob, carol] = await Promise.all([
    browsers.alice.start('/'),
    browsers.bob.start('/'),
    browsers.carol.start('/'),
  ]);
  await register(alice, 'alice', 'alice keeps seven grey herons');
  await register(bob, 'bob', 'bob paints the long fence blue');
  await register(carol, 'carol', 'carol counts the northern lights');
});

test('one makes a group with another, and both talk in it', async () => {
  await go(alice, 'Groups');
  await alice.getByRole('link', { name: 'New group' }).click();
  await alice.getByLabel('Title').fill(TITLE);
  await alice.getByLabel('Description').fill(noted('Eight seats, one old boat, and whoever is awake'));
  await pick(alice, 'bo', 'bob');
  await alice.getByRole('button', { name: 'Create the group' }).click();
  await alice.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  await say(alice, noted('who takes the second oar?'));
  await allSent(alice);

  await go(bob, 'Chats');
  await openGroup(bob, TITLE);
  await hears(bob, ['who takes the second oar?']);
  await bob.getByRole('article').locator('.author', { hasText: 'alice' }).waitFor();
  await say(bob, noted('the second oar is mine'));
  await hears(alice, ['who takes the second oar?', 'the second oar is mine']);
  await alice.getByRole('article').locator('.author', { hasText: 'bob' }).waitFor();
});

test('a third one is added, and is told the title by those who were there', async () => {
  await openAbout(alice);
  await alice.getByText('Eight seats, one old boat, and whoever is awake').waitFor();
  await alice.getByRole('button', { name: 'Add people…' }).click();
  await pick(alice, 'car', 'carol');
  await alice.getByRole('button', { name: 'Add 1 person' }).click();
  await alice.getByRole('list', { name: '3 people' }).getByText('carol', { exact: true }).waitFor();
  await reads(bob, 'alice has added carol.');

  await go(carol, 'Chats');
  await openGroup(carol, TITLE);
  assert.deepEqual(await texts(carol), []);
  await say(carol, noted('hello from the jetty, all of you'));
  await hears(bob, ['hello from the jetty, all of you']);
  await backToChat(alice);
  await reads(alice, 'You have added carol.');
  await hears(alice, ['hello from the jetty, all of you']);
  await say(alice, noted('good morning to the jetty'));
  await hears(carol, ['hello from the jetty, all of you', 'good morning to the jetty']);
});

test('a new title is seen by all', async () => {
  await openAbout(alice);
  await alice.getByRole('button', { name: 'Rename…' }).click();
  await alice.getByRole('textbox', { name: 'Title', exact: true }).fill(NEW_TITLE);
  await alice.getByRole('button', { name: 'Save' }).click();
  await alice.getByRole('heading', { level: 1, name: NEW_TITLE }).waitFor();
  for (const page of [bob, carol]) {
    await page.getByRole('heading', { level: 1, name: NEW_TITLE }).waitFor();
    await reads(page, `alice has renamed the group: “${NEW_TITLE}”.`);
  }
});

test('who leaves keeps what was said, and hears no more', async () => {
  await openAbout(bob);
  await bob.getByRole('button', { name: 'Leave the group' }).click();
  await bob.getByRole('dialog').getByRole('button', { name: 'Leave the group' }).click();
  await bob.getByText(/You are not in this group any more/).waitFor();
  assert.equal(await bob.getByRole('textbox').count(), 0);
  await reads(carol, 'bob has left.');

  await backToChat(alice);
  await say(alice, noted('now there are seven seats'));
  await hears(carol, ['now there are seven seats']);
  await bob.reload();
  await bob.getByText(/You are not in this group any more/).waitFor();
  await hears(bob, ['good morning to the jetty']);
});

test('who leaves a group that waits as a request has nothing left to accept, and puts it away', async () => {
  const title = 'Fishing at night';
  written.push(title);
  await go(alice, 'Groups');
  await alice.getByRole('link', { name: 'New group' }).click();
  await alice.getByLabel('Title').fill(title);
  await pick(alice, 'bo', 'bob');
  await alice.getByRole('button', { name: 'Create the group' }).click();
  await alice.getByRole('heading', { level: 1, name: title }).waitFor();

  await go(bob, 'Chats');
  await openGroup(bob, title);
  const request = bob.getByRole('region', { name: 'Request' });
  await request.getByRole('button', { name: 'Accept' }).waitFor();
  await openAbout(bob);
  await bob.getByRole('button', { name: 'Leave the group' }).click();
  await bob.getByRole('dialog').getByRole('button', { name: 'Leave the group' }).click();
  await request.getByText(/You are not in this group any more/).waitFor();
  assert.equal(await request.getByRole('button', { name: 'Accept' }).count(), 0);
  await request.getByRole('button', { name: 'Remove from the list' }).click();
  await bob.getByRole('link', { name: title }).waitFor({ state: 'detached' });
});

test('an open group that is listed is found by search, and joined', async () => {
  await go(bob, 'Groups');
  await bob.getByRole('link', { name: 'New group' }).click();
  await bob.getByLabel('Title').fill('Bakers by the river');
  await bob.getByRole('radio', { name: 'Anyone can join' }).check();
  await bob.getByRole('radio', { name: 'Everybody on this server' }).check();
  await bob.getByRole('button', { name: 'Create the group' }).click();
  await bob.getByRole('heading', { level: 1, name: 'Bakers by the river' }).waitFor();

  await go(carol, 'Groups');
  // The private one is hers, and nobody finds it.
  await carol.getByRole('list', { name: 'Your groups' }).getByText(NEW_TITLE).waitFor();
  const search = carol.getByRole('searchbox', { name: 'Search listed groups' });
  await search.fill('saturdays');
  await carol.getByText('No group found for “saturdays”.').waitFor();
  await search.fill('bakers');
  await carol.getByRole('button', { name: 'Join Bakers by the river' }).click();
  await carol.getByRole('heading', { level: 1, name: 'Bakers by the river' }).waitFor();
  await reads(bob, 'carol has joined.');
  await say(carol, noted('my loaf has burned again'));
  await hears(bob, ['my loaf has burned again']);
  await say(bob, noted('turn the oven down, then'));
  await hears(carol, ['my loaf has burned again', 'turn the oven down, then']);
  await allSent(carol);
});

test('notes are there for oneself, and in every tab', async () => {
  await alice.getByRole('link', { name: 'Notes to yourself' }).first().click();
  await say(alice, noted('buy a new plank for the boat'));
  await allSent(alice);
  const second = await browsers.alice.tab('/notes');
  await hears(second, ['buy a new plank for the boat']);
  await second.close();
});

test('a group is deleted by its owner, for everyone', async () => {
  await openGroup(alice, NEW_TITLE);
  await openGroup(carol, NEW_TITLE);
  await openAbout(alice);
  await alice.getByRole('button', { name: 'Delete the group' }).click();
  await alice.getByRole('button', { name: 'Delete the group for everyone' }).click();
  for (const page of [alice, carol]) await page.getByText(/You are not in this group any more/).waitFor();
});

test('nothing broke the policy of the pages, and nobody else was asked for anything', () => {
  assert.deepEqual(
    Object.values(browsers).flatMap(({ complaints }) => complaints),
    [],
  );
});

test('the server has no trace of what was said, nor of what a private group is called', () => {
  assert.deepEqual(traces(server.folder, written).found, []);
});
