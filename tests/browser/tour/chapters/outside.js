// What somebody sees who has no account: where the server introduces itself, and the doors.

/** @type {import('../tour.js').Chapter} */
export async function outside(tour) {
  const { ada } = tour;
  const { page } = ada;

  await tour.step('a newcomer opens the landing page', () => tour.shows(ada, '/', 'home'));

  await tour.step('the newcomer reads about the server and its news', async () => {
    await page.getByRole('link', { name: 'About', exact: true }).click();
    await page.getByRole('heading', { name: 'The server of the Rowing Club' }).waitFor();
    await tour.camera.takes(page, 'about');
    await page.getByRole('link', { name: 'News', exact: true }).click();
    await page.getByRole('link', { name: 'We have moved' }).waitFor();
    await tour.camera.takes(page, 'news');
    await page.getByRole('link', { name: 'We have moved' }).click();
    await page.getByRole('heading', { level: 1, name: 'We have moved' }).waitFor();
    await tour.camera.takes(page, 'news-item');
  });

  await tour.step('the newcomer looks at the ways in', async () => {
    await tour.shows(ada, '/login', 'login');
    await page.getByRole('button', { name: 'Use a code from another device' }).click();
    await tour.camera.takes(page, 'login.code');
    await tour.shows(ada, '/login/oidc', 'oidc-return', (page) =>
      page.getByText('This login was not begun in this tab.').waitFor(),
    );
    await tour.shows(ada, '/join', 'join.no-link');
    await tour.shows(ada, '/no/such/page', 'not-found');
  });

  await tour.step('the interface is described on a page of its own', async () => {
    await ada.visits('/v1/docs');
    await page.getByRole('heading', { name: /Sotto/ }).first().waitFor();
    await page.locator('.opblock-tag').first().waitFor();
    await tour.camera.takes(page, 'api-docs');
    await page.locator('#operations-tag-user').click();
    await page.locator('#operations-tag-user ~ * .opblock-summary-control').first().click();
    await tour.camera.takes(page, 'api-docs.operation');
  });
}
