// Every page on a phone and on a desktop, light and dark: without a finding of axe, without a violation of the policy,
// and with a picture of each for people to look at.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { look } from '../support/look.js';
import { temporaryFolder } from '../support/output.js';
import { allSent, find, hears, logIn, openChat, register, say } from '../support/person.js';
import { Server } from '../support/server.js';

const { folder, remove } = temporaryFolder();
/** @type {Server} */
let server;
/** @type {Profile} */
let stranger;
/** @type {Profile} */
let member;
/** @type {import('playwright-core').Page} */
let page;

before(async () => {
  server = await Server.start(join(folder, 'server'));
  stranger = new Profile(join(folder, 'stranger'), server.origin);
  member = new Profile(join(folder, 'member'), server.origin);
});

after(async () => {
  await Promise.allSettled([stranger?.stop(), member?.stop()]);
  await server?.stop();
  remove();
});

test('the pages of somebody who is not logged in', async () => {
  page = await stranger.start('/');
  await look(page, 'landing');
  for (const [name, path] of Object.entries({ login: '/login', about: '/about', 'not-found': '/no/such/page' })) {
    await page.goto(`${server.origin}${path}`);
    await look(page, name);
  }
  await page.goto(`${server.origin}/register`);
  await page.getByLabel('Name', { exact: true }).fill('Not a name');
  await page.getByLabel('Password', { exact: true }).fill('seven grey herons');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByText('That is not a valid name.').waitFor();
  await look(page, 'register');
});

test('an address that needs an account leads to the login, and a wrong one is said in plain words', async () => {
  await page.goto(`${server.origin}/dm/mira`);
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('mira');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('The name or the password is wrong.').waitFor();
  await look(page, 'login-wrong');
});

test('the recovery code', async () => {
  await page.goto(`${server.origin}/register`);
  await page.getByLabel('Name', { exact: true }).fill('theo');
  await page.getByRole('button', { name: 'Show the password' }).click();
  await page.getByLabel('Password', { exact: true }).fill('seven grey herons by the lake');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByRole('heading', { name: 'Your recovery code' }).waitFor();
  await look(page, 'recovery-code');
  const words = await page.getByRole('list', { name: 'Recovery code' }).getByRole('listitem').allTextContents();
  await page.getByRole('button', { name: 'I have written them down' }).click();
  await look(page, 'recovery-check');
  for (const label of await page.locator('label').allTextContents()) {
    const number = Number(/^Word (\d+)$/.exec(label)?.[1]);
    // The page asks for its language, too.
    if (!number) continue;
    await page.getByLabel(label, { exact: true }).fill(words[number - 1]?.replace(/^\d+/, '') ?? '');
  }
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('heading', { name: 'People', exact: true }).waitFor();
});

test('the pages of somebody who is logged in', async () => {
  const mira = await member.start('/register');
  await register(mira, 'mira', 'mira mends the old rowing boat');
  await mira.goto(`${server.origin}/`);
  await look(mira, 'chats-empty');

  await find(mira, 'the', 'theo');
  await look(mira, 'chat-empty');
  await say(mira, 'Did you get the tickets for Saturday?');
  await say(mira, 'The early train is better, I think. We could have breakfast there and still be at the lake first.');
  await allSent(mira);
  await page.getByRole('link', { name: /Chats/ }).click();
  await openChat(page, 'mira');
  await hears(page, [
    'Did you get the tickets for Saturday?',
    'The early train is better, I think. We could have breakfast there and still be at the lake first.',
  ]);
  for (const text of ['Done! Two seats by the window.', '🚂🥐', 'شكراً جزيلاً! أراكِ يوم السبت 🌊']) await say(page, text);
  await allSent(page);
  await hears(mira, ['🚂🥐', 'شكراً جزيلاً! أراكِ يوم السبت 🌊']);
  await look(mira, 'chat');

  await mira.getByRole('button', { name: 'Safety number' }).click();
  await mira.getByRole('list', { name: /Safety number/ }).waitFor();
  await look(mira, 'safety-number');
  await mira.keyboard.press('Escape');

  await mira.goto(`${server.origin}/`);
  await mira.getByRole('link', { name: /theo/ }).waitFor();
  await look(mira, 'chats');
  await mira.goto(`${server.origin}/people`);
  await mira.getByRole('searchbox').fill('th');
  await mira.getByRole('list', { name: 'People found' }).waitFor();
  await look(mira, 'people');
  await mira.goto(`${server.origin}/settings`);
  await mira.getByText('Others find you by this name.').waitFor();
  await look(mira, 'settings');
  await mira.goto(`${server.origin}/dm/nobody-at-all`);
  await mira.getByText('Nobody here is called').waitFor();
  await look(mira, 'chat-unknown');
});

test('everything can be reached by keyboard alone', async () => {
  await page.goto(`${server.origin}/`);
  await page.getByRole('link', { name: /mira/ }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  await tabTo(page, 'a[href="/dm/mira"]');
  await page.keyboard.press('Enter');
  const field = page.getByRole('textbox', { name: 'Message to mira' });
  await field.waitFor();
  await tabTo(page, 'textarea');
  await page.keyboard.type('by keyboard alone');
  await page.keyboard.press('Enter');
  await hears(page, ['by keyboard alone']);
});

/**
 * Presses Tab until the focus is on the element; a page where that takes more than 30 presses fails.
 * @param {import('playwright-core').Page} page
 * @param {string} selector
 */
async function tabTo(page, selector) {
  for (let press = 0; press < 30; press += 1) {
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the focus never came to ${selector}`);
}

test('logging out deletes what was here', async () => {
  await page.goto(`${server.origin}/settings`);
  await page.getByRole('button', { name: 'Log out', exact: true }).click();
  await look(page, 'log-out');
  await page.getByRole('button', { name: 'Log out and delete everything here' }).click();
  await page.getByRole('heading', { name: 'Talk quietly.' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Talk quietly.' }).waitFor();
  // Nothing is left that would be in another account's way.
  await logIn(page, 'mira', 'mira mends the old rowing boat');
  await page.getByRole('heading', { name: /quiet here|Choose a chat/ }).waitFor();
});

test('nothing broke the policy of the pages, and nobody else was asked for anything', () => {
  assert.deepEqual([...stranger.complaints, ...member.complaints], []);
});
