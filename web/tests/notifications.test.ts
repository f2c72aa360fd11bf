import { expect, test, vi } from 'vitest';
import type { Message } from '@sotto/client';
import { UNCHOSEN, type NotificationChoices } from '../src/notifications/choices';
import { pathOf, Presenter } from '../src/notifications/presenter';
import { Notifications } from '../src/state/notifications.svelte';
import { FakeBrowser, FakeScreen, FakeStore } from './fake-browser';
import { FakeClient } from './fake-client';

const MINUTE = 60_000;

function alice(): FakeClient {
  return new FakeClient()
    .loggedInAs('alice')
    .knows('bob', { displayName: 'Bob B.' })
    .knows('carol')
    .hasGroup('rowing', { title: 'Rowing', roles: { alice: 'member', bob: 'owner' } });
}

/** What shows notifications of a client's messages. */
function presenting(client: FakeClient, choices: Partial<NotificationChoices> = {}) {
  const [store, screen] = [new FakeStore(), new FakeScreen()];
  store.chosen = { ...UNCHOSEN, isOn: true, ...choices };
  const presenter = new Presenter(async () => screen, store);
  const state = async () => ({ own: client.me?.account, chats: await client.chats(), now: Date.now() });
  const show = async (messages: Message[], isSeen = false) => presenter.show(messages, await state(), isSeen);
  return { presenter, store, screen, state, show };
}

test('a message is shown with who wrote it and what it says, in a group with the group’s name', async () => {
  const client = alice();
  const { screen, show } = presenting(client);
  expect(await show([client.said('bob', 'is it *late*?'), client.saidIn('rowing', 'bob', 'at 7')])).toBe(2);
  expect([...screen.words].sort()).toEqual(['Bob B.: is it late?', 'Rowing: bob: at 7']);
});

test('of several messages in a chat the last stands there, with how many there are', async () => {
  const client = alice();
  const { screen, show } = presenting(client);
  await show(['one', 'two', 'three'].map((text) => client.said('bob', text)));
  expect(screen.words).toEqual(['Bob B.: three\n3 new messages']);
  await show([client.said('bob', 'four')]);
  expect(screen.words).toEqual(['Bob B.: four\n4 new messages']);
});

test('who wants names alone sees no words, and who wants nothing sees no names, not even in what is kept with it', async () => {
  const client = alice();
  const said = [
    client.said('bob', 'the secret'),
    client.saidIn('rowing', 'bob', 'another'),
    client.said('bob', 'more'),
  ];
  const names = presenting(client, { shows: 'names' });
  await names.show(said);
  expect([...names.screen.words].sort()).toEqual(['Bob B.: 2 new messages', 'Rowing: bob: new message']);
  const nothing = presenting(client, { shows: 'nothing' });
  await nothing.show(said);
  expect([...nothing.screen.words].sort()).toEqual(['Sotto: 2 new messages', 'Sotto: New message']);
  const kept = JSON.stringify([...nothing.screen.shown.values()]);
  for (const secret of ['secret', 'another', 'more', 'ob', 'owing'])
    expect(kept.replace(/rowing/g, '')).not.toContain(secret);
});

test('a notification leads to its message by ids alone', async () => {
  const client = alice();
  const { screen, show } = presenting(client);
  const said = client.said('bob', 'hello');
  await show([said]);
  const [shown] = screen.shown.values();
  expect(shown && pathOf(shown)).toBe(`/open/${said.chat}?message=${said.id}`);
});

test('the words of what is gone later are never shown', async () => {
  const client = alice();
  const { screen, show } = presenting(client);
  await show([
    client.said('bob', 'burn this', { retention: { kind: 'for', seconds: 60 }, expiresAt: Date.now() + MINUTE }),
    client.said('carol', 'a whisper', { retention: { kind: 'never' } }),
  ]);
  expect([...screen.words].sort()).toEqual(['Bob B.: Message that will vanish', 'carol: Fleeting message']);
});

test('nothing is shown of one’s own, of what was read, deleted or is over, of blocked people, and of changes to a group', async () => {
  const client = alice();
  const { screen, show } = presenting(client);
  const read = client.said('bob', 'read elsewhere');
  client.seen('bob');
  const deleted = client.said('carol', 'oops');
  client.deletes('carol', deleted);
  const none = [
    read,
    client.now(deleted),
    client.said('bob', 'mine', { own: true }),
    client.said('bob', 'over', { expiresAt: Date.now() - 1, retention: { kind: 'for', seconds: 1 } }),
    client.saidIn('rowing', 'carol', 'blocked', { fromBlocked: true }),
    client.changed('rowing', 'bob', [{ kind: 'title', title: 'Rowing' }]),
  ];
  expect(await show(none)).toBe(0);
  expect(screen.words).toEqual([]);
});

