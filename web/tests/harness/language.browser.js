// Every page in the languages of the app, in Chromium over the fake client: nothing that axe finds, nothing wider than the window, and all
// of it from right to left where that is how one reads.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, DESKTOP, launch, openScene, PHONE, serve } from './built.js';

/** The pages of a scene, each with what is to be there before it is looked at. */
const PAGES = {
  outside: ['/', '/about', '/login', '/register', '/join'],
  closed: ['/register'],
  provider: ['/register', '/login/oidc?code=a&state=b'],
  site: ['/', '/about', '/news', '/news/2026-11-20-we-have-moved'],
  notices: [
    '/',
    '/dm/bea',
    '/dm/noor',
    '/dm/nobody',
    '/group/rowing',
    '/group/rowing/about',
    '/group/library/about',
    '/group/past',
    '/notes',
    '/people',
    '/people/bea',
    '/groups',
    '/groups/new',
    '/search?q=the',
    '/starred',
    '/notifications',
    '/settings',
    '/settings/devices',
    '/settings/notifications',
    '/settings/passkeys',
    '/settings/provider',
    '/settings/profile',
    '/settings/history',
    '/settings/delete-account',
    '/nowhere',
  ],
  administration: ['/admin', '/admin/accounts', '/admin/reports', '/admin/invites', '/admin/roles', '/admin/log'],
  communities: [
    '/groups',
    '/communities',
    '/communities/new',
    '/community/choir',
    '/community/allotments',
    '/community/nowhere',
  ],
  changed: ['/dm/bea'],
  files: ['/dm/bea'],
};

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

const shoot = async (page, name) => {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` });
};

/** Opens each page, and looks at it. */
async function visit(locale, look) {
  for (const [scene, paths] of Object.entries(PAGES)) {
    const context = await browser.newContext({ locale, viewport: PHONE, reducedMotion: 'reduce' });
    const { page, complaints } = await openScene(context, origin, scene, paths[0]);
    for (const path of paths) {
      if (path !== paths[0]) await page.goto(`${origin}${path}`);
      await page.locator('h1').first().waitFor({ state: 'attached' });
      await look(page, `${scene}${path.replace(/[^a-z]+/g, '-')}`);
    }
    await context.close();
    assert.deepEqual(complaints, [], scene);
  }
}

const tooWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Arabic that is not cut off at its own end, on a page in English, if there is no room for it. */
const cutAtTheWrongEnd = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { textOverflow, webkitLineClamp, display, direction } = getComputedStyle(element);
        const isCut = (textOverflow === 'ellipsis' && !display.endsWith('flex')) || webkitLineClamp !== 'none';
        const words = element.textContent ?? '';
        const isArabic = /\p{Script=Arabic}/u.test(words) && !/\p{Script=Latin}/u.test(words);
        return isCut && isArabic && direction !== 'rtl';
      })
      .map((element) => element.outerHTML),
  );

for (const [locale, direction] of [
  ['en-GB', 'ltr'],
  ['ar-EG', 'rtl'],
]) {
  test(`each page can be read and reached by everybody, ${direction}`, async () => {
    const language = locale.slice(0, 2);
    const found = [];
    await visit(locale, async (page, name) => {
      const { lang, dir } = await page.evaluate(() => ({
        lang: document.documentElement.lang,
        dir: document.documentElement.dir,
      }));
      assert.deepEqual([lang, dir], [language, direction]);
      for (const [viewport, colorScheme] of [
        [PHONE, 'light'],
        [DESKTOP, 'dark'],
      ]) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.locator('h1').first().waitFor({ state: 'attached' });
        const where = `${name}-${viewport.width}-${colorScheme}-${language}`;
        await shoot(page, where);
        found.push(...(await axe(page)).map((finding) => `${where}: ${finding}`));
        if ((await tooWide(page)) > 0) found.push(`${where}: too wide`);
        if (direction === 'ltr') found.push(...(await cutAtTheWrongEnd(page)).map((cut) => `${where}: ${cut}`));
      }
      await page.setViewportSize(PHONE);
    });
    assert.deepEqual(found, []);
  });
}

test('long words make no page wider than a phone', async () => {
  const found = [];
  await visit('de-AT', async (page, name) => {
    await shoot(page, `${name}-${PHONE.width}-light-de`);
    if ((await tooWide(page)) > 0) found.push(name);
    // What was forgotten is seen by its key.
    const keys = (await page.locator('body').innerText()).match(
      /\b(administration|app|chat|communities|group|actions|directory|files|oidc|passkeys|people|profile|reports|topics)\.[a-z]\w+/g,
    );
    if (keys) found.push(`${name}: ${keys}`);
  });
  assert.deepEqual(found, []);
});

test('the browser fetches the words of one language, and of another when it is chosen', async () => {
  const context = await browser.newContext({ locale: 'de-DE' });
  const words = [];
  context.on('request', (request) => {
    const [, language] = /\/assets\/(en|de|ar)-[^/]*\.js$/.exec(request.url()) ?? [];
    if (language) words.push(language);
  });
  const { page, complaints } = await openScene(context, origin, 'outside', '/login');
  await page.getByRole('heading', { name: 'Willkommen zurück' }).waitFor();
  assert.deepEqual([...new Set(words)], ['de']);
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('ar');
  await page.getByRole('combobox', { name: 'اللغة' }).waitFor();
  assert.deepEqual([...new Set(words)], ['de', 'ar']);
  // It is there before anything of the page is.
  await page.reload({ waitUntil: 'commit' });
  await page.waitForFunction(() => document.documentElement.dir === 'rtl');
  await page.getByRole('combobox', { name: 'اللغة' }).waitFor();
  await context.close();
  assert.deepEqual(complaints, []);
});
