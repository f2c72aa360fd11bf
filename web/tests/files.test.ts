import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { FileInfo, Message } from '@sotto/client';
import { open, press } from './app';
import { FakeClient, problem } from './fake-client';
import { addresses, observers } from './setup';

function alice(): FakeClient {
  return new FakeClient().loggedInAs('alice').knows('bob').knows('carol');
}

const row = (message: Message) =>
  waitFor(() => {
    const found = document.querySelector<HTMLElement>(`[data-message="${message.id}"]`);
    if (!found) throw new Error('it is not shown');
    return found;
  });
const inRow = async (message: Message) => within(await row(message));
/** Everything comes into view. */
const seen = () => [...observers].forEach((show) => show());

const content = new Blob(['0123456789']);
const picture: Partial<FileInfo> = { name: 'lake.jpg', mediaType: 'image/jpeg', width: 800, height: 600 };

/** Chooses a file in a file field. */
function choose(field: Element | null, files: File[]): void {
  if (!(field instanceof HTMLInputElement)) throw new TypeError('no file field');
  Object.defineProperty(field, 'files', { value: files, configurable: true });
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

/** A message of alice's whose file is being uploaded. */
function uploading(client: FakeClient): Message {
  const message = client.filed('bob', { name: 'all.zip', size: 2000 }, content, { own: true, state: 'queued' });
  client.moves(message, { state: 'active', done: 500 });
  return message;
}

test('a file on its way says nothing of the store, and a store that fails says so', async () => {
  const client = alice();
  const message = uploading(client);
  open(client, '/dm/bob');
  await row(message);
  client.moves(message, { done: 1000 });
  await screen.findByRole('progressbar');
  expect(screen.queryByText(/Nothing more can be stored/)).toBeNull();
  client.storeFails();
  await screen.findAllByText(/Nothing more can be stored/);
});

test('a file is a card with its name, kind and size, and what is said about it', async () => {
  const client = alice();
  const file = { name: 'plan.pdf', mediaType: 'application/pdf', size: 1_200_000 };
  const message = client.filed('bob', file, content, { caption: 'the *new* one' });
  open(client, '/dm/bob');
  const shown = await inRow(message);
  await shown.findByText('plan.pdf');
  await shown.findByText('PDF · 1.2 MB');
  expect((await shown.findByText('new')).tagName).toBe('STRONG');
});

test('nothing that could run is drawn, whatever its sender calls it', async () => {
  const client = alice();
  const thumbnail = new TextEncoder().encode('<svg onload="alert(1)">');
  const svg = client.filed('bob', { name: 'a.svg', mediaType: 'image/svg+xml', thumbnail }, content);
  const page = client.filed('bob', { name: 'a.html', mediaType: 'text/html' }, content);
  const forged = client.filed('bob', { ...picture, thumbnail }, content);
  open(client, '/dm/bob');
  for (const message of [svg, page]) {
    await (await inRow(message)).findByRole('button', { name: /^Save a\./ });
    expect((await row(message)).querySelector('img, video, audio, iframe')).toBeNull();
  }
  // A thumbnail that is no picture is not shown either.
  expect((await row(forged)).querySelector('img')).toBeNull();
});

test('a picture keeps its place, is read when it comes into view, and is let go when it is deleted', async () => {
  const client = alice();
  const message = client.filed('bob', picture, content, { caption: 'The lake' });
  open(client, '/dm/bob');
  const button = await (await inRow(message)).findByRole('button', { name: 'Show Picture: The lake' });
  expect(button.style.aspectRatio).toBe('340 / 255');
  expect(client.calls).not.toContain(`readFile ${message.id}`);
  seen();
  await waitFor(() => expect(button.querySelector('img')?.getAttribute('src')).toBe('blob:10-bytes'));
  client.deletes('bob', message);
  await waitFor(() => expect(addresses.has('blob:10-bytes')).toBe(false));
});

test('a picture that could not be loaded says why, and is loaded again when it is pressed', async () => {
  const client = alice();
  const message = client.filed('bob', picture, content);
  client.failures.set('readFile', problem('file-damaged'));
  open(client, '/dm/bob');
  await row(message);
  seen();
  const shown = await inRow(message);
  await shown.findByText(/was altered, so it is not opened/);
  (await shown.findByRole('button', { name: 'Load again: Picture, lake.jpg' })).click();
  await waitFor(async () => expect((await row(message)).querySelector('img')).not.toBeNull());
  expect(shown.queryByText(/was altered/)).toBeNull();
});

test('a download shows how far it is, and can be stopped without being called a failure', async () => {
  const client = alice();
  client.holdsDownloads = true;
  const message = client.filed('bob', { ...picture, size: 4_000_000 }, content);
  open(client, '/dm/bob');
  await row(message);
  seen();
  const shown = await inRow(message);
  await shown.findByText('Loading · 0 % of 4 MB');
  client.moves(message, { direction: 'down', state: 'active', done: 1_000_000 });
  await shown.findByText('Loading · 25 % of 4 MB');
  expect((await shown.findByRole('progressbar', { name: 'Loading lake.jpg' })).getAttribute('value')).toBe('25');
  (await shown.findByRole('button', { name: 'Stop loading lake.jpg' })).click();
  await waitFor(() => expect(client.calls).toContain(`cancelTransfer ${message.id}`));
  await shown.findByRole('button', { name: 'Load again: Picture, lake.jpg' });
  expect(shown.queryByRole('alert')).toBeNull();
});

test('a picture stays as it is shown when something else is told of its message', async () => {
  const client = alice();
  const thumbnail = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
  const message = client.filed('bob', { ...picture, thumbnail }, content);
  open(client, '/dm/bob');
  await row(message);
  seen();
  const images = async () => [...(await row(message)).querySelectorAll('img')];
  await waitFor(async () => expect(await images()).toHaveLength(2));
  const before = await images();
  const changed: string[] = [];
  const watching = new MutationObserver((all) => changed.push(...all.map(({ type }) => type)));
  for (const image of before) watching.observe(image, { attributes: true, attributeFilter: ['src'] });
  client.change({
    ...message,
    body: { kind: 'file', file: { ...picture, size: 10, thumbnail: thumbnail.slice() } as FileInfo, caption: '' },
  });
  client.reacts('bob', message, '🎉');
  await (await inRow(message)).findByText('🎉');
  expect(await images()).toEqual(before);
  expect(changed).toEqual([]);
});

test('a download that failed on the way says why until it is begun anew', async () => {
  const client = alice();
  client.holdsDownloads = true;
  const message = client.filed('bob', picture, content);
  open(client, '/dm/bob');
  await row(message);
  seen();
  const shown = await inRow(message);
  await shown.findByText(/Loading · 0 %/);
  client.downloads(message, problem('unreachable'));
  client.moves(message, { direction: 'down', state: 'failed', problem: 'unreachable' });
  await shown.findByText(/server cannot be reached/);
  (await shown.findByRole('button', { name: 'Load again: Picture, lake.jpg' })).click();
  await shown.findByText(/Loading · 0 %/);
  client.downloads(message);
  await waitFor(async () => expect((await row(message)).querySelector('img')).not.toBeNull());
  expect(shown.queryByText(/server cannot be reached/)).toBeNull();
});

test('an upload shows how far it is, and that it waits for the connection', async () => {
  const client = alice();
  const message = uploading(client);
  open(client, '/dm/bob');
  const shown = await inRow(message);
  await shown.findByText('Sending · 25 % of 2 KB');
  client.moves(message, { state: 'waiting' });
  await shown.findByText('Waiting for the connection');
  client.uploads(message);
  await waitFor(() => expect(shown.queryByRole('progressbar')).toBeNull());
  await shown.findByRole('button', { name: 'Save all.zip' });
});

test('an upload that is cancelled takes its message back', async () => {
  const client = alice();
  const message = uploading(client);
  open(client, '/dm/bob');
  (await (await inRow(message)).findByRole('button', { name: 'Do not send all.zip' })).click();
  await waitFor(() => expect(document.querySelector(`[data-message="${message.id}"]`)).toBeNull());
  expect(client.calls).toContain(`cancelTransfer ${message.id}`);
});

test('an upload whose file is not at hand goes on when it is chosen again, and not with another one', async () => {
  const client = alice();
  const message = uploading(client);
  client.moves(message, { state: 'needs-file' });
  open(client, '/dm/bob');
  const shown = await inRow(message);
  const field = await shown.findByLabelText('Choose the file again…');
  choose(field, [new File(['another'], 'other.zip')]);
  await shown.findByText(/That is another file/);
  choose(field, [new File([new Uint8Array(2000)], 'all.zip')]);
  await shown.findByText('Sending · 25 % of 2 KB');
  expect(shown.queryByText(/That is another file/)).toBeNull();
});

test('an upload that another tab began goes on from the tab that has its file, without a question', async () => {
  const client = alice();
  client.uploadsAtOnce = false;
  client.said('bob', 'hi');
  open(client, '/dm/bob');
  await screen.findByRole('button', { name: 'Send files' });
  choose(document.querySelector('[data-attach]'), [new File(['0123456789'], 'a.txt', { type: 'text/plain' })]);
  const send = await within(await screen.findByRole('dialog')).findByRole<HTMLButtonElement>('button', {
    name: 'Send',
  });
  await waitFor(() => expect(send.disabled).toBe(false));
  send.click();
  await screen.findByText(/Sending · 0 %/);
  const [chat] = await client.chats();
  const message = chat?.last;
  if (!message) throw new Error('nothing was sent');
  client.moves(message, { state: 'needs-file' });
  await waitFor(() => expect(client.calls).toContain(`resumeFile ${message.id} 10`));
  await screen.findByText(/Sending · 0 %/);
});

test('a picture that was sent from here is not fetched from the server to be shown', async () => {
  const client = alice();
  client.uploadsAtOnce = false;
  const message = client.said('bob', 'hi');
  open(client, '/dm/bob');
  await row(message);
  choose(document.querySelector('[data-attach]'), [new File(['0123456789'], 'a.txt', { type: 'text/plain' })]);
  const send = await within(await screen.findByRole('dialog')).findByRole<HTMLButtonElement>('button', {
    name: 'Send',
  });
  await waitFor(() => expect(send.disabled).toBe(false));
  // As if it were a picture: jsdom has no way to look at one.
  const sendFile = client.sendFile.bind(client);
  client.sendFile = (chat, file, options) =>
    sendFile(chat, { ...file, ...picture, name: 'lake.jpg', mediaType: 'image/jpeg' }, options);
  send.click();
  const button = await screen.findByRole('button', { name: 'Show Picture, lake.jpg' });
  seen();
  await waitFor(() => expect(button.querySelector('img')).not.toBeNull());
  const sent = (await client.chats())[0]?.last;
  if (!sent) throw new Error('nothing was sent');
  client.moves(sent, { done: 5 });
  client.uploads(sent);
  await waitFor(() => expect(screen.queryByText(/Sending/)).toBeNull());
  expect(button.querySelector('img')).not.toBeNull();
  expect(client.calls.filter((call) => call.startsWith('readFile'))).toEqual([]);
});

test('an upload that failed says why, and is tried again', async () => {
  const client = alice();
  const message = uploading(client);
  client.moves(message, { state: 'failed', problem: 'quota-exceeded' });
  open(client, '/dm/bob');
  const shown = await inRow(message);
  await shown.findByText(/keeps no more files for your account/);
  choose(await shown.findByLabelText('Choose the file again…'), [new File([new Uint8Array(2000)], 'all.zip')]);
  await shown.findByText(/Sending/);
});

test('how far an upload is that was under way before is asked for', async () => {
  const client = alice();
  const message = uploading(client);
  open(client, '/dm/bob');
  await row(message);
  client.resets();
  await waitFor(() =>
    expect(client.calls.filter((call) => call === `transfer ${message.id}`).length).toBeGreaterThan(1),
  );
  await (await inRow(message)).findByText('Sending · 25 % of 2 KB');
});

test('a file is saved, forwarded and answered, what is said about it copied, and it is not edited', async () => {
  const client = alice();
  client.said('carol', 'hi');
  const message = client.filed('bob', { name: 'plan.pdf' }, content, { own: true, caption: 'the new one' });
  open(client, '/dm/bob');
  (await (await inRow(message)).findByRole('button', { name: 'More about this message' })).click();
  const menu = within(await screen.findByRole('menu'));
  for (const item of ['Reply', 'Copy what is said about it', 'Save the file', 'Forward…', 'Pin'])
    menu.getByRole('menuitem', { name: item });
  expect(menu.queryByRole('menuitem', { name: 'Edit' })).toBeNull();
  menu.getByRole('menuitem', { name: 'Forward…' }).click();
  (await within(await screen.findByRole('dialog')).findByRole('button', { name: /carol/ })).click();
  await waitFor(() => expect(client.calls.some((call) => call.startsWith(`forward ${message.id}`))).toBe(true));
});

test('a file that is too large for this window is not tried to be saved, and that is said', async () => {
  const client = alice();
  const message = client.filed('bob', { name: 'film.iso', size: 5_000_000_000 }, content);
  open(client, '/dm/bob');
  const shown = await inRow(message);
  (await shown.findByRole('button', { name: 'Save film.iso' })).click();
  await shown.findByText(/too large to be saved from this window/);
  expect(client.calls).not.toContain(`readFile ${message.id}`);
});

test('the list of chats says in words what was sent', async () => {
  const client = alice();
  client.filed('bob', picture, content, { caption: 'The *lake*' });
  client.filed('carol', { name: 'v.m4a', mediaType: 'audio/mp4', isVoice: true, duration: 7000 }, content);
  open(client, '/');
  await screen.findByText('Picture · The lake');
  await screen.findByText('Voice message (0:07)');
});

test('a picture opens over the window; keys lead to the next one, and it closes when it is deleted', async () => {
  const client = alice();
  const first = client.filed('bob', picture, content, { caption: 'first' });
  client.said('bob', 'and');
  const second = client.filed('bob', picture, content, { caption: 'second' });
  client.filed('bob', { name: 'a.pdf' }, content);
  open(client, '/dm/bob');
  (await (await inRow(first)).findByRole('button', { name: 'Show Picture: first' })).click();
  const dialog = await screen.findByRole('dialog');
  await within(dialog).findByText('Picture: first, 1 of 2');
  press(dialog, 'ArrowLeft');
  await within(dialog).findByText('Picture: first, 1 of 2');
  press(dialog, 'ArrowRight');
  await within(dialog).findByText('Picture: second, 2 of 2');
  expect(within(dialog).queryByRole('button', { name: 'The next one' })).toBeNull();
  press(dialog, '+');
  await within(dialog).findByRole('button', { name: 'As large as the window' });
  client.deletes('bob', second);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('the pictures and videos of a chat are shown together, also those far back', async () => {
  const client = alice();
  const old = client.filed('bob', picture, content, { caption: 'long ago', at: Date.UTC(2020, 4, 1) });
  for (let index = 0; index < 300; index += 1) client.said('bob', `number ${index}`, { at: Date.UTC(2020, 5, 1) });
  client.filed('bob', { name: 'film.mp4', mediaType: 'video/mp4', duration: 65_000 }, content);
  open(client, '/dm/bob');
  (await screen.findByRole('button', { name: 'Pictures and videos' })).click();
  const dialog = within(await screen.findByRole('dialog', { name: 'Pictures and videos' }));
  await dialog.findByRole('button', { name: 'Show Video, film.mp4 1:05' });
  (await dialog.findByRole('button', { name: 'Show Picture: long ago' })).click();
  await screen.findByText('Picture: long ago, 1 of 2');
  client.vanishes(old);
  await waitFor(() => expect(dialog.queryByRole('button', { name: 'Show Picture: long ago' })).toBeNull());
});

test('who has blocked somebody is not shown their pictures', async () => {
  const client = alice();
  client.filed('bob', picture, content, { fromBlocked: true });
  open(client, '/dm/bob');
  (await screen.findByRole('button', { name: 'Pictures and videos' })).click();
  await screen.findByText(/no pictures or videos in this chat/);
  // They are when one asks for them.
  (await screen.findByRole('button', { name: 'Show' })).click();
  (await screen.findByRole('button', { name: 'Show Picture, lake.jpg' })).click();
  await screen.findByText('Picture, lake.jpg, 1 of 1');
});
