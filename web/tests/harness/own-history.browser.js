// History that is exported and brought back, in Chromium: what is really saved and chosen, and how the page is to whoever uses the
// keyboard alone or cannot see it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { axe, DESKTOP, launch, openScene, PHONE, serve } from './built.js';

const PASSPHRASE = 'kornblumen und quittenmus';

let origin;
let stop;
let browser;

before(async () => {
  ({ origin, stop } = await serve());
  browser = await launch();
});

after(async () => {
  await browser?.close();
  stop?.();
});

async function history(options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const opened = await openScene(context, origin, 'chats', '/settings/history');
  await opened.page.getByRole('heading', { name: 'Your history' }).waitFor();
  return { context, ...opened };
}

async function close({ context, complaints }) {
  await context.close();
  assert.deepEqual(complaints, []);
}

const part = (page, name) => page.getByRole('region', { name, exact: true });
const holds = (page, isHeld) => page.evaluate((isHeld) => void (globalThis.fake.holdsExports = isHeld), isHeld);

async function begin(page) {
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('Passphrase, once more').fill(PASSPHRASE);
  await page.keyboard.press('Enter');
}

/** The file that a press on the link saves. */
async function save(page) {
  const link = part(page, 'Export').getByRole('link', { name: /^Save / });
  await link.waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return { name: download.suggestedFilename(), path: await download.path() };
}

async function read(page, file) {
  await part(page, 'Bring back').locator('input[type=file]').setInputFiles(file);
  await part(page, 'Bring back').getByLabel('Its passphrase').fill(PASSPHRASE);
  await page.keyboard.press('Enter');
}

test('what is saved is the export under its name, twice if need be, and it comes back', async () => {
  const at = await history();
  const { page } = at;
  await begin(page);
  const first = await save(page);
  assert.match(first.name, /^sotto-alice-\d{4}-\d\d-\d\d\.sotto$/);
  const content = await readFile(first.path, 'utf8');
  assert.match(content, /the lake before everyone|still be at the lake/);
  // The link is made anew with the page.
  await page.getByRole('main').getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Your history' }).click();
  assert.equal(await readFile((await save(page)).path, 'utf8'), content);

  await page.evaluate(async () => {
    const { fake } = globalThis;
    const [{ chat }] = (await fake.chats()).filter(({ kind }) => kind.kind === 'direct' && kind.with.name === 'bea');
    for (const message of (await fake.messages(chat, 1000)).slice(0, 150)) fake.vanishes(message);
  });
  await read(page, { name: first.name, mimeType: '', buffer: Buffer.from(content) });
  await part(page, 'Bring back')
    .locator('p', { hasText: /150 messages are new, \d+ were here already/ })
    .waitFor();
  await close(at);
});

test('a readable export is a ZIP that is saved, not shown', async () => {
  const at = await history();
  const { page } = at;
  await page.getByRole('radio', { name: 'To read (web pages and JSON)' }).check();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  assert.match((await save(page)).name, /^sotto-alice-\d{4}-\d\d-\d\d\.zip$/);
  await close(at);
});

test('it is used by keyboard alone, and one sees where one is', async () => {
  const at = await history({ viewport: DESKTOP });
  const { page } = at;
  // From the first on: until the browser has heard that somebody waits for it, the choice of a file is its own and tells nobody.
  const chosen = page.waitForEvent('filechooser', { timeout: 120_000 });
  const focused = () => page.evaluate(() => document.activeElement?.closest('[role=group], a, button')?.textContent);
  await holds(page, true);
  await begin(page);
  await part(page, 'Export').getByRole('progressbar').waitFor();
  assert.match(await focused(), /Writing your export/);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await part(page, 'Export').getByRole('button', { name: 'Export' }).waitFor();
  assert.equal(await focused(), 'Export');
  await holds(page, false);
  await page.keyboard.press('Enter');
  await part(page, 'Export')
    .getByRole('link', { name: /^Save / })
    .waitFor();
  assert.match(await focused(), /^Save sotto-alice/);
  const saved = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  await saved;
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await part(page, 'Export').getByRole('button', { name: 'Export' }).waitFor();

  // The field that chooses the file is not drawn; what stands for it is.
  await page.keyboard.press('Tab');
  const drawn = part(page, 'Bring back').getByText('Choose a file…');
  assert.equal(await drawn.evaluate((label) => getComputedStyle(label).outlineStyle), 'solid');
  await page.keyboard.press('Space');
  await chosen;
  await close(at);
});

