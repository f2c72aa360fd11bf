// Who is away is woken: a message over the real server to a browser in which no tab of the app is open. The push service is the test's;
// what it gets it hands to the service worker as a browser would. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { look } from '../support/look.js';
import { Native } from '../support/native.js';
import { temporaryFolder } from '../support/output.js';
import { accept, allSent, go, hears, openChat, register, say } from '../support/person.js';
import { pretend, PushService } from '../support/push-service.js';
import { Server } from '../support/server.js';
import { traces } from '../support/traces.js';

/** @typedef {import('playwright-core').Page} Page */

const PASSWORDS = { alice: 'alice keeps seven grey herons', nora: 'nora counts the northern lights' };

const { folder, remove } = temporaryFolder();
/** @type {PushService} */
let service;
/** @type {Server} */
let server;
/** @type {Profile} */
let browser;
/** @type {Native} */
let nora;
/** @type {Page} */
let alice;
/** @type {import('playwright-core').CDPSession} */
let devtools;
/** @type {string} */
let registrationId;
/** @type {Promise<void> | undefined} */
let delivery;

/**
 * The wake-ups that were handed to the service worker.
 * @type {{ text: Buffer, length: number, sender: number[] }[]}
 */
const wakeUps = [];

/** The service worker that is woken. There is another one, which hands out files. */
const wakened = () =>
  browser.context.serviceWorkers().find((worker) => worker.url() === `${server.origin}/service-worker.js`);

/** Alice leaves: no tab of the app is open any more, and her service worker knows it. */
async function leaves() {
  await alice.goto('about:blank');
  const worker = wakened();
  // @ts-expect-error of a service worker
  const tabs = async () => (await globalThis.clients.matchAll({ type: 'window', includeUncontrolled: true })).length;
  while ((await worker?.evaluate(tabs)) !== 0) await browser.context.cookies();
}

/** Hands whatever comes to the push service to the service worker, as a browser does: there may be a wake-up more than one thinks. */
async function delivers() {
  for await (const pushed of service) {
    const data = pushed.text.toString('latin1');
    wakeUps.push(pushed);
    await devtools.send('ServiceWorker.deliverPushMessage', { origin: server.origin, registrationId, data });
  }
}

/** What stands on alice's screen, as her service worker sees it. */
async function shown() {
  const worker = wakened();
  if (!worker) throw new Error('there is no service worker');
  return await worker.evaluate(async () => {
    // In turn with what shows them: Chromium forgets what it is asked about while it is put there.
    const notifications = await navigator.locks.request('sotto.notifications', () =>
      // @ts-expect-error of a service worker
      globalThis.registration.getNotifications(),
    );
    return notifications.map((/** @type {Notification} */ { title, body }) => `${title}: ${body}`);
  });
}

/**
 * Waits until this stands there. Nobody hears of a notification, so it is asked for.
 * @param {string[]} wanted
 */
async function shows(wanted) {
  const deadline = AbortSignal.timeout(60_000);
  for (;;) {
    const words = await shown();
    if (words.join('\n\n') === wanted.join('\n\n')) return;
    if (deadline.aborted) assert.deepEqual(words, wanted);
    await browser.context.cookies();
  }
}

/** Opens the page on which she chooses what is shown. */
async function opensSettings() {
  await alice.goto(`${server.origin}/settings/notifications`);
  await alice.getByRole('heading', { name: 'Notifications of this browser' }).waitFor();
}

before(async () => {
  service = await PushService.start();
  server = await Server.start(join(folder, 'server'), service.configuration);
  browser = new Profile(join(folder, 'alice'), server.origin, ['notifications']);
  nora = new Native(join(folder, 'nora'), server.origin, PASSWORDS.nora);
});

after(async () => {
  await browser?.stop();
  await server?.stop();
  service?.close();
  remove();
});

test('alice and nora know each other', async () => {
  alice = await browser.start('/');
  await browser.context.addInitScript(pretend, service.subscription);
  await alice.reload();
  await Promise.all([register(alice, 'alice', PASSWORDS.alice), nora.does('register', 'nora')]);
  await nora.does('send', 'alice', 'are the herons back?');
  await go(alice, 'Chats');
  await openChat(alice, 'nora');
  await accept(alice);
  await say(alice, 'since this morning');
  await allSent(alice);
});

