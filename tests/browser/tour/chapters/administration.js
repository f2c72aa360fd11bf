// Looking after the server: ada becomes its first administrator, and deals with what she has reported.

import { go, logIn } from '../../support/person.js';
import { UNWANTED } from './communities.js';

const WHY = 'Sold what is not sold here.';

/** @type {import('../tour.js').Chapter} */
export async function administration(tour) {
  const { ada, ben, people, server } = tour;
  const { page } = ada;

  await tour.step('whoever may not administer is told so', () =>
    tour.shows(ben, '/admin', 'administration.nothing', (page) =>
      page.getByText('There is nothing here that you may do.').waitFor(),
    ),
  );

  await tour.step('the command line makes ada the first administrator', async () => {
    await server.does('admin', 'account', 'role', 'ada', 'administrator');
    await go(page, 'Settings');
    await page.getByRole('link', { name: 'Administration' }).click();
    await page.getByText('Your role on this server: Administrator').waitFor();
    await page.getByText('What this server holds').waitFor();
    await tour.camera.takes(page, 'administration', (page) => page.getByText('What this server holds').waitFor());
  });

  await tour.step('ada looks through the accounts', () =>
    tour.shows(ada, '/admin/accounts', 'administered-accounts', (page) =>
      page.getByRole('heading', { name: 'Ben Bicycle' }).waitFor(),
    ),
  );

  await tour.step('ada makes a role, and gives it to nobody', async () => {
    await ada.visits('/admin/roles');
    await page.getByRole('button', { name: 'New role' }).click();
    const making = page.getByRole('dialog');
    await making.getByLabel('Name').fill('night-watch');
    await making.getByLabel('handle reports').check();
    await tour.camera.takes(page, 'server-roles.new', () => making.waitFor());
    await making.getByRole('button', { name: 'Make the role' }).click();
    await page.getByText('handle reports · 0 accounts').waitFor();
    await tour.camera.takes(page, 'server-roles', (page) => page.getByText('night-watch').waitFor());
  });

  await tour.step('ada makes an invite', async () => {
    await ada.visits('/admin/invites');
    await page.getByLabel('What it is for').fill('The rowing course of the spring');
    await page.getByRole('button', { name: 'Make an invite' }).click();
    const link = page.getByText(/\/register\?invite=/);
    await link.waitFor();
    await tour.camera.takes(page, 'server-invites', () => link.waitFor());
  });

  await tour.step('ada reads the report, and bans ben for it', async () => {
    await ada.visits('/admin/reports');
    await page.getByText('I want no owls.').waitFor();
    await page.getByRole('button', { name: /^Read the message of / }).click();
    await page.locator('blockquote').getByText(UNWANTED).waitFor();
    await page.getByText('The server has checked that this was said.').waitFor();
    await tour.camera.takes(page, 'server-reports', (page) => page.locator('blockquote').waitFor());
    await page.getByRole('button', { name: /^Ban / }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill(WHY);
    await tour.camera.takes(page, 'server-reports.ban', (page) => page.getByRole('dialog').waitFor());
    ben.isPutOut = true;
    await page.getByRole('dialog').getByRole('button', { name: 'Ban', exact: true }).click();
    const handling = page.getByRole('dialog', { name: 'Was something done about it?' });
    await handling.getByRole('button', { name: 'Something was done' }).click();
    await page.getByText('No report waits.').waitFor();
    await tour.camera.takes(page, 'server-reports.none', (page) => page.getByText('No report waits.').waitFor());
  });

  await tour.step('ben is put out, and told why', async () => {
    const told = ben.page.getByRole('alert').getByText(WHY);
    await told.waitFor();
    await tour.camera.takes(ben.page, 'home.banned', () => told.waitFor());
    await logIn(ben.page, 'ben', people.ben.password);
    const refused = ben.page.locator('form').getByRole('alert').getByText(WHY);
    await refused.waitFor();
    await tour.camera.takes(ben.page, 'login.banned', () => refused.waitFor());
  });

  await tour.step('ada lifts the ban, and ben is in again', async () => {
    await ada.visits('/admin/accounts');
    await page.getByText(/^Banned until/).waitFor();
    await tour.camera.takes(page, 'administered-accounts.banned', (page) => page.getByText(/^Banned until/).waitFor());
    await page.getByRole('button', { name: /^Lift the ban on / }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Lift the ban' }).click();
    await page.getByRole('button', { name: /^Ban / }).waitFor();
    await ben.page.getByRole('button', { name: 'Log in', exact: true }).click();
    await ben.page.getByRole('navigation', { name: 'Main' }).waitFor();
    ben.isPutOut = false;
  });

  await tour.step('all of it stands in the log', () =>
    tour.shows(ada, '/admin/log', 'audit-log', (page) =>
      page
        .getByText(/banned until/)
        .first()
        .waitFor(),
    ),
  );
}
