import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import type { Message } from '@sotto/client';
import { open, press, type } from './app';
import { FakeClient, problem } from './fake-client';
import { quoteOf } from './fake-messages';
import { observers } from './setup';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
}

/** Alice, in a group with bob and carol. */
function inGroup(role: 'owner' | 'member' = 'member'): FakeClient {
  return alice().hasGroup('rowing', {
    title: 'Rowing',
    roles: { alice: role, bob: role === 'owner' ? 'member' : 'owner', carol: 'member' },
  });
}

const composer = async () => {
  const field = await screen.findByRole('textbox', { name: /^Message to/ });
  if (!(field instanceof HTMLTextAreaElement)) throw new TypeError('not the message field');
  return field;
};
const shown = () => screen.queryAllByText(/./, { selector: '.text' }).map((element) => element.textContent);
const click = async (name: string | RegExp) => (await screen.findByRole('button', { name })).click();
const row = (message: Message) =>
  waitFor(() => {
    const found = document.querySelector<HTMLElement>(`[data-message="${message.id}"]`);
    if (!found) throw new Error('it is not shown');
    return found;
  });
const moreOf = async (message: Message) =>
  within(await row(message)).findByRole('button', { name: 'More about this message' });
const menu = () => screen.findByRole('menu', { name: 'What to do with this message' });

async function menuOf(message: Message): Promise<ReturnType<typeof within>> {
  (await moreOf(message)).click();
  return within(await menu());
}

async function chooses(message: Message, item: string | RegExp): Promise<void> {
  (await (await menuOf(message)).findByRole('menuitem', { name: item })).click();
}

async function write(text: string): Promise<void> {
  const field = await composer();
  type(field, text);
  press(field, 'Enter');
}

const latest = async (client: FakeClient) => {
  const [chat] = await client.chats();
  const last = chat?.last;
  if (!last) throw new Error('nothing was said');
  return last;
};

test('a message is answered, and the answer leads back to it', async () => {
  const client = alice();
  const asked = client.said('bob', 'are you *coming*?');
  open(client, '/dm/bob');
  await chooses(asked, 'Reply');
  await screen.findByText('Answer to bob');
  await waitFor(async () => expect(document.activeElement).toBe(await composer()));
  await write('yes');
  await waitFor(() => expect(shown()).toEqual(['are you coming?', 'yes']));
  expect(screen.queryByText('Answer to bob')).toBeNull();
  const answer = await latest(client);
  expect(answer.replyTo).toEqual({ message: asked.id, from: asked.from, text: 'are you *coming*?' });
  const quote = within(await row(answer)).getByTitle('Show the message that this answers');
  expect(quote.textContent).toMatch(/In answer to bob\s*are you coming\?/);
  quote.click();
  await waitFor(async () => expect(document.activeElement).toBe(await row(asked)));
});

test('what is answered is what was said, whatever the answerer says that it was', async () => {
  const client = alice();
  const said = client.said('bob', 'no');
  const forged = { message: said.id, from: client.accountOf('alice'), text: 'I owe you money' };
  const answer = client.said('bob', 'thanks', { replyTo: forged });
  open(client, '/dm/bob');
  const quote = within(await row(answer)).getByTitle('Show the message that this answers');
  expect(quote.textContent).toMatch(/In answer to bob\s*no/);
});

test('an answer to something far back loads it, and one to something that is not here says so', async () => {
  const client = alice();
  const first = client.said('bob', 'the first');
  for (let index = 1; index <= 300; index += 1) client.said('bob', `number ${index}`);
  const answer = client.said('bob', 'to the first', { replyTo: quoteOf(first) });
  const gone = client.said('bob', 'to nothing', { replyTo: { ...quoteOf(first), message: 'gone' } });
  client.seen('bob');
  open(client, '/dm/bob');
  within(await row(gone))
    .getByTitle('Show the message that this answers')
    .click();
  expect((await screen.findByText(/That message is not in this browser/)).getAttribute('role')).toBe('alert');
  within(await row(answer))
    .getByTitle('Show the message that this answers')
    .click();
  await waitFor(async () => expect(document.activeElement).toBe(await row(first)));
});