test('she switches notifications on, and the server is told where she is woken', async () => {
  await opensSettings();
  await look(alice, 'notifications-off', (page) => page.getByText('They are off.').waitFor());
  await alice.getByRole('button', { name: 'Switch notifications on' }).click();
  await alice.getByText('They are on.').waitFor();
  await alice.getByRole('button', { name: 'Switch notifications off', disabled: false }).waitFor();
  await look(alice, 'notifications-on', (page) => page.getByText('They are on.').waitFor());
  devtools = await browser.context.newCDPSession(alice);
  registrationId = await new Promise((resolve, reject) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const found = registrations.find(({ scopeURL, isDeleted }) => scopeURL === `${server.origin}/` && !isDeleted);
      if (found) resolve(found.registrationId);
    });
    devtools.send('ServiceWorker.enable').catch(reject);
  });
  delivery = delivers();
});

test('a message wakes her browser, which says who wrote and what', async () => {
  const key = JSON.parse((await alice.evaluate(() => localStorage.getItem('test.subscribed-with'))) ?? '[]');
  await leaves();
  await nora.does('send', 'alice', 'there are eight of them now');
  await shows(['nora: there are eight of them now']);
  for (const { text, length, sender } of wakeUps) {
    assert.deepEqual([...text], [1]);
    assert.equal(length, 166);
    assert.deepEqual(sender, key);
  }
});

test('she reads it, and it is gone from her screen', async () => {
  await alice.goto(`${server.origin}/dm/nora`);
  await hears(alice, ['there are eight of them now']);
  await shows([]);
});

test('a message with a time is announced, and not quoted', async () => {
  await leaves();
  await nora.does('send', 'alice', 'burn this letter soon', '--keep', '1h');
  await shows(['nora: Message that will vanish']);
});

test('who wants nothing to be shown is shown nothing', async () => {
  await opensSettings();
  await alice.getByRole('radio', { name: 'Only that there is something new' }).check();
  await alice.getByText('Sotto', { exact: true }).first().waitFor();
  await alice.goto(`${server.origin}/dm/nora`);
  await hears(alice, ['burn this letter soon']);
  await shows([]);
  await leaves();
  await nora.does('send', 'alice', 'only for your eyes');
  await shows(['Sotto: New message']);
});

test('a tab that is open meanwhile runs the client, and what was fetched by the wake-up is there', async () => {
  await alice.goto(`${server.origin}/dm/nora`);
  await hears(alice, ['only for your eyes']);
  await say(alice, 'I have seen it');
  await allSent(alice);
});

test('a click on a notification leads to its message', async () => {
  await leaves();
  await nora.does('send', 'alice', 'look at this one');
  await shows(['Sotto: New message']);
  await alice.goto(`${server.origin}/settings`);
  await alice.getByText('Others find you by this name.').waitFor();
  const worker = wakened();
  await worker?.evaluate(async () => {
    // @ts-expect-error of a service worker
    const [notification] = await globalThis.registration.getNotifications();
    // A driver cannot click.
    // @ts-expect-error of a service worker
    globalThis.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
  });
  await alice.waitForURL(/\/dm\/nora\?message=[\w-]+$/);
  await hears(alice, ['look at this one']);
  await shows([]);
});

test('who logs out is woken no more', async () => {
  await alice.goto(`${server.origin}/settings`);
  await alice.getByRole('button', { name: 'Log out', exact: true }).click();
  await alice.getByRole('dialog').getByRole('button', { name: 'Log out', exact: true }).click();
  await alice.waitForFunction(() => localStorage.getItem('test.subscribed-with') === null);
  await leaves();
  const before = wakeUps.length;
  await nora.does('send', 'alice', 'are you still there?');
  // The server has looked for whom to wake when it has woken the next one, who is nobody.
  await server.stop();
  service.close();
  await delivery;
  assert.equal(wakeUps.length, before);
  await server.startAgain();
});

test('nothing broke the policy of the pages', () => {
  assert.deepEqual(browser.complaints, []);
});

test('the server has no trace of what was said', async () => {
  const said = ['are the herons back?', 'there are eight of them now', 'burn this letter soon', 'only for your eyes'];
  await server.stop();
  assert.deepEqual(traces(server.folder, [...said, PASSWORDS.alice, PASSWORDS.nora]).found, []);
  await server.startAgain();
});
