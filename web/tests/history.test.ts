import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import type { ChatId, Message } from '@sotto/client';
import { open } from './app';
import { FakeClient } from './fake-client';
import { quoteOf } from './fake-messages';
import { observers, screenOf } from './setup';

const DAY = 86_400_000;

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
}

/** Bob has said `number 1` to `number {count}`, one a minute, the last one now. */
function talkative(count: number): { client: FakeClient; chat: ChatId; said: Message[] } {
  const client = alice();
  const now = Date.now();
  const said = Array.from({ length: count }, (_, index) =>
    client.said('bob', `number ${index + 1}`, { at: now - (count - index) * 60_000 }),
  );
  return { client, chat: said[0]?.chat ?? '', said };
}

const shown = () => screen.queryAllByText(/./, { selector: '.text' }).map((element) => element.textContent);
const atLength = (length: number) => waitFor(() => expect(shown()).toHaveLength(length));
const click = async (name: string | RegExp) => (await screen.findByRole('button', { name })).click();
const row = (id: string) => document.querySelector<HTMLElement>(`[data-message="${id}"]`);
const showEnds = () => [...observers].forEach((show) => show());
async function chooses(item: string | RegExp): Promise<void> {
  await click('More about this chat');
  (await screen.findByRole('menuitem', { name: item })).click();
}
const chats = () => within(screen.getByRole('region', { name: 'Your chats' }));

test('of 100,000 messages the newest page is read, and nothing else', async () => {
  const { client } = talkative(100_000);
  client.seen('bob');
  open(client, '/dm/bob');
  await atLength(50);
  expect(shown().at(-1)).toBe('number 100000');
  expect(client.calls.filter((call) => call.startsWith('messages'))).toEqual(['messages']);
});

test('a chat opens where reading ended, and that place stays marked while it is open', async () => {
  const { client, chat } = talkative(300);
  client.seenTo(chat, 200);
  open(client, '/dm/bob');
  await atLength(100);
  expect(shown()[0]).toBe('number 151');
  const divider = await screen.findByText('New messages');
  expect(divider.closest('article')?.querySelector('.text')?.textContent).toBe('number 201');
  // What is in view is read; the place stays.
  await waitFor(() => expect(client.calls).toContain('markRead 250'));
  expect(screen.getByText('New messages')).toBe(divider);
});

test('where everything was read nothing is marked as new, and what comes then is not either', async () => {
  const { client } = talkative(3);
  client.seen('bob');
  open(client, '/dm/bob');
  await atLength(3);
  client.said('bob', 'another');
  await atLength(4);
  expect(screen.queryByText('New messages')).toBeNull();
});

test('newer pages are read when one scrolls down, until there are none', async () => {
  const { client, chat } = talkative(220);
  client.seenTo(chat, 100);
  open(client, '/dm/bob');
  await atLength(100);
  for (let page = 0; page < 3; page += 1) showEnds();
  await waitFor(() => {
    showEnds();
    expect(shown()).toHaveLength(220);
  });
  expect(shown()).toEqual(Array.from({ length: 220 }, (_, index) => `number ${index + 1}`));
  expect(observers.size).toBe(0);
});

test('what comes while one reads further back is counted, and the button leads to it', async () => {
  const { client, chat, said } = talkative(400);
  client.seen('bob');
  const answer = client.said('bob', 'to the first', { replyTo: quoteOf(said[0] as Message) });
  client.seenTo(chat, answer.position);
  open(client, '/dm/bob');
  await atLength(50);
  screen.getByTitle('Show the message that this answers').click();
  await waitFor(() => expect(document.activeElement).toBe(row(said[0]?.id ?? '')));
  await screen.findByRole('button', { name: 'To the newest message' });
  client.said('bob', 'news');
  client.said('bob', 'more news');
  await screen.findByRole('button', { name: '2 new messages' });
  expect(shown()).not.toContain('news');
  await click('2 new messages');
  await waitFor(() => expect(shown().at(-1)).toBe('more news'));
  await waitFor(() => expect(screen.queryByRole('button', { name: /new message|newest/ })).toBeNull());
});

