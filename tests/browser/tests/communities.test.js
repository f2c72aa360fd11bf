// A community in three browsers over the real server: it is founded where its founder is, found there by somebody near, has pictures
// and a group that its members alone come into, is looked after, handed over and deleted. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Profile } from '../support/chromium.js';
import { openAbout } from '../support/group.js';
import { look } from '../support/look.js';
import { temporaryFolder } from '../support/output.js';
import { allSent, go, hears, register, say } from '../support/person.js';
import { Server } from '../support/server.js';
import { traces } from '../support/traces.js';

/** @typedef {import('playwright-core').Page} Page */

const PICTURE = fileURLToPath(new URL('../../../web/public/icon-180.png', import.meta.url));
const TITLE = 'Choir of the lake';
const GROUP = 'Who brings the cake';
const BROADCAST = 'What the choir has to know';
const LINDAU = { latitude: 47.55, longitude: 9.69 };
const BREGENZ = { latitude: 47.5, longitude: 9.74 };

const { folder, remove } = temporaryFolder();
/** @type {string[]} */
const written = [];
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

/** @param {Page} page */
async function toCommunities(page) {
  await go(page, 'Groups');
  await page.getByRole('link', { name: 'Communities' }).click();
  await page.getByRole('heading', { level: 1, name: 'Communities' }).waitFor();
}

/**
 * Opens what can be done about a member.
 * @param {string} name
 */
async function manage(name) {
  await alice.getByRole('button', { name: new RegExp(`^About ${name}`) }).click();
  return alice.getByRole('dialog');
}

before(async () => {
  server = await Server.start(join(folder, 'server'));
  const profile = (/** @type {string} */ name) => new Profile(join(folder, name), server.origin, ['geolocation']);
  browsers = { alice: profile('alice'), bob: profile('bob'), carol: profile('carol') };
});

after(async () => {
  await Promise.allSettled(Object.values(browsers ?? {}).map((browser) => browser.stop()));
  await server?.stop();
  remove();
});

test('each registers', async () => {
  [alice, bob, carol] = await Promise.all([
    browsers.alice.start('/'),
    browsers.bob.start('/'),
    browsers.carol.start('/'),
  ]);
  await alice.context().setGeolocation(LINDAU);
  await bob.context().setGeolocation(BREGENZ);
  await register(alice, 'alice', 'alice keeps seven grey herons');
  await register(bob, 'bob', 'bob paints the long fence blue');
  await register(carol, 'carol', 'carol counts the northern lights');
});

test('a community is founded by whoever may, and what is missing is said first', async () => {
  await toCommunities(alice);
  await alice.getByText('There is no community here yet.').waitFor();
  await alice.getByRole('link', { name: 'Found a community' }).click();
  await alice.getByRole('button', { name: 'Found the community' }).click();
  await alice.getByText('Please give the community a title.').waitFor();
  await alice.getByText('Please choose at least one topic.').waitFor();
  await alice.getByLabel('Title').fill(TITLE);
  await alice.getByLabel('Description').fill('We sing on Tuesdays, whatever the weather.');
  await alice.getByRole('checkbox', { name: 'Music' }).check();
  await alice.getByLabel('Place').fill('Lindau');
  await alice.getByRole('button', { name: 'Use where I am' }).click();
  await alice.getByText(/^Somewhere around/).waitFor();
  await look(alice, 'new-community');
  await alice.getByRole('button', { name: 'Found the community' }).click();
  await alice.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  await alice.getByText('You: Founder').waitFor();
});

test('it has a picture and a cover, made anew by the server, that others see', async () => {
  await alice.getByRole('button', { name: 'Edit' }).click();
  for (const part of ['Picture', 'Cover']) {
    const group = alice.getByRole('group', { name: part });
    const file = { name: 'me.png', mimeType: 'image/png', buffer: readFileSync(PICTURE) };
    await group.locator('input').setInputFiles(file);
    await group.locator('img').waitFor();
  }
  await look(alice, 'edit-community');
  await alice.getByRole('button', { name: 'Save' }).click();
  await alice.locator('img.cover').waitFor();
});

test('somebody near finds it by what it says, by what it is about, and by where it is', async () => {
  await toCommunities(bob);
  await bob.getByLabel('Search communities').fill('tuesdays');
  const found = bob.getByRole('list', { name: 'Communities found' }).getByRole('link', { name: TITLE });
  await found.waitFor();
  await bob.getByLabel('Search communities').fill('nothing like that');
  await bob.getByText('No community fits.').waitFor();
  await bob.getByLabel('Search communities').fill('');
  await bob.getByLabel('About').selectOption({ label: 'Music' });
  await found.waitFor();
  await bob.getByLabel('About').selectOption({ label: 'Sport' });
  await bob.getByText('No community fits.').waitFor();
  await bob.getByLabel('About').selectOption({ label: 'Anything' });
  await bob.getByRole('button', { name: 'Near me' }).click();
  await found.getByText(/\d+ km/).waitFor();
  await look(bob, 'communities', (page) => page.getByRole('link', { name: TITLE }).first().waitFor());
  await found.click();
  await bob.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  const cover = bob.locator('img.cover');
  await cover.waitFor();
  const answer = await fetch(new URL((await cover.getAttribute('src')) ?? '', server.origin));
  assert.equal(answer.headers.get('content-type'), 'image/jpeg');
});