test('a file that is held over the form is awaited there, and taken', async () => {
  const at = await history({ viewport: DESKTOP });
  const { page } = at;
  const drag = (...types) =>
    page.evaluate((types) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'from-the-desktop.sotto'));
      const form = document.querySelectorAll('main form')[1];
      for (const type of types) {
        form.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    }, types);
  const background = () =>
    page
      .getByText('You can drop it here')
      .evaluate((words) => getComputedStyle(words.closest('.file')).backgroundColor);
  const before = await background();
  await drag('dragenter', 'dragover');
  assert.notEqual(await background(), before);
  await drag('drop');
  await page.getByText('from-the-desktop.sotto').waitFor();
  await close(at);
});

test('what is told above an open chat leaves the place to write where it is seen', async () => {
  const at = await history({ viewport: PHONE });
  const { page } = at;
  await holds(page, true);
  await begin(page);
  await part(page, 'Export').getByRole('progressbar').waitFor();
  await page.evaluate(() => {
    window.history.pushState(null, '', '/dm/bea');
    dispatchEvent(new PopStateEvent('popstate'));
  });
  const field = page.getByRole('textbox', { name: 'Message to Bea Okafor' });
  await field.waitFor();
  await holds(page, false);
  await page.evaluate(() => {
    globalThis.fake.deviceComes('stranger', false);
    return globalThis.fake.goesOn();
  });
  await page.getByRole('link', { name: 'Save it' }).waitFor();
  await page.getByRole('link', { name: 'Look at your devices' }).waitFor();
  const { y, height } = await field.boundingBox();
  assert.ok(y + height <= PHONE.height, `ends at ${y + height}`);
  await close(at);
});

for (const [screen, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
  for (const colorScheme of ['light', 'dark']) {
    test(`nothing is wrong with the page for who cannot see or point, and it fits: ${screen}, ${colorScheme}`, async () => {
      const at = await history({ viewport, colorScheme, reducedMotion: 'reduce' });
      const { page } = at;
      const exporting = part(page, 'Export');
      const importing = part(page, 'Bring back');
      const isFine = async (where) => {
        assert.deepEqual(await axe(page), [], where);
        const over = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.querySelector('main');
          return Math.max(scrollWidth - clientWidth, document.documentElement.scrollWidth - innerWidth);
        });
        assert.ok(over <= 0, `${where}: ${over} pixels too wide`);
      };
      await isFine('as it opens');
      await exporting.getByRole('button', { name: 'Export' }).click();
      await importing.getByRole('button', { name: 'Bring back' }).click();
      await importing.getByText('Please choose the file first.').waitFor();
      await isFine('with what is missing');
      await page.getByRole('radio', { name: 'To read (web pages and JSON)' }).check();
      await isFine('with the warning');
      await page.getByRole('radio', { name: 'To keep and bring back (encrypted)' }).check();
      await page.evaluate(() => globalThis.fake.restores({ done: 1, of: 8 }));
      await holds(page, true);
      await begin(page);
      await exporting.getByRole('progressbar').waitFor();
      await isFine('under way');
      await holds(page, false);
      await page.evaluate(() => globalThis.fake.goesOn());
      await exporting.getByRole('link', { name: /^Save / }).waitFor();
      await isFine('with the export');
      await read(page, { name: 'a.zip', mimeType: '', buffer: Buffer.from('PK') });
      await importing.getByRole('alert').waitFor();
      await isFine('with a problem');
      await close(at);
    });
  }
}