test('what was read while one scrolls is said from time to time, and when one leaves', async () => {
  const { client, chat } = talkative(300);
  client.seenTo(chat, 200);
  open(client, '/dm/bob');
  await screen.findByRole('button', { name: '100 new messages' });
  (await screen.findByRole('link', { name: 'Settings' })).click();
  await waitFor(() => expect(client.calls).toContain('markRead 250'));
});

test('a link leads to a message, however far back it is, and marks it for a moment', async () => {
  const { client, said } = talkative(1000);
  client.seen('bob');
  const sought = said[99] as Message;
  open(client, `/dm/bob?message=${sought.id}`);
  await waitFor(() => expect(row(sought.id)?.classList).toContain('marked'));
  await waitFor(() => expect(document.activeElement).toBe(row(sought.id)));
  expect(shown()).toContain('number 149');
  expect(shown()).not.toContain('number 1000');
});

test('a link to a message that is not here opens the chat, and says so', async () => {
  const { client } = talkative(3);
  open(client, '/dm/bob?message=gone');
  await screen.findByText(/That message is not in this browser/);
  await atLength(3);
});

test('one goes to a date, and comes to the first message of that day', async () => {
  const client = alice();
  const now = Date.now();
  for (let index = 0; index < 400; index += 1) {
    client.said('bob', `day ${index}`, { at: now - (400 - index) * DAY });
  }
  client.seen('bob');
  open(client, '/dm/bob');
  await atLength(50);
  await chooses('Go to a date…');
  const dialog = within(await screen.findByRole('dialog', { name: 'Go to a date' }));
  const field = dialog.getByLabelText('What was said on') as HTMLInputElement;
  const wanted = new Date(now - 300 * DAY);
  wanted.setHours(0, 0, 0, 0);
  const two = (value: number) => String(value).padStart(2, '0');
  field.value = `${wanted.getFullYear()}-${two(wanted.getMonth() + 1)}-${two(wanted.getDate())}`;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  dialog.getByRole('button', { name: 'Show' }).click();
  await waitFor(() => expect(document.activeElement?.textContent).toContain('day 100'));
  expect(client.calls).toContain(`positionAt ${wanted.getTime()}`);
});

test('a message that is taken off does not come back with a page that was asked for before', async () => {
  const { client, said } = talkative(120);
  client.seen('bob');
  open(client, '/dm/bob');
  await atLength(50);
  showEnds();
  // The page is on its way: it still has the message in it.
  client.vanishes(said[60] as Message);
  await waitFor(() => expect(shown().length).toBeGreaterThan(50));
  expect(shown()).not.toContain('number 61');
});

test('what was missed while one reads further back is taken over there', async () => {
  const { client, chat, said } = talkative(300);
  client.seenTo(chat, 100);
  open(client, '/dm/bob');
  await atLength(100);
  client.silently(() => {
    client.edits(said[99] as Message, 'another text');
    client.forgets(said[98] as Message);
  });
  client.resets();
  await waitFor(() => expect(shown()).toContain('another text'));
  expect(shown()).not.toContain('number 99');
  expect(shown()).not.toContain('number 300');
});

test('the messages are a feed, in which each says where it stands', async () => {
  const { client } = talkative(120);
  client.seen('bob');
  open(client, '/dm/bob');
  await atLength(50);
  const feed = within(screen.getByRole('region', { name: 'Messages with bob' })).getByRole('feed');
  const articles = within(feed).getAllByRole('article');
  expect(articles[0]?.getAttribute('aria-posinset')).toBe('1');
  expect(articles[0]?.getAttribute('aria-setsize')).toBe('-1');
  articles[10]?.focus();
  articles[10]?.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageDown', bubbles: true }));
  expect(document.activeElement).toBe(articles[11]);
});

