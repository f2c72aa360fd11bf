// A few write to everyone: the founder of a community to those who are in it.

import { allSent, go, hears, say } from '../../support/person.js';
import { COMMUNITY } from './communities.js';

const BROADCAST = 'What the choir has to know';
const NEWS = 'On Tuesday we meet at the boathouse.';

/** @type {import('../tour.js').Chapter} */
export async function broadcast(tour) {
  const { ada, ben } = tour;
  const { page } = ada;

  /** @param {import('playwright-core').Page} page */
  const toCommunity = async (page) => {
    await go(page, 'Groups');
    await page.getByRole('link', { name: 'Communities' }).click();
    await page.getByRole('list', { name: 'Your communities' }).getByRole('link', { name: COMMUNITY }).click();
    await page.getByRole('heading', { level: 1, name: COMMUNITY }).waitFor();
  };

  await tour.step('ada begins a broadcast for the community', async () => {
    await toCommunity(page);
    await page.getByRole('button', { name: 'Begin a broadcast' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Title').fill(BROADCAST);
    await tour.camera.takes(page, 'community.broadcast', () => dialog.waitFor());
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('heading', { level: 1, name: BROADCAST }).waitFor();
    await say(page, NEWS);
    await allSent(page);
  });

  await tour.step('ben reads along, and cannot write there', async () => {
    await toCommunity(ben.page);
    await ben.page.getByRole('button', { name: `Join ${BROADCAST}` }).click();
    await hears(ben.page, [NEWS]);
    const ended = ben.page.getByText('Here the owner and the admins write. You read along.');
    await ended.waitFor();
    await tour.camera.takes(ben.page, 'group-chat.broadcast', () => ended.waitFor());
  });
}
