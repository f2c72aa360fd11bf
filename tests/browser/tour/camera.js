import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, PHONE } from '../support/chromium.js';

/** @typedef {import('playwright-core').Page} Page */

const SIZES = Object.entries({ phone: PHONE, desktop: DESKTOP });
const SCHEMES = /** @type {const} */ (['light', 'dark']);
const ROUTER = new URL('../../../web/src/router.svelte.ts', import.meta.url);
/** Pages that only pass somebody on to another page. */
const PASSING = new Set(['open']);

/** Takes pictures of pages, and knows which pages it has not seen. */
export class Camera {
  /** @type {Set<string>} */
  #seen = new Set();
  #folder;
  /** What cannot be right in any picture. @type {string[]} */
  faults = [];
  /** How many pictures it has taken. */
  pictures = 0;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /**
   * Takes what the tab shows on a phone and on a desktop, light and dark.
   * @param {Page} page
   * @param {string} name what the router calls the page, and what it shows there if it shows several things: `login`, `login.recovery`
   * @param {(page: Page) => Promise<unknown>} [ready] waits for what is to be in the picture
   */
  async takes(page, name, ready) {
    this.#seen.add(name.split('.')[0] ?? name);
    for (const [size, viewport] of SIZES) {
      await page.setViewportSize(viewport);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await page.locator('h1').first().waitFor({ state: 'attached' });
        await ready?.(page);
        const faults = await page.evaluate(settled, colorScheme);
        this.faults.push(...faults.map((fault) => `${name} on a ${size}: ${fault}`));
        const path = join(this.#folder, `${name}-${size}-${colorScheme}.png`);
        await page.screenshot({ path, animations: 'disabled' });
        this.pictures += 1;
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(DESKTOP);
  }

  /** The pages of the web app of which there is no picture. */
  unseen() {
    const routes = readFileSync(ROUTER, 'utf8').matchAll(/\{ readonly page: '([a-z-]+)'/g);
    return [...routes].flatMap(([, page = '']) => (this.#seen.has(page) || PASSING.has(page) ? [] : [page]));
  }
}

/**
 * Waits in the page until it is drawn in the scheme, with its fonts. Says what is wrong with its measures: nothing is wider than the screen,
 * and where a part of the page scrolls, the whole does not scroll beside it.
 * @param {'light' | 'dark'} scheme
 */
async function settled(scheme) {
  const asked = matchMedia(`(prefers-color-scheme: ${scheme})`);
  if (!asked.matches) await new Promise((resolve) => asked.addEventListener('change', resolve, { once: true }));
  await document.fonts.ready;
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  const root = document.documentElement;
  const main = document.querySelector('.inside main');
  const faults = [root, main].flatMap((part) =>
    part && part.scrollWidth > part.clientWidth
      ? [`<${part.localName}> is wider than the screen, by ${part.scrollWidth - part.clientWidth} px`]
      : [],
  );
  if (main && root.scrollHeight > root.clientHeight) {
    faults.push(`the page itself scrolls, by ${root.scrollHeight - root.clientHeight} px`);
  }
  return faults;
}
