// Two people find each other and talk: what is said, answered, starred, sent and found again.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { accept, allSent, go, hears, say } from '../../support/person.js';

/** @typedef {import('playwright-core').Page} Page */

/** What they say to each other. */
export const GREETING = 'Hello Ben, can you look at my bicycle? Its front wheel sings.';
export const ANSWER = 'Bring it along on Saturday, I am at the boathouse from seven.';
const BILL = 'One front wheel, trued.\n';
const NOTE = 'Buy a new bell before Saturday.';

/** @type {import('../tour.js').Chapter} */
export async function encounters(tour) {
  const { ada, ben } = tour;

  await tour.step('ada finds ben by a part of his name', async () => {
    await go(ada.page, 'People');
    await ada.page.getByRole('searchbox').fill('bicyc');
    const found = ada.page.getByRole('list', { name: 'People found' }).getByText('Ben Bicycle');
    await found.waitFor();
    await tour.camera.takes(ada.page, 'people.found', () => found.waitFor());
  });

  await tour.step('ada finds ben near her', async () => {
    await ada.page.getByRole('searchbox').fill('');
    await ada.page.getByRole('button', { name: 'Find people near you' }).click();
    await ada.page.getByText('Ben Bicycle').waitFor();
    await tour.camera.takes(ada.page, 'people.near', (page) => page.getByText('Ben Bicycle').waitFor());
  });

  await tour.step('ada reads what ben says of himself', () =>
    tour.shows(ada, '/people/ben', 'person', (page) => page.getByText('I repair what has two wheels.').waitFor()),
  );

  await tour.step('ada writes to ben, who is asked whether he wants to hear it', async () => {
    await ada.page.getByRole('link', { name: 'Write a message' }).click();
    await ada.page.getByRole('heading', { level: 1, name: 'Ben Bicycle' }).waitFor();
    await tour.camera.takes(ada.page, 'direct-chat.empty');
    await say(ada.page, GREETING);
    await allSent(ada.page);
    await go(ben.page, 'Chats');
    await ben.page.locator('a[href="/dm/ada"]').first().click();
    await ben.page.getByRole('region', { name: 'Request' }).waitFor();
    await hears(ben.page, [GREETING]);
    await tour.camera.takes(ben.page, 'direct-chat.request', (page) => page.getByText(GREETING).first().waitFor());
    await accept(ben.page);
    await say(ben.page, ANSWER);
    await hears(ada.page, [GREETING, ANSWER]);
  });

  await tour.step('both send pictures and files', async () => {
    await sends(ada.page, 'wheel.png', 'image/png', await drawn(ada.page));
    await sends(ada.page, 'bill.txt', 'text/plain', Buffer.from(BILL));
    await ben.page.waitForFunction(() =>
      [...document.querySelectorAll('.row img')].some(
        (image) => image instanceof HTMLImageElement && image.naturalWidth > 100,
      ),
    );
    const save = ben.page.getByRole('button', { name: 'Save bill.txt' });
    await save.waitFor();
    await tour.camera.takes(ben.page, 'direct-chat', (page) => page.locator('.row img').first().waitFor());
    const [download] = await Promise.all([ben.page.waitForEvent('download'), save.click()]);
    assert.equal(download.suggestedFilename(), 'bill.txt');
    assert.equal(readFileSync(await download.path(), 'utf8'), BILL);
    await ben.page
      .getByRole('button', { name: /^Show / })
      .first()
      .click();
    await ben.page.getByRole('dialog').locator('img').waitFor();
    await tour.camera.takes(ben.page, 'direct-chat.picture', (page) =>
      page.getByRole('dialog').locator('img').waitFor(),
    );
    await ben.page.keyboard.press('Escape');
  });

  await tour.step('ben answers, reacts and compares the safety number', async () => {
    const row = ben.page.locator('.row').filter({ has: ben.page.locator('.text', { hasText: 'front wheel sings' }) });
    await row.hover();
    await row.getByRole('button', { name: 'More about this message' }).click();
    await tour.camera.takes(ben.page, 'direct-chat.menu', (page) => page.getByRole('menu').waitFor());
    await ben.page.getByRole('menuitemcheckbox').first().click();
    await ada.page.locator('.row').getByRole('button', { name: /ben/i }).first().waitFor();
    await ben.page.getByRole('button', { name: 'Safety number' }).click();
    await ben.page.getByRole('list', { name: /Safety number/ }).waitFor();
    await tour.camera.takes(ben.page, 'direct-chat.safety-number', (page) =>
      page.getByRole('list', { name: /Safety number/ }).waitFor(),
    );
    await ben.page.keyboard.press('Escape');
  });

  await tour.step('ada is told that ben has reacted', () =>
    tour.shows(ada, '/notifications', 'notifications', (page) =>
      page.getByRole('main').getByText(/Ben/).first().waitFor(),
    ),
  );

  await tour.step('ada keeps notes to herself', async () => {
    await tour.shows(ada, '/notes', 'notes.empty');
    await say(ada.page, NOTE);
    await allSent(ada.page);
    await tour.camera.takes(ada.page, 'notes', (page) => page.locator('.row').getByText(NOTE).waitFor());
  });

  await tour.step('ada stars a message, and finds it again', async () => {
    const row = ada.page.locator('.row').filter({ hasText: NOTE });
    await row.hover();
    await row.getByRole('button', { name: 'More about this message' }).click();
    await ada.page.getByRole('menuitem', { name: 'Star', exact: true }).click();
    await tour.shows(ada, '/starred', 'starred', (page) => page.getByRole('main').getByText(NOTE).first().waitFor());
  });

  await tour.step('ada searches in what was said', async () => {
    await tour.shows(ada, '/search', 'search.empty');
    await ada.page.getByRole('searchbox').fill('saturday');
    await ada.page.locator('mark').first().waitFor();
    await tour.camera.takes(ada.page, 'search', (page) => page.locator('mark').first().waitFor());
  });

  await tour.step('ada has chats now', async () => {
    await ada.visits('/');
    await tour.camera.takes(ada.page, 'home.chats', (page) =>
      page.locator('a[href="/dm/ben"]:visible').first().waitFor(),
    );
  });

  await tour.step('nobody is where an address leads to nobody', () =>
    tour.shows(ada, '/dm/nobody-at-all', 'direct-chat.nobody', (page) =>
      page.getByText('Nobody here is called').waitFor(),
    ),
  );
}

/**
 * @param {Page} page
 * @param {string} name
 * @param {string} mimeType
 * @param {Buffer} buffer
 */
async function sends(page, name, mimeType, buffer) {
  await page.locator('input[type="file"]').setInputFiles({ name, mimeType, buffer });
  const sheet = page.getByRole('dialog', { name: /^Send/ });
  await sheet.getByRole('button', { name: 'Send', exact: true }).click();
  await sheet.waitFor({ state: 'detached' });
}

/** A picture that the browser has drawn. @param {Page} page */
async function drawn(page) {
  const encoded = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [900, 600];
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.fillStyle = '#f6c177';
    context.fillRect(0, 0, 900, 600);
    context.lineWidth = 14;
    for (let spoke = 0; spoke < 12; spoke += 1) {
      context.moveTo(450, 300);
      context.lineTo(450 + 220 * Math.cos((spoke * Math.PI) / 6), 300 + 220 * Math.sin((spoke * Math.PI) / 6));
    }
    context.moveTo(670, 300);
    context.arc(450, 300, 220, 0, 2 * Math.PI);
    context.stroke();
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  return Buffer.from(encoded, 'base64');
}
