import assert from 'node:assert/strict';

/**
 * What a person does in the app, by what the person can see: labels, roles and words.
 * @typedef {import('playwright-core').Page} Page
 */

/**
 * Registers, keeps the recovery code and reads two of its words back. Gives the code.
 * @param {Page} page
 * @param {string} name
 * @param {string} password
 */
export async function register(page, name, password) {
  await follow(page, '/register');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password, once more').fill(password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  return await keepRecoveryCode(page);
}

/**
 * Keeps the recovery code that is shown, and reads two of its words back. Gives the code.
 * @param {Page} page
 */
export async function keepRecoveryCode(page) {
  await page.getByRole('heading', { name: 'Your recovery code' }).waitFor();
  const items = await page.getByRole('list', { name: 'Recovery code' }).getByRole('listitem').allTextContents();
  const words = items.map((item) => item.replace(/^\d+/, '').trim());
  assert.equal(words.length, 24);
  await page.getByRole('button', { name: 'I have written them down' }).click();
  for (const label of await page.locator('label').allTextContents()) {
    const number = Number(/^Word (\d+)$/.exec(label)?.[1]);
    // The page asks for its language, too.
    if (!number) continue;
    await page.getByLabel(label, { exact: true }).fill(words[number - 1] ?? '');
  }
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('heading', { name: 'People', exact: true }).waitFor();
  return words;
}

/**
 * @param {Page} page
 * @param {string} name
 * @param {string} password
 */
export async function logIn(page, name, password) {
  await follow(page, '/login');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

/**
 * Opens a page by its address without loading anew if a link leads there, as a person would.
 * @param {Page} page
 * @param {string} path
 */
async function follow(page, path) {
  if (new URL(page.url()).pathname === path) return;
  const link = page.locator(`a[href="${path}"]:visible`).first();
  await link.click();
}

/**
 * Goes to one of the main pages.
 * @param {Page} page
 * @param {string} link
 */
export async function go(page, link) {
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: new RegExp(`^${link}`) })
    .click();
}

/**
 * Finds somebody by a part of the name, and opens the chat.
 * @param {Page} page
 * @param {string} part
 * @param {string} name
 */
export async function find(page, part, name) {
  await follow(page, '/people');
  await page.getByRole('searchbox').fill(part);
  await page.getByRole('list', { name: 'People found' }).locator(`a[href="/dm/${name}"]`).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/**
 * Opens a chat from the list.
 * @param {Page} page
 * @param {string} name
 */
export async function openChat(page, name) {
  await page.locator(`a[href="/dm/${name}"]`).first().click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/**
 * Accepts what waits as a request, if it does: only then can something be written.
 * @param {Page} page
 */
export async function accept(page) {
  const button = page.getByRole('region', { name: 'Request' }).getByRole('button', { name: 'Accept' });
  const field = page.getByRole('textbox', { name: /^Message to/ });
  await button.or(field).first().waitFor();
  if (await button.isVisible()) await button.click();
  await field.waitFor();
}

/**
 * Puts a text into the message field. (A driver that fills in thousands of lines takes Chromium ten seconds; a paste does
 * not, and this comes as near to one as a page allows.)
 * @param {Page} page
 * @param {string} text
 */
export async function write(page, text) {
  await accept(page);
  const field = page.getByRole('textbox', { name: /^Message to/ });
  await field.evaluate((field, text) => {
    if (!(field instanceof HTMLTextAreaElement)) throw new TypeError('not the message field');
    field.focus();
    field.setRangeText(text, 0, field.value.length, 'end');
    field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));
  }, text);
}

/**
 * Writes and sends, without waiting for more than the message's place on the screen.
 * @param {Page} page
 * @param {string} text
 */
export async function say(page, text) {
  await write(page, text);
  const before = await lastOwn(page);
  await page.getByRole('textbox', { name: /^Message to/ }).press('Enter');
  await page.waitForFunction((before) => {
    const own = [...document.querySelectorAll('article[data-message]:has(.row.own)')];
    const last = own.at(-1)?.getAttribute('data-message');
    return last !== undefined && last !== before;
  }, before);
}

/**
 * The id of the last of one's own messages in the page.
 * @param {Page} page
 * @returns {Promise<string | null | undefined>}
 */
async function lastOwn(page) {
  return await page.evaluate(() => {
    const own = [...document.querySelectorAll('article[data-message]:has(.row.own)')];
    return own.at(-1)?.getAttribute('data-message');
  });
}

/**
 * The texts of the open chat, the first one first. What is far from the view is not in the page: somebody scrolls up to it.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export async function texts(page) {
  return await page.evaluate(async () => {
    const FRAMES = 3_000;
    const list = document.querySelector('section[aria-label^="Messages"]');
    const frame = () => new Promise(requestAnimationFrame);
    /** @type {Map<string, string | undefined>} */
    let seen = new Map();
    list?.scrollTo({ top: 0 });
    // A chat in which nothing was said has no list, once that is known.
    for (let count = 0; list?.isConnected && count < FRAMES; count += 1) {
      await frame();
      const drawn = [...list.querySelectorAll('article[data-message]')].map((row) => {
        const text = row.querySelector('.row .text')?.textContent;
        return /** @type {const} */ ([row.getAttribute('data-message') ?? '', text]);
      });
      // Rows that were seen keep their place: what is new stands above them.
      seen = new Map([...drawn.filter(([id]) => !seen.has(id)), ...seen]);
      const first = list.querySelector('article[data-message]');
      const isLoaded = list.querySelector('[role="feed"]')?.getAttribute('aria-busy') === 'false';
      const isAll = first?.getAttribute('aria-posinset') === '1' && first.getAttribute('aria-setsize') !== '-1';
      if (isLoaded && (isAll || (!first && count > 1))) break;
      list.scrollBy({ top: -list.clientHeight / 2 });
    }
    list?.scrollTo({ top: 0 });
    await frame();
    return [...seen.values()].flatMap((text) => text ?? []);
  });
}

/**
 * Waits until the open chat has so many messages, all of which it holds.
 * @param {Page} page
 * @param {number} count
 */
export async function holds(page, count) {
  await page.waitForFunction((count) => {
    const rows = [...document.querySelectorAll('article[data-message]')];
    return rows.at(-1)?.getAttribute('aria-setsize') === String(count);
  }, count);
}

/**
 * Waits until the open chat ends in these texts, in this order.
 * @param {Page} page
 * @param {readonly string[]} wanted
 */
export async function hears(page, wanted) {
  try {
    await page.waitForFunction(
      (wanted) => {
        const shown = [...document.querySelectorAll('.row .text')].map((element) => element.textContent);
        const end = shown.slice(-wanted.length);
        return end.length === wanted.length && end.every((text, index) => text === wanted[index]);
      },
      [...wanted],
    );
  } catch (error) {
    const brief = (/** @type {string} */ text) => text.slice(0, 60);
    const shown = (await texts(page)).slice(-wanted.length);
    throw new Error(`wanted ${JSON.stringify(wanted.map(brief))}, saw ${JSON.stringify(shown.map(brief))}`, {
      cause: error,
    });
  }
}

/**
 * Waits until the server has all of one's own messages on the screen.
 * @param {Page} page
 */
export async function allSent(page) {
  await page.waitForFunction(() => {
    const own = [...document.querySelectorAll('.row.own')];
    return own.length > 0 && own.every((row) => row.getAttribute('data-state') === 'accepted');
  });
}