test('nothing is shown of what was said before one came into the group, not even where it names one', async () => {
  const client = alice();
  const { screen, show } = presenting(client);
  const toldBy = client.accountOf('bob');
  expect(await show([client.saidIn('rowing', 'carol', '@alice should come', { toldBy, mentionsOwn: true })])).toBe(0);
  expect(screen.words).toEqual([]);
  expect(await show([client.saidIn('rowing', 'carol', 'welcome')])).toBe(1);
});

test('a muted chat is silent until somebody is named there, and is no longer when its time is over', async () => {
  const client = alice();
  const { screen, show } = presenting(client);
  client.mutes('rowing', 'always');
  const said = client.said('bob', 'muted for a while');
  client.mutes(said.chat, Date.now() - 1);
  await show([client.saidIn('rowing', 'bob', 'hello all'), said]);
  expect(screen.words).toEqual(['Bob B.: muted for a while']);
  await show([client.saidIn('rowing', 'bob', '@alice hello', { mentionsOwn: true })]);
  expect(screen.words).toContain('Rowing: bob: @alice hello');
});

test('who wants to hear of groups only when named hears only then, and the count is of that', async () => {
  const client = alice();
  const { screen, show } = presenting(client, { groups: 'named' });
  await show([client.saidIn('rowing', 'bob', 'at 7'), client.said('bob', 'direct')]);
  expect(screen.words).toEqual(['Bob B.: direct']);
  await show([client.saidIn('rowing', 'bob', '@alice?', { mentionsOwn: true })]);
  expect(screen.words).toContain('Rowing: bob: @alice?');
});

test('a stranger does not choose what stands on the screen', async () => {
  const client = alice();
  const { screen, show } = presenting(client);
  const said = client.said('carol', 'buy my coins');
  client.requested('carol');
  await show([said]);
  expect(screen.words).toEqual(['carol: Wants to write to you']);
});

test('what somebody else has shown, and what somebody looks at, is not shown again', async () => {
  const client = alice();
  const { presenter, store, screen, state, show } = presenting(client);
  const said = client.said('bob', 'once');
  const other = new Presenter(async () => screen, store);
  const both = [await presenter.show([said], await state(), false), await other.show([said], await state(), false)];
  expect(both).toEqual([1, 0]);
  const whisper = client.said('bob', 'psst', {
    retention: { kind: 'never' },
    position: said.position,
    at: said.at + 1,
  });
  expect([await show([whisper]), await show([whisper])]).toEqual([1, 0]);
  const seen = client.said('bob', 'before your eyes');
  expect([await show([seen], true), await show([seen])]).toEqual([0, 0]);
  expect(screen.history).toEqual(['Bob B.: once', expect.stringContaining('Fleeting message')]);
});

test('notifications go with what was read, deleted, is over, or was declined', async () => {
  const client = alice();
  const { presenter, screen, state, show } = presenting(client);
  const [bobs, carols, groups] = [
    client.said('bob', 'one'),
    client.said('carol', 'two', { retention: { kind: 'for', seconds: 60 }, expiresAt: Date.now() + MINUTE }),
    client.saidIn('rowing', 'bob', 'three'),
  ];
  await show([bobs, carols, groups]);
  await presenter.tidy(state);
  expect(screen.shown.size).toBe(3);
  client.seen('bob');
  await presenter.tidy(state);
  expect([...screen.words].sort()).toEqual(['Rowing: bob: three', 'carol: Message that will vanish']);
  await presenter.tidy(async () => ({ ...(await state()), now: Date.now() + 2 * MINUTE }));
  expect(screen.words).toEqual(['Rowing: bob: three']);
  await presenter.withdraw('rowing', 'another');
  expect(screen.shown.size).toBe(1);
  await presenter.withdraw('rowing', groups.id);
  expect(screen.shown.size).toBe(0);
});

test('a fleeting message stays announced although what it came after was read', async () => {
  const client = alice();
  const { presenter, screen, state, show } = presenting(client);
  const said = client.said('bob', 'read');
  client.seen('bob');
  await show([client.said('bob', 'psst', { retention: { kind: 'never' }, position: said.position })]);
  await presenter.tidy(state);
  expect(screen.words).toEqual(['Bob B.: Fleeting message']);
});

/** A tab in which the app runs. */
function tab(client: FakeClient, browser: FakeBrowser) {
  const went: string[] = [];
  const notifications = new Notifications(Promise.resolve(client), browser, (path) => went.push(path));
  const close = notifications.listen();
  return { notifications, went, close };
}

test('of several hidden tabs one shows what comes, and none while somebody looks at one', async () => {
  const client = alice();
  const [store, screen] = [new FakeStore(), new FakeScreen()];
  const browsers = [new FakeBrowser(store, screen).on(), new FakeBrowser(store, screen).on()];
  const tabs = browsers.map((browser) => tab(client, browser));
  await vi.waitFor(() => expect(tabs.every(({ notifications }) => notifications.isOn)).toBe(true));
  client.said('bob', 'hello');
  await vi.waitFor(() => expect(screen.words).toEqual(['Bob B.: hello']));
  for (const browser of browsers) browser.isSeen = true;
  client.said('carol', 'seen');
  for (const browser of browsers) browser.isSeen = false;
  client.said('bob', 'more');
  await vi.waitFor(() => expect(screen.words).toContain('Bob B.: more\n2 new messages'));
  expect(screen.history.filter((words) => words === 'Bob B.: hello')).toHaveLength(1);
});

