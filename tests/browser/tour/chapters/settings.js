// Everything that somebody can set, and the way out.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { allSent, go, hears, say } from '../../support/person.js';
import { ANSWER, GREETING } from './encounters.js';

/** @type {import('../tour.js').Chapter} */
export async function settings(tour) {
  const { ada, ben } = tour;
  const { page } = ada;

  await tour.step('ada opens the settings', async () => {
    await go(page, 'Settings');
    await page.getByText('Others find you by this name.').waitFor();
    await tour.camera.takes(page, 'settings');
    const others = page.getByRole('heading', { name: 'What others see' });
    await tour.camera.takes(page, 'settings.privacy', () => others.scrollIntoViewIfNeeded());
    const read = page.getByRole('switch', { name: 'Which messages you have read' });
    await read.uncheck();
    await read.check();
  });

  await tour.step('ada changes the language, and back', async () => {
    await page.getByRole('main').getByRole('combobox').selectOption('ar');
    await page.waitForFunction(() => document.documentElement.dir === 'rtl');
    await tour.camera.takes(page, 'settings.arabic');
    await page.getByRole('main').getByRole('combobox').selectOption('en');
    await page.waitForFunction(() => document.documentElement.dir !== 'rtl');
  });

  await tour.step('ada looks at her devices, and begins to log in another', async () => {
    await tour.shows(ada, '/settings/devices', 'devices', (page) => page.getByText('This device').first().waitFor());
    await page.getByRole('button', { name: 'Log in a new device' }).click();
    const code = page.getByRole('dialog').locator('code');
    await code.waitFor();
    await tour.camera.takes(page, 'devices.link', () => code.waitFor());
    await page.keyboard.press('Escape');
  });

  await tour.step('ada looks at the other settings', async () => {
    await tour.shows(ada, '/settings/passkeys', 'passkeys', (page) =>
      page.getByText('You have no passkey yet.').waitFor(),
    );
    await tour.shows(ada, '/settings/notifications', 'notification-settings', (page) =>
      page.locator('main p').first().waitFor(),
    );
    await tour.shows(ada, '/settings/provider', 'provider', (page) =>
      page.getByText('This server takes no logins from elsewhere.').waitFor(),
    );
  });

  await tour.step('ada exports her history', async () => {
    await tour.shows(ada, '/settings/history', 'own-history.empty');
    await page.getByLabel('Passphrase', { exact: true }).fill('cornflowers and quince jelly');
    await page.getByLabel('Passphrase, once more').fill('cornflowers and quince jelly');
    const part = page.getByRole('region', { name: 'Export', exact: true });
    await part.getByRole('button', { name: 'Export', exact: true }).click();
    const save = part.getByRole('link', { name: /^Save / });
    await save.waitFor();
    await tour.camera.takes(page, 'own-history', () => save.waitFor());
    const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
    assert.match(download.suggestedFilename(), /^sotto-ada-.*\.sotto$/);
    assert.ok(statSync(await download.path()).size > 1000, 'the export is empty');
    await part.getByRole('button', { name: 'I have it' }).click();
  });

  await tour.step('all of it is there in a second tab, and when the browser is opened again', async () => {
    const second = await ada.context.newPage();
    await second.goto(new URL('/dm/ben', ada.origin).href);
    await hears(second, [GREETING, ANSWER]);
    await second.close();
    await ada.comesBack();
    await ada.visits('/dm/ben');
    await hears(ada.page, [GREETING, ANSWER]);
    await say(ada.page, 'See you on Saturday!');
    await allSent(ada.page);
  });

  await tour.step('ben deletes his account', async () => {
    await tour.shows(ben, '/settings/delete-account', 'delete-account');
    await ben.page.getByLabel('Name of the account').fill('ben');
    await ben.page.getByLabel('Password', { exact: true }).fill(tour.people.ben.password);
    await ben.page.getByRole('button', { name: 'Delete the account…' }).click();
    const dialog = ben.page.getByRole('dialog', { name: 'Delete “ben” for good?' });
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    const farewell = ben.page.locator('#content').getByText('The account “ben” is deleted.');
    await farewell.waitFor();
    await tour.camera.takes(ben.page, 'home.deleted', () => farewell.waitFor());
  });
}
