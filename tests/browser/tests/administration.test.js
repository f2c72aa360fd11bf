// People who look after a server, and those whom they look after: a profile with a picture that others see, a report, a ban that shuts the
// door at once and says why, and its end. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Profile } from '../support/chromium.js';
import { look } from '../support/look.js';
import { temporaryFolder } from '../support/output.js';
import { find, go, logIn, register } from '../support/person.js';
import { Server } from '../support/server.js';

const PICTURE = fileURLToPath(new URL('../../../web/public/icon-180.png', import.meta.url));
const PASSWORDS = { alice: 'alice counts eleven owls', bob: 'bob repairs seven bicycles' };
const WHY = 'Sold what is not sold here.';

const { folder, remove } = temporaryFolder();
/** @type {Server} */
let server;
/** @type {Profile} */
let alices;
/** @type {Profile} */
let bobs;
/** @type {import('playwright-core').Page} */
let alice;
/** @type {import('playwright-core').Page} */
let bob;

before(async () => {
  server = await Server.start(join(folder, 'server'));
  alices = new Profile(join(folder, 'alice'), server.origin);
  bobs = new Profile(join(folder, 'bob'), server.origin);
});

after(async () => {
  await alices?.stop();
  await bobs?.stop();
  await server?.stop();
  remove();
});

test('the command line makes the first administrator, whose settings lead to the administration then', async () => {
  [alice, bob] = await Promise.all([alices.start('/register'), bobs.start('/register')]);
  await register(alice, 'alice', PASSWORDS.alice);
  await register(bob, 'bob', PASSWORDS.bob);
  await go(alice, 'Settings');
  await alice.getByRole('heading', { name: 'Settings' }).waitFor();
  assert.equal(await alice.getByRole('link', { name: 'Administration' }).count(), 0);
  await server.does('admin', 'account', 'role', 'alice', 'administrator');
  await alice.getByRole('link', { name: 'Administration' }).click();
  await alice.getByText('Your role on this server: Administrator').waitFor();
  await alice.getByText('What this server holds').waitFor();
});

test('a profile has a picture, made anew by the server, and others find who it is by what it says', async () => {
  await go(bob, 'Settings');
  await bob.getByRole('link', { name: 'Edit your profile' }).click();
  await bob.getByLabel('Display name').fill('Bob B.');
  await bob.getByLabel('Place').fill('Möwenstadt');
  await bob.getByRole('button', { name: 'Save' }).click();
  await bob
    .getByRole('group', { name: 'Picture' })
    .locator('input')
    .setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: readFileSync(PICTURE) });
  const shown = bob.getByRole('group', { name: 'Picture' }).locator('img');
  await shown.waitFor();

  await go(alice, 'People');
  await alice.getByRole('searchbox').fill('möwen');
  const found = alice.getByRole('list', { name: 'People found' }).locator('a[href="/dm/bob"]');
  await found.getByText('Bob B.').waitFor();
  await found.getByText('Möwenstadt').waitFor();
  const picture = await found.locator('img').getAttribute('src');
  const answer = await fetch(new URL(picture ?? '', server.origin));
  assert.equal(answer.headers.get('content-type'), 'image/jpeg');
});

test('what somebody says of themselves is a page, from where one writes to them', async () => {
  await alice.goto(new URL('/people/bob', server.origin).href);
  await alice.getByRole('heading', { level: 1, name: 'Bob B.' }).waitFor();
  await look(alice, 'person', (page) => page.getByText('Möwenstadt').waitFor());
  await alice.getByRole('link', { name: 'Write a message' }).click();
  await alice.getByRole('heading', { level: 1, name: 'Bob B.' }).waitFor();
});

test('a message is reported, and the server says that it was said', async () => {
  await find(bob, 'alice', 'alice');
  await bob.getByRole('textbox', { name: /^Message to/ }).fill('Cheap owls!');
  await bob.keyboard.press('Enter');
  await go(alice, 'Chats');
  await alice.locator('a[href="/dm/bob"]').first().click();
  const row = alice.locator('.row').filter({ hasText: 'Cheap owls!' });
  await row.hover();
  await row.getByRole('button', { name: 'More about this message' }).click();
  await alice.getByRole('menuitem', { name: 'Report…' }).click();
  const dialog = alice.getByRole('dialog');
  await dialog.getByLabel('What should they know?').fill('I want no owls.');
  await dialog.getByRole('button', { name: 'Report' }).click();
  await dialog.getByText('Reported. Those who look after this server will look at it.').waitFor();
  await dialog.getByRole('button', { name: 'Done' }).click();
});

