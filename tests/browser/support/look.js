import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DESKTOP, PHONE } from './chromium.js';
import { SCREENSHOTS } from './output.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Looks at what the tab shows now, in all four ways.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {(page: import('playwright-core').Page) => Promise<unknown>} [ready] what to wait for where the layout differs
 */
export async function look(page, name, ready) {
  for (const [size, viewport] of /** @type {const} */ ([
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ])) {
    await page.setViewportSize(viewport);
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.locator('h1').first().waitFor({ state: 'attached' });
      await ready?.(page);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${size}-${colorScheme}.png`), animations: 'disabled' });
      assert.deepEqual(await axe(page), [], `${name}, ${size}, ${colorScheme}`);
    }
  }
  await page.setViewportSize(DESKTOP);
}

/** @param {import('playwright-core').Page} page */
async function axe(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  return await page.evaluate(async () => {
    // @ts-expect-error axe was put there above
    const { violations } = await globalThis.axe.run(document);
    return violations.map(
      (/** @type {import('axe-core').Result} */ { id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`).join('; ')}`,
    );
  });
}