test('an edited message is shown as it is now, without a sound; a deleted one is taken away', async () => {
  const client = alice();
  const browser = new FakeBrowser().on();
  const { notifications } = tab(client, browser);
  await vi.waitFor(() => expect(notifications.isOn).toBe(true));
  const said = client.said('bob', 'the wrong word');
  await vi.waitFor(() => expect(browser.screen.words).toEqual(['Bob B.: the wrong word']));
  client.edits(said, 'the right word');
  await vi.waitFor(() => expect(browser.screen.words).toEqual(['Bob B.: the right word']));
  expect([...browser.screen.shown.values()][0]?.silent).toBe(true);
  client.deletes('bob', said);
  await vi.waitFor(() => expect(browser.screen.words).toEqual([]));
});

test('a chat that is read on another device has no notification any more', async () => {
  const client = alice();
  const browser = new FakeBrowser().on();
  const { notifications } = tab(client, browser);
  await vi.waitFor(() => expect(notifications.isOn).toBe(true));
  const said = client.said('bob', 'hello');
  await vi.waitFor(() => expect(browser.screen.shown.size).toBe(1));
  await client.markRead(said.chat, said.position);
  await vi.waitFor(() => expect(browser.screen.shown.size).toBe(0));
});

test('the app that opens subscribes anew if the browser or the client has forgotten, and asks nobody if all is well', async () => {
  const client = alice();
  const browser = new FakeBrowser().on();
  tab(client, browser).close();
  const first = tab(client, browser);
  await vi.waitFor(() => expect(client.address?.endpoint).toBe('https://push.example/1'));
  expect([client.address?.p256dh.length, client.address?.auth.length]).toEqual([65, 16]);
  first.close();
  client.calls.length = 0;
  const second = tab(client, browser);
  await vi.waitFor(() => expect(second.notifications.isOn).toBe(true));
  second.close();
  await new Promise((resolve) => setTimeout(resolve));
  expect(client.calls).not.toContain('wakeUpKey');

  // The push service knows it no more, and the client has learned of that.
  client.goneEndpoints.add('https://push.example/1');
  client.address = undefined;
  tab(client, browser).close();
  const third = tab(client, browser);
  await vi.waitFor(() => expect(client.address?.endpoint).toBe('https://push.example/2'));
  third.close();

  // The server has another key: nobody could send to the address of before.
  client.serverKey = new Uint8Array(65).fill(5);
  client.address = undefined;
  tab(client, browser);
  await vi.waitFor(() => expect(client.address?.endpoint).toBe('https://push.example/3'));
});

test('who logs out is woken no more, and nothing of theirs stays on the screen; who logs in is woken again', async () => {
  const client = alice();
  const browser = new FakeBrowser().on();
  const { notifications } = tab(client, browser);
  await vi.waitFor(() => expect(client.address).toBeDefined());
  client.said('bob', 'hello');
  await vi.waitFor(() => expect(browser.screen.shown.size).toBe(1));
  await notifications.end(false);
  expect([client.address, browser.pushManager.subscription]).toEqual([undefined, null]);
  await client.logOut();
  await vi.waitFor(() => expect(browser.screen.shown.size).toBe(0));
  await client.logIn('alice', 'correct horse');
  await vi.waitFor(() => expect(client.address).toBeDefined());
});

test('a session that ends elsewhere ends the subscription, too', async () => {
  const client = alice();
  const browser = new FakeBrowser().on();
  tab(client, browser);
  await vi.waitFor(() => expect(client.address).toBeDefined());
  client.emit({ kind: 'account', account: null });
  await vi.waitFor(() => expect(browser.pushManager.subscription).toBeNull());
});

test('a tab that is asked by the service worker fetches and shows what there is, and says so', async () => {
  const client = alice();
  const browser = new FakeBrowser().on();
  const { notifications } = tab(client, browser);
  await vi.waitFor(() => expect(notifications.isOn).toBe(true));
  client.onCatchUp = () => void client.said('bob', 'hello');
  const { port1, port2 } = new MessageChannel();
  const answers: unknown[] = [];
  port1.onmessage = ({ data }) => {
    answers.push(data);
    if (data.kind === 'done') answers.push(browser.screen.words);
  };
  browser.says({ kind: 'wake-up' }, port2);
  await vi.waitFor(() =>
    expect(answers).toEqual([{ kind: 'awake' }, { kind: 'done', isComplete: true }, ['Bob B.: hello']]),
  );
  port1.close();
});

test('a click leads this tab to the page of the notification', async () => {
  const browser = new FakeBrowser().on();
  const { went } = tab(alice(), browser);
  browser.says({ kind: 'go', path: '/open/c?message=m' });
  expect(went).toEqual(['/open/c?message=m']);
});
