import { wakeUp } from '@sotto/client/wake-up';
import { fileAt } from '../files/file-path';
import { pathOf, Presenter } from '../notifications/presenter';
import { IndexedDbNotifications } from '../notifications/store';
import { answer, missing } from './answer';
import { showPage } from './click';
import { speakHere } from './language';
import { onAddressChange, onPush, type World } from './push';
import { openFile, type Tab } from './tabs';

declare const self: ServiceWorkerGlobalScope;
/** The address of the compiled client, put here by the build. */
declare const SOTTO_MODULE: string;

/*
 * The service worker: a browser's way to ask this origin for something while it plays or saves it, and to say that something has come.
 * It answers for the files of messages and for nothing else, and keeps nothing. When it is woken and no tab is open it runs the client
 * itself, for a moment; otherwise it has no keys.
 */

self.addEventListener('install', () => void self.skipWaiting());
// The tab that has registered it need not be loaded again to use it.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
// A tab that gives a file keeps this worker awake: to hear of it is all that it takes.
self.addEventListener('message', () => undefined);

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  const file = origin === self.location.origin && request.method === 'GET' ? fileAt(pathname) : undefined;
  if (!file) return;
  // What is opened as a page is saved: nothing that somebody has sent becomes one.
  const isDownload = searchParams.has('download') || request.mode === 'navigate';
  const range = request.headers.get('range');
  event.respondWith(
    tabsFor(event.clientId).then(async (tabs) => {
      const found = await openFile(tabs, file);
      return found ? answer(found, { range, isDownload }) : missing(isDownload);
    }),
  );
});

/** The tab that asks; if it is not known, as for what is saved, every one. */
async function tabsFor(client: string): Promise<readonly Tab[]> {
  const asking = client ? await self.clients.get(client) : undefined;
  return asking ? [asking] : self.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

// Files have names in a language before any wake-up.
speakHere(undefined, navigator.languages);

const store = new IndexedDbNotifications();
const windows = () => self.clients.matchAll({ type: 'window', includeUncontrolled: true });

const world: World = {
  presenter: new Presenter(async () => self.registration, store),
  store,
  wakeUp: (look) => wakeUp({ module: SOTTO_MODULE }, look),
  tabs: windows,
  isSeen: async () => (await windows()).some(({ focused }) => focused),
  // Chromium and Firefox count what is still to be seen when the wake-up is over: there, to show something and take it away at once would
  // be for nothing. They forgive a few without anything, more to those who use the app, and Chromium then says by itself that something
  // was updated. Apple ends the subscription after three wake-ups for which nothing was shown at all.
  demandsOne: async () => {
    const subscription = await self.registration.pushManager.getSubscription();
    return subscription !== null && new URL(subscription.endpoint).hostname.endsWith('.push.apple.com');
  },
  languages: navigator.languages,
  registration: self.registration,
};

/** One after the other: two at once would stand in each other's way. */
let last = Promise.resolve();
function next(work: () => Promise<void>): Promise<void> {
  last = last.then(work).catch(() => undefined);
  return last;
}

// What is in it says nothing: that it came is all.
self.addEventListener('push', (event) => event.waitUntil(next(() => onPush(world))));
self.addEventListener('pushsubscriptionchange', (event) =>
  (event as ExtendableEvent).waitUntil(next(() => onAddressChange(world))),
);
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(showPage(self.clients, pathOf(event.notification)));
});
