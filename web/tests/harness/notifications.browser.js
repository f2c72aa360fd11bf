// The service worker that is woken, in Chromium: what it shows of what the client finds, under the server's policy. Pushes come as the
// browser's own push service would deliver them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, DESKTOP, launch, openScene, PHONE, serve } from './built.js';

let origin;
let stop;
let browser;

before(async () => {
  ({ origin, stop } = await serve());
  browser = await launch();
});

after(async () => {
  await browser?.close();
  stop?.();
});

/** A profile in which notifications are allowed, and switched on, with the app open at a page. */
async function profile({ scene = 'quiet', path = '/settings', choices = {} } = {}) {
  const context = await browser.newContext({ locale: 'en-GB' });
  await context.grantPermissions(['notifications'], { origin });
  const { page, complaints } = await openScene(context, origin, scene, path);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.evaluate(async (choices) => {
    const opening = indexedDB.open('sotto-web', 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore('choices');
      opening.result.createObjectStore('claims');
    };
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const writing = opening.result.transaction('choices', 'readwrite');
    writing
      .objectStore('choices')
      .put({ isOn: true, shows: 'words', groups: 'everything', ...choices }, 'notifications');
    await new Promise((resolve) => (writing.oncomplete = resolve));
    opening.result.close();
  }, choices);
  const devtools = await browser.newBrowserCDPSession().catch(() => undefined);
  const session = await context.newCDPSession(page);
  const registered = new Promise((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const found = registrations.find(({ scopeURL, isDeleted }) => scopeURL === `${origin}/` && !isDeleted);
      if (found) resolve(found.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  const registrationId = await registered;
  await devtools?.detach();
  return { context, page, complaints, session, registrationId };
}

/** The service worker that is woken. There is another one, which hands out files. */
const wakened = ({ context }) =>
  context.serviceWorkers().find((worker) => worker.url() === `${origin}/service-worker.js`);

/** What a wake-up finds, of a chat with bob and a group. */
async function finds(at, messages, more = {}) {
  const person = { account: 'b', name: 'bob', displayName: '', identity: 'known' };
  const summary = (chat, kind) => {
    const own = messages.filter((message) => message.chat === chat);
    return {
      chat,
      kind,
      unread: own.length,
      unreadMentions: own.filter(({ mentionsOwn }) => mentionsOwn).length,
      readTo: 0,
      isArchived: false,
      undecryptable: 0,
      retention: { kind: 'keep' },
      isHalted: false,
      ...more.summary,
    };
  };
  const scene = {
    account: { account: 'a', name: 'alice' },
    chats: [
      summary('direct', { kind: 'direct', with: person }),
      summary('group', { kind: 'group', title: 'Rowing', isMember: true }),
    ],
    messages,
    isComplete: true,
    ...more,
  };
  await wakened(at).evaluate(
    async (scene) => (await caches.open('harness')).put('/wake-up-scene', new Response(JSON.stringify(scene))),
    scene,
  );
}

let position = 0;
function said(text, more = {}) {
  position += 1;
  return {
    id: `m${position}`,
    chat: 'direct',
    position,
    from: { account: 'b', name: 'bob' },
    own: false,
    body: { kind: 'text', text },
    at: Date.now(),
    state: 'received',
    retention: { kind: 'keep' },
    ...more,
  };
}

/** Delivers a push. */
const push = ({ session, registrationId }) =>
  session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: '\u0001' });

/** What stands there now, as the service worker sees it: no page need be open. */
const shown = (at) =>
  wakened(at).evaluate(async () => {
    // In turn with what shows them: see src/notifications/turn.ts.
    const notifications = await navigator.locks.request('sotto.notifications', () =>
      globalThis.registration.getNotifications(),
    );
    return notifications.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
  });

/** Asks until the answer is this: what it is about happens in other processes, of which nobody hears. */
async function becomes(at, ask, wanted) {
  const deadline = AbortSignal.timeout(30_000);
  for (;;) {
    const answer = await ask();
    if (JSON.stringify(answer) === JSON.stringify(wanted)) return;
    if (deadline.aborted) assert.deepEqual(answer, wanted);
    // A round trip to the browser is the pause.
    await at.context.cookies();
  }
}

/** Waits until this stands there: titles and bodies. */
const shows = (at, wanted) =>
  becomes(at, async () => (await shown(at)).map(({ title, body }) => `${title}: ${body}`).sort(), [...wanted].sort());

/** Nobody looks at the app, and the service worker knows it. */
async function away(at) {
  await at.page.goto('about:blank');
  const tabs = async () => (await globalThis.clients.matchAll({ type: 'window', includeUncontrolled: true })).length;
  await becomes(at, () => wakened(at).evaluate(tabs), 0);
}

async function close({ context, complaints }) {
  await context.close();
  assert.deepEqual(complaints, []);
}

test('a push shows who wrote and what, one notification a chat', async () => {
  const at = await profile();
  await finds(at, [said('are you awake?'), said('it is late'), said('at 7', { chat: 'group' })]);
  await away(at);
  await push(at);
  await shows(at, ['bob: it is late\n2 new messages', 'Rowing: bob: at 7']);
  const tags = (await shown(at)).map(({ tag }) => tag).sort();
  assert.deepEqual(tags, ['sotto.chat.direct', 'sotto.chat.group']);
  await close(at);
});

test('a push shows no more than was chosen', async () => {
  const at = await profile({ choices: { shows: 'nothing' } });
  await finds(at, [said('the secret')]);
  await away(at);
  await push(at);
  await shows(at, ['Sotto: New message']);
  assert.doesNotMatch(JSON.stringify(await shown(at)), /secret|bob/);
  await close(at);
});

test('the same message is shown once, and nothing while somebody looks', async () => {
  const at = await profile();
  const first = said('once');
  await finds(at, [first]);
  await away(at);
  await push(at);
  await shows(at, ['bob: once']);
  await wakened(at).evaluate(async () => {
    for (const notification of await globalThis.registration.getNotifications()) notification.close();
  });
  await shows(at, []);
  // It has come again with another, of another chat: that alone is new.
  await finds(at, [first, said('at 7', { chat: 'group' })]);
  await push(at);
  await shows(at, ['Rowing: bob: at 7']);
  await close(at);
});

test('what was read meanwhile is taken away, and nothing is put in its place', async () => {
  const at = await profile();
  await finds(at, [said('hello')]);
  await away(at);
  await push(at);
  await shows(at, ['bob: hello']);
  await finds(at, [], { summary: { readTo: position } });
  await push(at);
  await shows(at, []);
  await close(at);
});

test('if the client fails, or there is no connection, it is said that there is something, until there is more to say', async () => {
  const at = await profile();
  await finds(at, [], { fails: true });
  await away(at);
  await push(at);
  await shows(at, ['Sotto: New messages']);
  await finds(at, [said('hello')]);
  await push(at);
  await shows(at, ['bob: hello']);
  await close(at);
});

test('a tab that runs the client and is awake shows what comes, one that does not answer is asleep', async () => {
  const at = await profile();
  await finds(at, [], { isLed: true });
  await at.page.reload();
  await at.page.waitForFunction(() => globalThis.fake !== undefined);
  // Somebody is elsewhere.
  const other = await at.context.newPage();
  await other.goto(`${origin}/icon.svg`);
  await at.page.evaluate(() => {
    Object.defineProperty(document, 'hasFocus', { value: () => false });
    globalThis.fake.onCatchUp = () => void globalThis.fake.said('bea', 'from the tab');
  });
  await push(at);
  await shows(at, ['Bea Okafor: from the tab']);

  await at.page.evaluate(() => {
    globalThis.fake.account = () => new Promise(() => undefined);
  });
  await push(at);
  await shows(at, ['Bea Okafor: from the tab', 'Sotto: New messages']);
  await close(at);
});

test('a click leads the tab that is open to the message', async () => {
  const at = await profile({ scene: 'chats' });
  const asked = await at.page.evaluate(async () => {
    const [summary] = (await globalThis.fake.chats()).filter(({ kind }) => kind.kind === 'direct');
    return { chat: summary.chat, message: summary.last.id, name: summary.kind.with.name };
  });
  await wakened(at).evaluate(async ({ chat, message }) => {
    const data = { chat, message, position: 1 };
    await globalThis.registration.showNotification('Bea', { tag: `sotto.chat.${chat}`, data });
    const [notification] = await globalThis.registration.getNotifications();
    // A driver cannot click on it. This one is not the user's, so the browser waits for nothing that it causes.
    globalThis.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
  }, asked);
  await at.page.waitForURL(`${origin}/dm/${asked.name}?message=${asked.message}`);
  await shows(at, []);
  await close(at);
});

test('choices are kept for the service worker, and one example can be seen', async () => {
  const at = await profile({ path: '/settings/notifications' });
  await at.page.reload();
  await at.page.getByRole('radio', { name: 'Who wrote', exact: true }).check();
  await at.page.getByRole('button', { name: 'Show me one' }).click();
  await shows(at, ['Ada: New message']);
  await finds(at, [said('the secret')]);
  await away(at);
  await push(at);
  await shows(at, ['Ada: New message', 'bob: New message']);
  await close(at);
});

test('the pages are for everybody: phone and desktop, light and dark', async () => {
  const at = await profile({ scene: 'notices', path: '/notifications' });
  for (const [path, ready] of [
    ['/notifications', () => at.page.getByRole('list', { name: 'Notifications' }).waitFor()],
    ['/settings/notifications', () => at.page.getByText('They are on.').waitFor()],
  ]) {
    for (const viewport of [PHONE, DESKTOP]) {
      await at.page.setViewportSize(viewport);
      for (const colorScheme of ['light', 'dark']) {
        await at.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await at.page.goto(`${origin}${path}`);
        await ready();
        if (process.env.SCREENSHOTS) {
          const name = `${path.slice(1).replace('/', '-')}-${viewport.width}-${colorScheme}.png`;
          await at.page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}` });
        }
        assert.deepEqual(await axe(at.page), [], `${path} ${viewport.width} ${colorScheme}`);
      }
    }
  }
  await close(at);
});