test('Escape, and the button beside it, end an answer, and the text stays', async () => {
  const client = alice();
  const asked = client.said('bob', 'hi');
  open(client, '/dm/bob');
  type(await composer(), 'so far');
  await chooses(asked, 'Reply');
  press(await composer(), 'Escape');
  await waitFor(() => expect(screen.queryByText('Answer to bob')).toBeNull());
  await chooses(asked, 'Reply');
  await click('Do not answer this message');
  await waitFor(() => expect(screen.queryByText('Answer to bob')).toBeNull());
  expect((await composer()).value).toBe('so far');
});

test('an answer that could not be taken is still an answer', async () => {
  const client = alice();
  const asked = client.said('bob', 'hi');
  open(client, '/dm/bob');
  await chooses(asked, 'Reply');
  client.failures.set('send', problem('rate-limited'));
  await write('hello');
  await screen.findByText(/a little fast/);
  expect((await composer()).value).toBe('hello');
  press(await composer(), 'Enter');
  await waitFor(async () => expect((await latest(client)).replyTo?.message).toBe(asked.id));
});

test('what one has said is edited, with a mark that leads to what it said before, and the draft waits', async () => {
  const client = alice();
  const said = client.said('bob', 'helo', { own: true });
  open(client, '/dm/bob');
  type(await composer(), 'a draft');
  await chooses(said, 'Edit');
  await waitFor(async () => expect((await composer()).value).toBe('helo'));
  await write('hello');
  await waitFor(() => expect(shown()).toEqual(['hello']));
  expect(client.calls).toContain(`edit ${said.id} hello`);
  expect((await composer()).value).toBe('a draft');
  within(await row(said))
    .getByRole('button', { name: 'edited' })
    .click();
  const dialog = within(await screen.findByRole('dialog', { name: 'What it said' }));
  expect(dialog.getAllByRole('listitem').map((item) => item.querySelector('.text')?.textContent)).toEqual([
    'hello',
    'helo',
  ]);
});

test('the arrow up edits what one has said last, in an empty field only', async () => {
  const client = alice();
  client.said('bob', 'mine', { own: true });
  client.said('bob', 'theirs');
  open(client, '/dm/bob');
  await waitFor(() => expect(shown()).toHaveLength(2));
  const field = await composer();
  type(field, 'x');
  expect(press(field, 'ArrowUp')).toBe(true);
  type(field, '');
  expect(press(field, 'ArrowUp')).toBe(false);
  await waitFor(() => expect(field.value).toBe('mine'));
  press(field, 'Escape');
  await waitFor(() => expect(field.value).toBe(''));
});

test('an edit that changes nothing is not sent', async () => {
  const client = alice();
  client.said('bob', 'mine', { own: true });
  open(client, '/dm/bob');
  await waitFor(() => expect(shown()).toEqual(['mine']));
  const field = await composer();
  press(field, 'ArrowUp');
  await waitFor(() => expect(field.value).toBe('mine'));
  press(field, 'Enter');
  await waitFor(() => expect(field.value).toBe(''));
  expect(client.calls.some((call) => call.startsWith('edit'))).toBe(false);
});

test('deleting for everybody is asked about first, and leaves a word of who did', async () => {
  const client = alice();
  const said = client.said('bob', 'regretted', { own: true });
  open(client, '/dm/bob');
  await chooses(said, 'Delete for everybody…');
  expect(client.calls.some((call) => call.startsWith('deleteMessage'))).toBe(false);
  await click('Delete for everybody');
  await screen.findByText('You deleted this message', { selector: '.deleted' });
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(shown()).toEqual([]);
});

test('what another deleted is shown as deleted by them', async () => {
  const client = alice();
  const said = client.said('bob', 'regretted');
  open(client, '/dm/bob');
  await waitFor(() => expect(shown()).toEqual(['regretted']));
  client.deletes('bob', said);
  await screen.findByText('bob deleted this message', { selector: '.deleted' });
});

