// What people do with many: a community with a group in it, and a message there that has to be reported.

import { openAbout, openGroup } from '../../support/group.js';
import { allSent, go, hears, say } from '../../support/person.js';

export const COMMUNITY = 'Choir of the lake';
const GROUP = 'Who brings the cake';
const WELCOME = 'The plums are ripe on Thursday.';
/** What is reported. */
export const UNWANTED = 'Cheap owls! Buy two, get eleven!';

/** @type {import('../tour.js').Chapter} */
export async function communities(tour) {
  const { ada, ben } = tour;
  const { page } = ada;

  await tour.step('ada looks for groups and communities, of which there are none', async () => {
    await go(page, 'Groups');
    await page.getByRole('heading', { level: 1, name: 'Groups' }).waitFor();
    await tour.camera.takes(page, 'groups.empty');
    await tour.shows(ada, '/groups/new', 'new-group');
    await tour.shows(ada, '/communities', 'communities.empty', (page) =>
      page.getByText('There is no community here yet.').waitFor(),
    );
  });

  await tour.step('ada founds a community', async () => {
    await page.getByRole('link', { name: 'Found a community' }).click();
    await page.getByLabel('Title').fill(COMMUNITY);
    await page.getByLabel('Description').fill('We sing on Tuesdays, whatever the weather.');
    await page.getByRole('checkbox', { name: 'Music' }).check();
    await page.getByLabel('Place').fill('Bregenz');
    await page.getByRole('button', { name: 'Use where I am' }).click();
    await page.getByText(/^Somewhere around/).waitFor();
    await tour.camera.takes(page, 'new-community');
    await page.getByRole('button', { name: 'Found the community' }).click();
    await page.getByRole('heading', { level: 1, name: COMMUNITY }).waitFor();
    await page.getByText('You: Founder').waitFor();
  });

  await tour.step('ada opens a group in it', async () => {
    await page.getByRole('link', { name: 'New group' }).click();
    await page.getByText(`This group is of the community ${COMMUNITY}`).waitFor();
    await page.getByLabel('Title').fill(GROUP);
    await page.getByLabel('Description').fill('Flour, plums and whoever bakes.');
    await tour.camera.takes(page, 'new-group.in-community');
    await page.getByRole('button', { name: 'Create the group' }).click();
    await page.getByRole('heading', { level: 1, name: GROUP }).waitFor();
    await say(page, WELCOME);
    await allSent(page);
  });

  await tour.step('ben finds the community near him, and comes into its group', async () => {
    await go(ben.page, 'Groups');
    await ben.page.getByRole('link', { name: 'Communities' }).click();
    await ben.page.getByRole('button', { name: 'Near me' }).click();
    const found = ben.page.getByRole('list', { name: 'Communities found' }).getByRole('link', { name: COMMUNITY });
    await found.getByText(/\d+ km/).waitFor();
    await tour.camera.takes(ben.page, 'communities', () => found.waitFor());
    await found.click();
    await ben.page.getByRole('button', { name: 'Join the community' }).click();
    const join = ben.page.getByRole('button', { name: /^Join Who brings/ });
    await join.waitFor();
    await tour.camera.takes(ben.page, 'community.member', () => join.waitFor());
    await join.click();
    await ben.page.getByRole('heading', { level: 1, name: GROUP }).waitFor();
    await say(ben.page, UNWANTED);
    await hears(page, [WELCOME, UNWANTED]);
    await tour.camera.takes(page, 'group-chat', (page) => page.locator('.row').getByText(UNWANTED).waitFor());
  });

  await tour.step('ada reports what ben has said', async () => {
    const row = page.locator('.row').filter({ hasText: UNWANTED });
    await row.hover();
    await row.getByRole('button', { name: 'More about this message' }).click();
    await page.getByRole('menuitem', { name: 'Report…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('What should they know?').fill('I want no owls.');
    await tour.camera.takes(page, 'group-chat.report', () => dialog.waitFor());
    await dialog.getByRole('button', { name: 'Report', exact: true }).click();
    await dialog.getByText('Reported. Those who look after this server will look at it.').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
  });

  await tour.step('ada looks after the group, and makes a link into it', async () => {
    await openAbout(page);
    await page.getByRole('list', { name: '2 people' }).waitFor();
    await tour.camera.takes(page, 'group-about', (page) => page.getByRole('list', { name: '2 people' }).waitFor());
    await page.getByRole('button', { name: 'Make an invite link' }).click();
    const link = page.getByText(/\/join#/).first();
    await link.waitFor();
    const address = ((await link.textContent()) ?? '').trim();
    await tour.camera.takes(page, 'group-about.link', () => link.waitFor());
    await ben.page.goto(address);
    await ben.page.getByText('You are in it already.').waitFor();
    await tour.camera.takes(ben.page, 'join', (page) => page.getByText('You are in it already.').waitFor());
  });

  await tour.step('ada looks after the community', async () => {
    await page.getByRole('link', { name: COMMUNITY }).click();
    await page.getByRole('heading', { name: '2 members' }).waitFor();
    await tour.camera.takes(page, 'community', (page) =>
      page
        .getByRole('button', { name: /^About / })
        .first()
        .waitFor(),
    );
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('group', { name: 'Cover' }).waitFor();
    await tour.camera.takes(page, 'community.edit');
  });

  await tour.step('groups are found by what they are called', async () => {
    await tour.shows(ada, '/groups', 'groups', (page) => page.getByRole('list', { name: 'Your groups' }).waitFor());
    await tour.shows(ben, '/', 'home.groups', (page) =>
      page.locator('a[href^="/group/"]:visible', { hasText: GROUP }).first().waitFor(),
    );
    await openGroup(ben.page, GROUP);
  });
}
