import { expect, test, vi } from 'vitest';
import type { AwakeClient, Found } from '@sotto/client/wake-up';
import type { Message } from '@sotto/client';
import { Presenter } from '../src/notifications/presenter';
import type { WakeUpAnswer } from '../src/notifications/tab-port';
import { askAwake, type Tab } from '../src/service-worker/awake-tab';
import { showPage, type Page } from '../src/service-worker/click';
import { onAddressChange, onPush, type World } from '../src/service-worker/push';
import { FakePushManager, FakeScreen, FakeStore } from './fake-browser';
import { FakeClient, problem } from './fake-client';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob');
}

interface Scene extends World {
  readonly screen: FakeScreen;
  readonly store: FakeStore;
  readonly pushManager: FakePushManager;
}

/** A service worker in which the client finds these messages. */
function scene(client: FakeClient, found: Partial<Found> = {}, more: Partial<Omit<World, 'store'>> = {}): Scene {
  const [store, screen, pushManager] = [new FakeStore(), new FakeScreen(), new FakePushManager()];
  store.chosen = { isOn: true, shows: 'words', groups: 'everything' };
  return {
    store,
    screen,
    pushManager,
    presenter: new Presenter(async () => screen, store),
    wakeUp: (look) => look(client as unknown as AwakeClient, { messages: [], isComplete: true, ...found }),
    tabs: async () => [],
    isSeen: async () => false,
    demandsOne: async () => false,
    languages: ['en'],
    registration: { pushManager: pushManager as unknown as PushManager },
    ...more,
  };
}

/** A tab that answers, or sleeps. */
function tab(...answers: WakeUpAnswer[]): Tab & { asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    postMessage: (message, [port]) => {
      asked.push(message);
      for (const answer of answers) (port as MessagePort | undefined)?.postMessage(answer);
    },
  };
}

const somebodyLeads: Pick<World, 'wakeUp'> = { wakeUp: async () => undefined };

test('a wake-up shows what it has fetched', async () => {
  const client = alice();
  const world = scene(client, { messages: [client.said('bob', 'hello')] });
  await onPush(world);
  expect(world.screen.words).toEqual(['bob: hello']);
});

test('what was read elsewhere meanwhile is taken away by the next wake-up', async () => {
  const client = alice();
  const messages: Message[] = [client.said('bob', 'hello')];
  const world = scene(client, { messages });
  await onPush(world);
  client.seen('bob');
  await onPush(world);
  expect(world.screen.words).toEqual([]);
  expect(world.screen.history).toEqual(['bob: hello']);
});

test('where there is nothing to show nothing is shown, but by browsers that demand it, for a moment', async () => {
  const quiet = scene(alice());
  await onPush(quiet);
  expect(quiet.screen.history).toEqual([]);
  const strict = scene(alice(), {}, { demandsOne: async () => true });
  await onPush(strict);
  expect([strict.screen.history, strict.screen.words]).toEqual([['Sotto: New messages'], []]);
});

test('without a connection, and when the client fails, it is said that there is something', async () => {
  const offline = scene(alice(), { isComplete: false });
  await onPush(offline);
  expect(offline.screen.words).toEqual(['Sotto: New messages']);
  const crashed = scene(alice(), {}, { wakeUp: () => Promise.reject(problem('crashed')) });
  await onPush(crashed);
  expect(crashed.screen.words).toEqual(['Sotto: New messages']);
});

test('the plain words go when there are better ones', async () => {
  const client = alice();
  const offline = scene(client, { isComplete: false });
  await onPush(offline);
  const messages = [client.said('bob', 'hello')];
  await onPush({
    ...offline,
    wakeUp: (look) => look(client as unknown as AwakeClient, { messages, isComplete: true }),
  });
  expect(offline.screen.words).toEqual(['bob: hello']);
});

test('who is logged out, or has switched them off, is shown nothing', async () => {
  const world = scene(new FakeClient());
  await onPush(world);
  const off = scene(alice(), {}, { wakeUp: () => expect.unreachable('the client was woken') });
  off.store.chosen = { ...off.store.chosen, isOn: false };
  await onPush(off);
  expect([...world.screen.history, ...off.screen.history]).toEqual([]);
});

test('a tab that is awake shows it by itself', async () => {
  const awake = tab({ kind: 'awake' }, { kind: 'done', isComplete: true });
  const world = scene(alice(), {}, { ...somebodyLeads, tabs: async () => [tab(), awake] });
  await onPush(world);
  expect(world.screen.history).toEqual([]);
  expect(awake.asked).toEqual([{ kind: 'wake-up' }]);
});

test('of a tab that is awake and has no connection it is said that there is something, unless somebody looks', async () => {
  const offline = () => tab({ kind: 'awake' }, { kind: 'done', isComplete: false });
  const hidden = scene(alice(), {}, { ...somebodyLeads, tabs: async () => [offline()] });
  await onPush(hidden);
  expect(hidden.screen.words).toEqual(['Sotto: New messages']);
  const seen = scene(alice(), {}, { ...somebodyLeads, tabs: async () => [offline()], isSeen: async () => true });
  await onPush(seen);
  expect(seen.screen.history).toEqual([]);
});

test('if every tab sleeps it is said that there is something', async () => {
  vi.useFakeTimers();
  const world = scene(alice(), {}, { ...somebodyLeads, tabs: async () => [tab(), tab()] });
  const done = onPush(world);
  await vi.runAllTimersAsync();
  await done;
  expect(world.screen.words).toEqual(['Sotto: New messages']);
  vi.useRealTimers();
});

test('a tab that is awake and never done is waited for no longer than the browser allows', async () => {
  expect(await askAwake([tab({ kind: 'awake' })], 1000, 10)).toEqual({ isComplete: false });
  expect(await askAwake([tab()], 10, 10)).toBeUndefined();
  expect(await askAwake([])).toBeUndefined();
});

test('another address at the push service is told to the server, by the client or by a tab', async () => {
  const client = alice();
  const world = scene(client);
  await onAddressChange(world);
  expect(client.address?.endpoint).toBe('https://push.example/1');
  const open = tab();
  await onAddressChange(scene(alice(), {}, { ...somebodyLeads, tabs: async () => [open] }));
  expect(open.asked).toEqual([{ kind: 'renew' }]);
});

test('a click goes to the tab that one sees, else to another, else to a new one', async () => {
  const went: string[] = [];
  const page = (name: string, visibilityState: string, canFocus = true): Page => ({
    focused: false,
    visibilityState,
    postMessage: (message) => went.push(`${name} ${(message as { path: string }).path}`),
    focus: () => (canFocus ? Promise.resolve() : Promise.reject(new DOMException('no', 'InvalidAccessError'))),
  });
  const among = (pages: Page[]) =>
    showPage({ matchAll: async () => pages, openWindow: async (path) => went.push(`new ${path}`) }, '/open/c');
  await among([page('hidden', 'hidden'), page('visible', 'visible')]);
  await among([page('hidden', 'hidden', false)]);
  await among([]);
  expect(went).toEqual(['visible /open/c', 'hidden /open/c', 'new /open/c']);
});