test('deleting on this device takes the message off the screen', async () => {
  const client = alice();
  const said = client.said('bob', 'not for me');
  client.said('bob', 'hi');
  open(client, '/dm/bob');
  await chooses(said, 'Delete on this device…');
  await click('Delete on this device');
  await waitFor(() => expect(shown()).toEqual(['hi']));
  expect(client.calls).toContain(`deleteMessageHere ${said.id}`);
});

test('a deletion that cannot be says why, and one of what is gone already is done', async () => {
  const client = alice();
  const said = client.said('bob', 'regretted', { own: true });
  open(client, '/dm/bob');
  await chooses(said, 'Delete for everybody…');
  client.failures.set('deleteMessage', problem('not-sent-yet'));
  await click('Delete for everybody');
  await screen.findByText(/is not sent yet/);
  client.failures.set('deleteMessage', problem('message-not-found'));
  await click('Delete for everybody');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('a reaction is set from the menu, and taken back where it stands', async () => {
  const client = alice();
  const said = client.said('bob', 'we won');
  open(client, '/dm/bob');
  (await (await menuOf(said)).findByRole('menuitemcheckbox', { name: '🎉' })).click();
  const own = await screen.findByRole('button', { name: '🎉 1: you' });
  expect(own.getAttribute('aria-pressed')).toBe('true');
  client.reacts('bob', said, '🎉');
  const both = await screen.findByRole('button', { name: '🎉 2: you and bob' });
  expect(both.title).toBe('you and bob');
  both.click();
  const theirs = await screen.findByRole('button', { name: '🎉 1: bob' });
  expect(theirs.getAttribute('aria-pressed')).toBe('false');
  expect(client.calls).toContain(`react ${said.id} 🎉 false`);
});

test('any other emoji can be said, and nothing that is none', async () => {
  const client = alice();
  const said = client.said('bob', 'we won');
  open(client, '/dm/bob');
  await chooses(said, 'Another reaction…');
  const field = await screen.findByLabelText('One emoji, from your keyboard');
  type(field, 'meh');
  await click('React');
  await screen.findByText('Please enter one emoji.');
  type(field, '🦆');
  await click('React');
  await screen.findByRole('button', { name: '🦆 1: you' });
});

test('the menu is walked through with the arrow keys, and Escape gives the focus back', async () => {
  const client = alice();
  const said = client.said('bob', 'hi');
  open(client, '/dm/bob');
  const more = await moreOf(said);
  more.click();
  const opened = await menu();
  const items = [...opened.querySelectorAll<HTMLElement>('[role^=menuitem]')];
  expect(more.getAttribute('aria-expanded')).toBe('true');
  expect(document.activeElement).toBe(items[0]);
  press(items[0] ?? opened, 'ArrowDown');
  expect(document.activeElement).toBe(items[1]);
  press(items[1] ?? opened, 'End');
  expect(document.activeElement).toBe(items.at(-1));
  press(items.at(-1) ?? opened, 'ArrowDown');
  expect(document.activeElement).toBe(items[0]);
  press(items[0] ?? opened, 'Escape');
  await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
  expect(document.activeElement).toBe(more);
});

test('one Tab stop leads to the menus, and the arrow keys from one to the next', async () => {
  const client = alice();
  const first = client.said('bob', 'one');
  const second = client.said('bob', 'two');
  open(client, '/dm/bob');
  const [one, two] = [await moreOf(first), await moreOf(second)];
  expect([one.tabIndex, two.tabIndex]).toEqual([-1, 0]);
  two.focus();
  press(two, 'ArrowUp');
  expect(document.activeElement).toBe(one);
  await waitFor(() => expect([one.tabIndex, two.tabIndex]).toEqual([0, -1]));
});

test('a long touch opens the menu, and a short one does not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const client = alice();
    const said = client.said('bob', 'hi');
    open(client, '/dm/bob');
    await vi.waitFor(() => expect(shown()).toEqual(['hi']));
    const bubble = document.querySelector(`[data-message="${said.id}"] .bubble`);
    const touch = (type: string) =>
      bubble?.dispatchEvent(
        Object.assign(new MouseEvent(type, { bubbles: true }), { pointerType: 'touch', isPrimary: true }),
      );
    touch('pointerdown');
    touch('pointerup');
    vi.advanceTimersByTime(1000);
    expect(screen.queryByRole('menu')).toBeNull();
    touch('pointerdown');
    vi.advanceTimersByTime(1000);
    await vi.waitFor(() => expect(screen.queryByRole('menu')).not.toBeNull());
  } finally {
    vi.useRealTimers();
  }
});