test('its members make groups that they alone come into', async () => {
  await bob.getByText('No group of this community is listed yet.').waitFor();
  assert.equal(await bob.getByRole('link', { name: 'New group' }).count(), 0);

  await alice.getByRole('link', { name: 'New group' }).click();
  await alice.getByText(`This group is of the community ${TITLE}`).waitFor();
  await alice.getByLabel('Title').fill(GROUP);
  await alice.getByRole('button', { name: 'Create the group' }).click();
  await alice.getByRole('heading', { level: 1, name: GROUP }).waitFor();
  await say(alice, noted('the plums are ripe on Thursday'));
  await allSent(alice);

  await bob.reload();
  await bob.getByText('Join the community to come into its groups.').waitFor();
  assert.equal(await bob.getByRole('button', { name: /^Join Who brings/ }).count(), 0);
  await bob.getByRole('button', { name: 'Join the community' }).click();
  await bob.getByRole('button', { name: /^Join Who brings/ }).click();
  await bob.getByRole('heading', { level: 1, name: GROUP }).waitFor();
  await say(bob, noted('then I bake on Friday'));
  await hears(alice, ['the plums are ripe on Thursday', 'then I bake on Friday']);

  // Who is in the group and not in the community comes in by no other door.
  await go(carol, 'Groups');
  await carol.getByRole('searchbox', { name: 'Search listed groups' }).fill('cake');
  await carol.getByRole('button', { name: /^Join Who brings/ }).click();
  await carol.getByText('Join the community first.').waitFor();
  assert.equal(await carol.getByRole('heading', { level: 1, name: GROUP }).count(), 0);
});

test('a group says which community it is of, and leads there', async () => {
  await openAbout(alice);
  await alice.getByRole('link', { name: TITLE }).click();
  await alice.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  await alice.getByRole('heading', { name: '2 members' }).waitFor();
  await look(alice, 'community', (page) => page.getByRole('button', { name: /^About bob/ }).waitFor());
});

test('its founder begins a broadcast that its members read, and in which nobody else writes', async () => {
  await alice.getByRole('button', { name: 'Begin a broadcast' }).click();
  await alice.getByRole('dialog').getByLabel('Title').fill(BROADCAST);
  await alice.getByRole('dialog').getByRole('button', { name: 'Begin' }).click();
  await alice.getByRole('heading', { level: 1, name: BROADCAST }).waitFor();
  await say(alice, noted('we meet at the boathouse'));
  await allSent(alice);

  await toCommunities(bob);
  await bob.getByRole('list', { name: 'Your communities' }).getByRole('link', { name: TITLE }).click();
  const section = bob.getByRole('region', { name: 'Broadcast' });
  await section.getByRole('button', { name: `Join ${BROADCAST}` }).waitFor();
  await look(bob, 'community-broadcast');
  await section.getByRole('button', { name: `Join ${BROADCAST}` }).click();
  // What was said before he came, too.
  await hears(bob, ['we meet at the boathouse']);
  await bob.getByText('Here the owner and the admins write. You read along.').waitFor();
  assert.equal(await bob.getByRole('textbox', { name: /^Message to/ }).count(), 0);
  await say(alice, noted('bring the lanterns'));
  await hears(bob, ['we meet at the boathouse', 'bring the lanterns']);
  await look(bob, 'broadcast');
  await openAbout(alice);
  await alice.getByRole('link', { name: TITLE }).click();
  await alice.getByRole('heading', { level: 1, name: TITLE }).waitFor();
});

test('its founder appoints, bans and lifts the ban', async () => {
  await carol.goto(alice.url());
  await carol.getByRole('button', { name: 'Join the community' }).click();
  await carol.getByRole('button', { name: 'Leave the community' }).waitFor();
  await alice.reload();
  await (await manage('bob')).getByRole('button', { name: 'Make a moderator' }).click();
  await alice.getByRole('dialog').waitFor({ state: 'detached' });
  const dialog = await manage('carol');
  await dialog.getByRole('button', { name: 'Ban…' }).click();
  await dialog.getByRole('button', { name: 'Ban carol' }).click();
  await alice.getByRole('button', { name: 'Lift the ban on carol' }).waitFor();

  await carol.reload();
  await carol.getByRole('button', { name: 'Join the community' }).click();
  await carol.getByRole('alert').waitFor();
  await alice.getByRole('button', { name: 'Lift the ban on carol' }).click();
  await alice.getByText('Nobody is banned.').waitFor();
  await carol.getByRole('button', { name: 'Join the community' }).click();
  await carol.getByRole('button', { name: 'Leave the community' }).waitFor();
});

test('it is handed over, and deleted by whom it was handed to; its group goes on', async () => {
  const dialog = await manage('bob');
  await dialog.getByRole('button', { name: 'Make the founder…' }).click();
  await dialog.getByRole('button', { name: 'Make bob the founder' }).click();
  await alice.getByText('You: Moderator').waitFor();
  await toCommunities(bob);
  await bob.getByRole('list', { name: 'Your communities' }).getByRole('link', { name: TITLE }).click();
  await bob.getByRole('button', { name: 'Delete the community…' }).click();
  await bob.getByRole('dialog').getByRole('button', { name: 'Delete the community' }).click();
  await bob.getByText('There is no community here yet.').waitFor();

  await alice.reload();
  await alice.getByRole('heading', { level: 1, name: 'No such community' }).waitFor();
  await go(bob, 'Chats');
  await bob.locator('a[href^="/group/"]:visible', { hasText: GROUP }).first().click();
  await say(bob, noted('the cake goes on'));
  await allSent(bob);
  await openAbout(bob);
  await bob.getByText('The community that this group is of was deleted.').waitFor();
});

test('nothing broke the policy of the pages, and nobody else was asked for anything', () => {
  assert.deepEqual(
    Object.values(browsers).flatMap(({ complaints }) => complaints),
    [],
  );
});

test('the server has no trace of what was said in the group', () => {
  assert.deepEqual(traces(server.folder, written).found, []);
});
