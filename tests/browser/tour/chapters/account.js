// An account from its first day: it is made, left, opened again with the recovery code, and given a face.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { go, keepRecoveryCode, register } from '../../support/person.js';

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {import('../tour.js').Tour} Tour
 */

const PICTURE = readFileSync(new URL('../../../../web/public/icon-180.png', import.meta.url));

/** @type {import('../tour.js').Chapter} */
export async function account(tour) {
  const { ada, ben, people } = tour;
  const { page } = ada;

  await tour.step('a name that cannot be is refused in words', async () => {
    await ada.visits('/register');
    await page.getByLabel('Name', { exact: true }).fill('Not a name');
    await page.getByLabel('Password', { exact: true }).fill('seven grey herons');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByText('That is not a valid name.').waitFor();
    await page.getByText('Strong.').waitFor();
    await tour.camera.takes(page, 'register');
  });

  await tour.step('ada registers, after a proof of work', async () => {
    const { password } = people.ada;
    await page.getByLabel('Name', { exact: true }).fill('ada');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByLabel('Password, once more').fill(password);
    const captcha = page.waitForResponse((response) => new URL(response.url()).pathname === '/v1/auth/captcha');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page
      .getByRole('progressbar')
      .or(page.getByRole('list', { name: 'Recovery code' }))
      .first()
      .waitFor();
    assert.equal((await captcha).status(), 200, 'the server asked for no proof of work');
    await page.getByRole('heading', { name: 'Your recovery code' }).waitFor();
    await tour.camera.takes(page, 'register.recovery-code');
    await page.getByRole('button', { name: 'I have written them down' }).click();
    await tour.camera.takes(page, 'register.check');
    await page.getByRole('button', { name: 'Show the words again' }).click();
    people.ada.recoveryCode = await keepRecoveryCode(page);
    await tour.camera.takes(page, 'people.first');
  });

  await tour.step('ada logs out, and nothing of hers stays', async () => {
    await go(page, 'Settings');
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await tour.camera.takes(page, 'settings.log-out');
    await page.getByRole('button', { name: 'Log out and delete everything here' }).click();
    await page.getByRole('heading', { name: 'Talk quietly.' }).waitFor();
  });

  await tour.step('a wrong password is said in words', async () => {
    await page.getByRole('link', { name: 'Log in', exact: true }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByText('The name or the password is wrong.').waitFor();
    await tour.camera.takes(page, 'login.wrong');
  });

  await tour.step('ada comes back with her recovery code, and chooses another password', async () => {
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Name', { exact: true }).fill('ada');
    await page.getByLabel('Recovery code').fill(people.ada.recoveryCode.join(' '));
    await tour.camera.takes(page, 'login.recovery');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await tour.camera.takes(page, 'login.new-password');
    people.ada.password = 'ada counts twelve owls now';
    await page.getByLabel('New password', { exact: true }).fill(people.ada.password);
    await page.getByLabel('New password, once more').fill(people.ada.password);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await page.getByRole('heading', { name: /quiet here|Choose a chat/ }).waitFor();
    await tour.camera.takes(page, 'home.empty');
  });

  await tour.step('ben registers', async () => {
    await ben.visits('/register');
    people.ben.recoveryCode = await register(ben.page, 'ben', people.ben.password);
  });

  await tour.step('ben says who he is, and where', async () => {
    await describes(ben.page, 'Ben Bicycle', 'I repair what has two wheels.');
    await tour.camera.takes(ben.page, 'profile');
  });
  await tour.step('ada says who she is, and where', () => describes(page, 'Ada of the Owls', 'Up at night.'));
}

/**
 * Fills in everything of one's own profile.
 * @param {Page} page
 * @param {string} displayName
 * @param {string} about
 */
async function describes(page, displayName, about) {
  await go(page, 'Settings');
  await page.getByRole('link', { name: 'Edit your profile' }).click();
  await page.getByLabel('Display name').fill(displayName);
  await page.getByLabel('About you').fill(about);
  await page.getByLabel('Place').fill('Bregenz');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('Your profile is saved.').waitFor();
  for (const part of ['Picture', 'Cover']) {
    const group = page.getByRole('group', { name: part });
    await group.locator('input').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: PICTURE });
    await group.locator('img').waitFor();
    await group.getByRole('button', { name: 'Take it away' }).waitFor();
  }
  await page.getByRole('button', { name: 'Use where I am' }).click();
  await page.getByText(/^You are somewhere around 47/).waitFor();
}