test('what is copied is the text as it was written', async () => {
  const written: string[] = [];
  vi.stubGlobal('navigator', { clipboard: { writeText: async (text: string) => void written.push(text) } });
  try {
    const client = alice();
    const said = client.said('bob', '*so* it is');
    open(client, '/dm/bob');
    await chooses(said, 'Copy');
    await waitFor(() => expect(written).toEqual(['*so* it is']));
  } finally {
    vi.unstubAllGlobals();
  }
});

test('a message is forwarded to a chat that is chosen, and marked there', async () => {
  const client = alice();
  const said = client.said('bob', 'read this');
  client.said('carol', 'hi');
  open(client, '/dm/bob');
  await chooses(said, 'Forward…');
  const dialog = within(await screen.findByRole('dialog', { name: 'Forward to' }));
  client.failures.set('forward', problem('unreachable'));
  (await dialog.findByRole('button', { name: /carol/ })).click();
  await dialog.findByRole('alert');
  (await dialog.findByRole('button', { name: /carol/ })).click();
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  (await screen.findByRole('link', { name: /carol/ })).click();
  await screen.findByText('Forwarded', { selector: '.forwarded' });
});

test('the latest pinned message stands above the chat, and the others behind it', async () => {
  const client = alice();
  const first = client.said('bob', 'the address');
  const second = client.said('bob', 'the *code*', { own: true });
  client.said('bob', 'hi');
  open(client, '/dm/bob');
  await chooses(first, 'Pin');
  const bar = within(await screen.findByRole('complementary', { name: 'Pinned messages' }));
  await bar.findByText('the address');
  client.pins(second);
  await bar.findByText('the code');
  (await bar.findByRole('button', { name: 'All 2 pinned' })).click();
  const dialog = within(await screen.findByRole('dialog', { name: 'Pinned messages' }));
  expect(dialog.getAllByTitle('Show this message').map((item) => item.textContent)).toEqual([
    expect.stringMatching(/You\s*the code/),
    expect.stringMatching(/bob\s*the address/),
  ]);
  dialog.getAllByTitle('Show this message')[1]?.click();
  await waitFor(async () => expect(document.activeElement).toBe(await row(first)));
  await chooses(first, 'Unpin');
  client.pins(second, false);
  await waitFor(() => expect(screen.queryByRole('complementary', { name: 'Pinned messages' })).toBeNull());
});

test('in a group members see what is pinned, and those who hold an office decide about it', async () => {
  const client = inGroup();
  const said = client.saidIn('rowing', 'bob', 'Sunday at 7');
  client.pins(said);
  open(client, '/group/rowing');
  await screen.findByRole('complementary', { name: 'Pinned messages' });
  expect((await menuOf(said)).queryByRole('menuitem', { name: 'Unpin' })).toBeNull();
});

test('the owner of a group deletes what others have said', async () => {
  const client = inGroup('owner');
  const said = client.saidIn('rowing', 'bob', 'nonsense');
  open(client, '/group/rowing');
  await waitFor(async () => {
    const items = await menuOf(said);
    expect(items.queryByRole('menuitem', { name: 'Delete for everybody…' })).not.toBeNull();
  });
  screen.getByRole('menuitem', { name: 'Delete for everybody…' }).click();
  await click('Delete for everybody');
  await screen.findByText('You deleted this message', { selector: '.deleted' });
});