test('whoever is banned is put out at once, reads why, and is let in again when the ban is lifted', async () => {
  await go(alice, 'Settings');
  await alice.getByRole('link', { name: 'Administration' }).click();
  await alice.getByRole('link', { name: 'Reports' }).click();
  await alice.getByText('I want no owls.').waitFor();
  await alice.getByRole('button', { name: /^Read the message of .*bob/ }).click();
  await alice.locator('blockquote').getByText('Cheap owls!').waitFor();
  await alice.getByText('The server has checked that this was said.').waitFor();
  await look(alice, 'reports', (page) => page.getByText('I want no owls.').waitFor());
  await alice.getByRole('button', { name: /^Ban .*bob/ }).click();
  await alice.getByRole('dialog').getByLabel('Reason').fill(WHY);
  await alice.getByRole('dialog').getByRole('button', { name: 'Ban' }).click();
  const handling = alice.getByRole('dialog', { name: 'Was something done about it?' });
  await handling.getByRole('button', { name: 'Something was done' }).click();
  await alice.getByText('No report waits.').waitFor();

  await bob.getByRole('alert').getByText(WHY).waitFor();
  await logIn(bob, 'bob', PASSWORDS.bob);
  await bob.locator('form').getByRole('alert').getByText(WHY).waitFor();

  await alice.getByRole('link', { name: 'Administration' }).click();
  await alice.getByRole('link', { name: 'Accounts' }).click();
  await alice.getByText(/^Banned until/).waitFor();
  await alice.getByRole('button', { name: /^Lift the ban on .*Bob B/ }).click();
  await alice.getByRole('dialog').getByRole('button', { name: 'Lift the ban' }).click();
  await alice.getByRole('button', { name: /^Ban .*Bob B/ }).waitFor();
  await bob.getByRole('button', { name: 'Log in', exact: true }).click();
  await bob.getByRole('navigation', { name: 'Main' }).waitFor();

  await alice.getByRole('link', { name: 'Administration' }).click();
  await alice.getByRole('link', { name: 'Log', exact: true }).click();
  await alice.getByText(/alice.*: .*bob.* banned until/).waitFor();
  await alice.getByText(WHY).waitFor();
});

test('a role is made on its page, and whoever is given it is led to what it permits', async () => {
  await alice.getByRole('link', { name: 'Administration' }).click();
  await alice.getByRole('link', { name: 'Roles' }).click();
  await alice.getByRole('button', { name: 'New role' }).click();
  const making = alice.getByRole('dialog');
  await making.getByLabel('Name').fill('night-watch');
  await making.getByLabel('handle reports').check();
  await look(alice, 'new-role', (page) => page.getByLabel('handle reports').waitFor());
  await making.getByRole('button', { name: 'Make the role' }).click();
  await alice.getByText('handle reports · 0 accounts').waitFor();
  await look(alice, 'roles', (page) => page.getByText('night-watch').waitFor());

  await alice.getByRole('link', { name: 'Administration' }).click();
  await alice.getByRole('link', { name: 'Accounts' }).click();
  await alice.getByRole('button', { name: /^Change the role of .*Bob B/ }).click();
  const giving = alice.getByRole('dialog');
  await giving.getByLabel('night-watch').check();
  await giving.getByRole('button', { name: 'Change the role' }).click();
  await giving.waitFor({ state: 'detached' });

  await go(bob, 'Settings');
  await bob.getByRole('link', { name: 'Administration' }).click();
  await bob.getByText('Your role on this server: night-watch').waitFor();
  await bob.getByRole('link', { name: 'Reports' }).waitFor();
  assert.equal(await bob.getByRole('link', { name: 'Accounts' }).count(), 0);
});
