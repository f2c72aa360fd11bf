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
  await page.getByRole('heading', { name: 'Your recovery code' }).waitFor();
  const items = await page.getByRole('list', { name: 'Recovery code' }).getByRole('listitem').allTextContents();
  const words = items.map((item) => item.replace(/^\d+/, '').trim());
  assert.equal(words.length, 24);
  await page.getByRole('button', { name: 'I have written them down' }).click();
  for (const label of await page.locator('label').allTextContents()) {
    const number = Number(/^Word (\d+)$/.exec(label)?.[1]);
    await page.getByLabel(label, { exact: true }).fill(words[number - 1] ?? '');
  }
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('heading', { name: 'People' }).waitFor();
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
  await page.getByRole('button', { name: 'Log in' }).click();
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
  const before = await page.locator('.row.own').count();
  await write(page, text);
  await page.getByRole('textbox', { name: /^Message to/ }).press('Enter');
  await page.locator('.row.own').nth(before).waitFor();
}

/**
 * The texts of the open chat, oldest first.
 * @param {Page} page
 */
export async function texts(page) {
  return await page.locator('.row .text').allTextContents();
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