test('an @ offers the members, and the chosen one is named', async () => {
  const client = inGroup();
  client.saidIn('rowing', 'bob', 'hi');
  open(client, '/group/rowing');
  const field = await composer();
  type(field, 'ask @');
  const list = await screen.findByRole('listbox', { name: 'Members to name' });
  const names = within(list)
    .getAllByRole('option')
    .map((option) => option.querySelector('bdi')?.textContent);
  expect(names).toEqual(['bob', 'carol']);
  press(field, 'ArrowDown');
  await waitFor(() =>
    expect(field.getAttribute('aria-activedescendant')).toBe(within(list).getAllByRole('option')[1]?.id),
  );
  expect(press(field, 'Enter')).toBe(false);
  await waitFor(() => expect(field.value).toBe('ask @carol '));
  expect(screen.queryByRole('listbox')).toBeNull();
  press(field, 'Enter');
  await waitFor(() => expect(client.calls).toContain('send ask @carol '));
  const sent = await latest(client);
  expect(client.mentionsOf(sent.id)).toEqual([{ start: 4, end: 10, account: 'account-of-carol' }]);
  await screen.findByText('@carol', { selector: '.mention' });
});

test('Escape closes the list of members, and the text stays as it is', async () => {
  const client = inGroup();
  client.saidIn('rowing', 'bob', 'hi');
  open(client, '/group/rowing');
  const field = await composer();
  type(field, '@b');
  await screen.findByRole('listbox');
  press(field, 'Escape');
  await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());
  expect(field.value).toBe('@b');
});

test('between two people an @ is a character', async () => {
  const client = alice();
  client.said('bob', 'hi');
  open(client, '/dm/bob');
  const field = await composer();
  type(field, '@bob');
  press(field, 'Enter');
  await waitFor(() => expect(shown()).toEqual(['hi', '@bob']));
  expect(client.calls.some((call) => call.startsWith('groupMembers'))).toBe(false);
});

test('who was named sees it in the message, and in the list until it is read', async () => {
  const client = inGroup();
  const mentions = [{ start: 0, end: 6, account: 'account-of-alice' }];
  const body = { kind: 'text', text: '@alice come', mentions } as const;
  client.saidIn('rowing', 'bob', '', { body: { ...body, mentions }, mentionsOwn: true });
  open(client, '/');
  await screen.findByTitle('You were named');
  (await screen.findByRole('link', { name: /Rowing/ })).click();
  const mention = await screen.findByText('@alice', { selector: '.mention' });
  expect(mention.classList.contains('own')).toBe(true);
  await waitFor(() => expect(screen.queryByTitle('You were named')).toBeNull());
});

test('what changes further back than what is shown does not appear out of place, and is not announced', async () => {
  const client = alice();
  const old = client.said('bob', 'long ago');
  for (let index = 1; index <= 60; index += 1) client.said('bob', `number ${index}`);
  client.seen('bob');
  open(client, '/dm/bob');
  await waitFor(() => expect(shown()).toHaveLength(50));
  client.reacts('bob', old, '👍');
  client.said('bob', 'new');
  await waitFor(() => expect(shown().at(-1)).toBe('new'));
  expect(shown()).not.toContain('long ago');
  expect(screen.queryByText('bob: long ago')).toBeNull();
});

test('what was edited, deleted or taken off while this page heard nothing is shown as it is', async () => {
  const client = alice();
  const [first, second, third] = [client.said('bob', 'one'), client.said('bob', 'two'), client.said('bob', 'three')];
  for (let index = 1; index <= 60; index += 1) client.said('bob', `number ${index}`);
  open(client, '/dm/bob');
  await waitFor(() => expect(shown()).toHaveLength(50));
  for (const show of [...observers]) show();
  await waitFor(() => expect(shown().slice(0, 3)).toEqual(['one', 'two', 'three']));
  client.silently(() => {
    client.edits(first, 'uno');
    client.deletes('bob', second);
    client.forgets(third);
  });
  client.resets();
  await waitFor(() => expect(shown().slice(0, 2)).toEqual(['uno', 'number 1']));
  await screen.findByText('bob deleted this message', { selector: '.deleted' });
});

test('a text with emphasis, code and quotes is drawn as such, and markup in it stays text', async () => {
  const client = alice();
  client.said('bob', '> *<b>no</b>*\n`<i>`');
  open(client, '/dm/bob');
  await waitFor(() => expect(document.querySelector('blockquote strong')?.textContent).toBe('<b>no</b>'));
  expect(screen.getByText('<i>', { selector: 'code' })).toBeTruthy();
  expect(document.querySelector('.text b, .text i')).toBeNull();
});
