/**
 * What a person does with groups, by what the person can see.
 * @typedef {import('playwright-core').Page} Page
 */

/**
 * Looks for somebody in the open picker, and takes them.
 * @param {Page} page
 * @param {string} part
 * @param {string} name
 */
export async function pick(page, part, name) {
  await page.getByRole('searchbox', { name: 'Search people to add' }).fill(part);
  await page.getByRole('button', { name: `Add ${name}`, exact: true }).click();
}

/**
 * Opens a group from the list of chats.
 * @param {Page} page
 * @param {string} title
 */
export async function openGroup(page, title) {
  await page.locator('a[href^="/group/"]:visible', { hasText: title }).first().click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

/**
 * Goes from a group's chat to the page about it.
 * @param {Page} page
 */
export async function openAbout(page) {
  await page.getByRole('link', { name: 'About this group' }).click();
  await page.getByRole('link', { name: 'Back to the chat' }).waitFor();
}

/** @param {Page} page */
export async function backToChat(page) {
  await page.getByRole('link', { name: 'Back to the chat' }).click();
  await page.getByRole('textbox', { name: /^Message to/ }).waitFor();
}