test('a chat is muted for a time, says so, and does not count any more', async () => {
  const client = alice();
  client.said('bob', 'hi');
  client.said('carol', 'hi');
  open(client, '/dm/carol');
  await waitFor(() => expect(document.title).toBe('(1) carol · Sotto'));
  client.said('bob', 'hello?');
  await waitFor(() => expect(document.title).toBe('(2) carol · Sotto'));
  (await chats().findByRole('link', { name: /bob/ })).click();
  await screen.findByRole('heading', { level: 1, name: 'bob' });
  await chooses('Mute…');
  const before = Date.now();
  await click('For 8 hours');
  await waitFor(() => expect(client.calls.some((call) => call.startsWith('muteChat'))).toBe(true));
  const until = Number(client.calls.find((call) => call.startsWith('muteChat'))?.split(' ')[1]);
  expect(until - before).toBeGreaterThanOrEqual(8 * 3_600_000);
  await chats().findByText(/^Muted until/, { selector: '.visually-hidden' });
  await chooses('Unmute');
  await waitFor(() => expect(chats().queryByText(/^Muted/)).toBeNull());
  expect(client.calls).toContain('muteChat undefined');
});

test('what is said in a muted chat is counted in the list alone, until its time is over', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.now() });
  try {
    const client = alice();
    const { chat } = client.said('bob', 'hi');
    client.mutes(chat, Date.now() + 3_600_000);
    open(client, '/');
    const counted = () => expect(document.querySelector('a[href="/dm/bob"]')?.textContent).toMatch(/1 unread/);
    await vi.waitFor(counted, { timeout: 10_000 });
    expect(document.title).toBe('Chats · Sotto');
    await vi.advanceTimersByTimeAsync(3_600_002);
    await vi.waitFor(() => expect(document.title).toBe('(1) Chats · Sotto'), { timeout: 10_000 });
  } finally {
    vi.useRealTimers();
  }
});

test('a chat is put away, found under “Archived”, and comes back with a new message', async () => {
  const client = alice();
  client.said('bob', 'hi');
  client.said('carol', 'hi');
  client.seen('bob').seen('carol');
  open(client, '/dm/bob');
  await screen.findByRole('heading', { level: 1, name: 'bob' });
  await chooses('Archive');
  const archived = await chats().findByRole('list', { name: 'Archived' });
  within(archived).getByRole('link', { name: /bob/ });
  expect(within(chats().getByRole('list', { name: 'Chats' })).queryByRole('link', { name: /bob/ })).toBeNull();
  client.said('bob', 'are you there?');
  await waitFor(() => expect(chats().queryByRole('list', { name: 'Archived' })).toBeNull());
});

test('an archived chat is taken out by hand', async () => {
  const client = alice();
  const { chat } = client.said('bob', 'hi');
  client.archives(chat);
  open(client, '/dm/bob');
  await screen.findByRole('heading', { level: 1, name: 'bob' });
  await chooses('Take out of the archive');
  await waitFor(() => expect(client.calls).toContain('archiveChat false'));
  await waitFor(() => expect(chats().queryByRole('list', { name: 'Archived' })).toBeNull());
});

test('the list says how often one was named, beside what is unread', async () => {
  const client = alice();
  client.said('bob', 'hi');
  client.said('bob', '@alice?', { mentionsOwn: true });
  client.said('bob', '@alice!', { mentionsOwn: true });
  client.said('bob', 'well');
  open(client, '/');
  const link = await screen.findByRole('link', { name: /bob/ });
  await waitFor(() => expect(link.textContent).toMatch(/You were named 2 times.*4 unread/s));
});

test('the icon of the page has the count on it, and is plain when all is read', async () => {
  const icon = Object.assign(document.createElement('link'), { rel: 'icon', href: '/icon.svg' });
  document.head.append(icon);
  try {
    screenOf.wide = true;
    const client = alice();
    const { chat } = client.said('bob', 'hi');
    open(client, '/');
    await waitFor(() => expect(icon.href).toMatch(/^blob:/));
    client.seenTo(chat, 1);
    client.mutes(chat, undefined);
    await waitFor(() => expect(icon.href).toMatch(/icon\.svg$/));
  } finally {
    icon.remove();
  }
});
