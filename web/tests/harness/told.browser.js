// What was told to a newcomer, in Chromium over the fake client: how it stands apart, and that the dividers move nothing while one
// scrolls through it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, DESKTOP, launch, openScene, PHONE, serve } from './built.js';

const CAME = 'You came into the group here';

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

async function choir(path = '/group/choir', options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  return { context, ...(await openScene(context, origin, 'told', path)) };
}

async function close({ context, complaints }) {
  await context.close();
  assert.deepEqual(complaints, []);
}

const shoot = async (page, name) => {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` });
};

test('what was told, and the rule, can be read and reached by everybody, small and large, light and dark', async () => {
  for (const viewport of [PHONE, DESKTOP]) {
    for (const colorScheme of ['light', 'dark']) {
      const at = await choir('/group/choir', { viewport, colorScheme, reducedMotion: 'reduce' });
      const { page } = at;
      const look = async (name) => {
        const where = `${name}-${viewport.width}-${colorScheme}`;
        await shoot(page, where);
        assert.deepEqual(await axe(page), [], where);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, where);
      };
      await page.getByText(CAME).waitFor();
      await look('told');
      await page.goto(`${origin}/group/choir/about`);
      await page.getByText('What was said since 3 November 2026').waitFor();
      await look('rule');
      await page.getByRole('button', { name: 'Newcomers…' }).click();
      await page
        .getByRole('dialog', { name: 'What newcomers see' })
        .getByLabel('From', { exact: true })
        .fill('3026-01-01');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Please choose today or a day before.').waitFor();
      await look('dialog');
      await close(at);
    }
  }
});

/** Scrolls by a screenful less a bit, and says by how many pixels the message that was in the middle is off then. */
const scrolls = (page) =>
  page.evaluate(async () => {
    const scroller = document.querySelector('section[aria-label="Messages in Choir"]');
    const frames = async () => {
      for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
    };
    const { top, height } = scroller.getBoundingClientRect();
    const rows = [...scroller.querySelectorAll('article')];
    const middle = rows.find((row) => row.getBoundingClientRect().bottom > top + height / 3);
    const before = middle.getBoundingClientRect().top;
    const [step, at] = [height / 2, scroller.scrollTop];
    scroller.scrollTop -= step;
    const moved = at - scroller.scrollTop;
    await frames();
    return { id: middle.dataset.message, off: middle.getBoundingClientRect().top - before - moved, moved };
  });

test('one scrolls through what was told up to its beginning, and what is in view stays where it is', async () => {
  const at = await choir('/group/choir', { viewport: PHONE });
  const { page } = at;
  await page.getByText(CAME).waitFor();
  const tellers = new Set();
  for (let step = 0; step < 200; step += 1) {
    const { id, off, moved } = await scrolls(page);
    assert.ok(Math.abs(off) <= 1.5, `${id} is off by ${off} pixels`);
    for (const words of await page.locator('.told').allInnerTexts()) tellers.add(words);
    if (moved < 1 && (await page.getByText('Told by bea.').count()) > 0) break;
  }
  assert.deepEqual(
    [...tellers],
    [
      CAME,
      'Told by dimitri. Nobody can check that it was said so.',
      'Told by bea. Nobody can check that it was said so.',
    ],
  );
  const first = page.getByRole('article').first();
  assert.equal(await first.getAttribute('aria-posinset'), '1');
  assert.match(await first.innerText(), /Told by bea/);
  await shoot(page, 'told-beginning');
  await close(at);
});
