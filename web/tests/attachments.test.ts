import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import type { NewFile } from '@sotto/client';
import { pastedFiles } from '../src/files/drop';
import type { Prepared } from '../src/files/prepare';
import { Attachments } from '../src/state/attachments.svelte';
import { Recording, refusal } from '../src/state/recording.svelte';
import { open, press, type } from './app';
import { FakeClient, problem } from './fake-client';

function alice(): FakeClient {
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  client.said('bob', 'hi');
  return client;
}

const textFile = (name: string, text = 'content') => new File([text], name, { type: 'text/plain' });

async function choose(...files: File[]): Promise<void> {
  await screen.findByRole('button', { name: 'Send files' });
  const field = document.querySelector('[data-attach]');
  if (!(field instanceof HTMLInputElement)) throw new TypeError('no file field');
  Object.defineProperty(field, 'files', { value: files, configurable: true });
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

const sheet = async () => within(await screen.findByRole('dialog', { name: /^Send/ }));
const ready = async (name: string) => {
  const button = await (await sheet()).findByRole<HTMLButtonElement>('button', { name });
  await waitFor(() => expect(button.disabled).toBe(false));
  return button;
};
const sentOf = (client: FakeClient) => client.calls.filter((call) => call.startsWith('sendFile'));
const lastOf = async (client: FakeClient) => (await client.chats())[0]?.last;

test('several files are several messages, each with what is said about it', async () => {
  const client = alice();
  open(client, '/dm/bob');
  await choose(textFile('one.txt'), textFile('two.txt'), textFile('three.txt'));
  const list = await sheet();
  type(await list.findByLabelText('Say something about two.txt'), ' the second ');
  (await list.findByRole('button', { name: 'Do not send one.txt' })).click();
  (await ready('Send 2 files')).click();
  await waitFor(() =>
    expect(sentOf(client)).toEqual(['sendFile two.txt text/plain 7', 'sendFile three.txt text/plain 7']),
  );
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await screen.findByText('the second', { selector: '.text' });
});

test('an empty file and one that is too large are not sent, and it is said why', async () => {
  const client = alice();
  client.limits = { ...client.limits, fileBytes: 10 };
  open(client, '/dm/bob');
  await choose(textFile('empty.txt', ''), textFile('large.txt', 'eleven bytes'), textFile('good.txt', 'good'));
  const list = await sheet();
  await list.findByText(/This file is empty/);
  await list.findByText('This file has 12 bytes; the largest that this server takes has 10 bytes.');
  (await ready('Send')).click();
  await waitFor(() => expect(sentOf(client)).toEqual(['sendFile good.txt text/plain 4']));
});

test('files that are more than the account has room for are not sent until some are taken out', async () => {
  const client = alice();
  client.limits = { fileBytes: 100, quotaBytes: 1000, usedBytes: 990 };
  open(client, '/dm/bob');
  await choose(textFile('a.txt', 'sixsix'), textFile('b.txt', 'sixsix'));
  const list = await sheet();
  await list.findByText(/yours has 10 bytes left/);
  expect((await list.findByRole<HTMLButtonElement>('button', { name: 'Send 2 files' })).disabled).toBe(true);
  (await list.findByRole('button', { name: 'Do not send b.txt' })).click();
  (await ready('Send')).click();
  await waitFor(() => expect(sentOf(client)).toHaveLength(1));
});

test('what could not be handed over stays to be sent again', async () => {
  const client = alice();
  open(client, '/dm/bob');
  await choose(textFile('a.txt'), textFile('b.txt'));
  client.failures.set('sendFile', problem('rate-limited'));
  (await ready('Send 2 files')).click();
  await (await sheet()).findByText(/What is left here was not sent/);
  (await ready('Send 2 files')).click();
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sentOf(client)).toHaveLength(3);
});

test('the Enter key in what is said about a file sends, and more than 4 KiB cannot be said', async () => {
  const client = alice();
  open(client, '/dm/bob');
  await choose(textFile('a.txt'));
  await ready('Send');
  const caption = await (await sheet()).findByLabelText('Say something about a.txt');
  type(caption, 'ü'.repeat(2049));
  await (await sheet()).findByText(/too long to stand with a file/);
  press(caption, 'Enter');
  expect(sentOf(client)).toEqual([]);
  type(caption, 'short');
  await ready('Send');
  press(caption, 'Enter');
  await waitFor(async () => expect((await lastOf(client))?.body).toMatchObject({ kind: 'file', caption: 'short' }));
});

test('a file that is sent while a message is answered is the answer', async () => {
  const client = alice();
  const asked = await lastOf(client);
  open(client, '/dm/bob');
  (await screen.findByRole('button', { name: 'More about this message' })).click();
  (await screen.findByRole('menuitem', { name: 'Reply' })).click();
  await choose(textFile('a.txt'), textFile('b.txt'));
  (await ready('Send 2 files')).click();
  await waitFor(() => expect(sentOf(client)).toHaveLength(2));
  const [chat] = await client.chats();
  const messages = await client.messages(chat?.chat ?? '', 10);
  expect(messages.map(({ replyTo }) => replyTo?.message)).toEqual([undefined, asked?.id, undefined]);
  expect(screen.queryByText('Answer to bob')).toBeNull();
});

test('a file is fleeting where messages are', async () => {
  const client = alice();
  const [chat] = await client.chats();
  await client.setRetention(chat?.chat ?? '', { kind: 'never' });
  open(client, '/dm/bob');
  await screen.findByText('hi', { selector: '.text' });
  await choose(textFile('a.txt'));
  (await ready('Send')).click();
  await waitFor(() => expect(sentOf(client)).toHaveLength(1));
  await screen.findByText('Reached 1 device');
});

test('to begin a chat by sending a file begins it', async () => {
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  open(client, '/dm/bob');
  await choose(textFile('a.txt'));
  (await ready('Send')).click();
  await waitFor(() => expect(sentOf(client)).toHaveLength(1));
  expect(client.calls).toContain('startChat bob');
});

test('a picture is pasted, and words are words although a picture of them comes along', () => {
  const pasted = (types: string[]) =>
    pastedFiles({ clipboardData: { types, files: [textFile('image.png')] } } as unknown as ClipboardEvent).length;
  expect(pasted(['Files'])).toBe(1);
  expect(pasted(['text/html', 'Files'])).toBe(1);
  expect(pasted(['text/plain', 'Files'])).toBe(1);
  expect(pasted(['text/plain', 'text/html', 'Files'])).toBe(0);
  expect(pastedFiles({ clipboardData: null } as ClipboardEvent)).toEqual([]);
});

/** Files as they are, without looking at them. */
const asIs = async (source: File): Promise<Prepared> => ({
  file: { name: source.name, mediaType: source.type, content: source },
});

test('a picture that became larger when it was drawn anew is held against the limit as it is sent', async () => {
  const client = alice();
  client.limits = { ...client.limits, fileBytes: 10 };
  const content = new Blob(['eleven bytes']);
  const attachments = new Attachments(Promise.resolve(client), async () => ({
    file: { name: 'a.png', mediaType: 'image/png', content },
  }));
  await attachments.add([textFile('a.bmp', 'small')]);
  expect(attachments.list[0]?.problem).toMatch(/the largest that this server takes/);
  expect(attachments.ready).toBe(false);
});

test('what cannot be read says so, and does not keep the others back', async () => {
  const client = alice();
  const attachments = new Attachments(Promise.resolve(client), async (source) => {
    if (source.name === 'folder') throw new DOMException('', 'NotFoundError');
    return asIs(source);
  });
  await attachments.add([textFile('folder'), textFile('a.txt')]);
  expect(attachments.list[0]?.problem).toMatch(/Is it a folder/);
  const sent: NewFile[] = [];
  expect(await attachments.send(async (file) => sent.push(file) > 0)).toBe(true);
  expect(sent.map(({ name }) => name)).toEqual(['a.txt']);
});

test('what is taken out while others are sent is not sent', async () => {
  const attachments = new Attachments(Promise.resolve(alice()), asIs);
  await attachments.add(['a.txt', 'b.txt', 'c.txt'].map((name) => textFile(name)));
  const sent: string[] = [];
  await attachments.send(async ({ name }) => {
    sent.push(name);
    attachments.clear();
    return true;
  });
  expect(sent).toEqual(['a.txt']);
});

test('thirty files are sent at once at most', async () => {
  const attachments = new Attachments(Promise.resolve(alice()), asIs);
  await attachments.add(Array.from({ length: 32 }, (_, index) => textFile(`${index}.txt`)));
  expect(attachments.list).toHaveLength(30);
  expect(attachments.problem).toMatch(/At most 30 files/);
});

test('without the limits of the server nothing is refused here', async () => {
  const client = alice();
  client.failures.set('fileLimits', problem('unreachable'));
  const attachments = new Attachments(Promise.resolve(client), asIs);
  await attachments.add([textFile('a.txt')]);
  expect(attachments.ready).toBe(true);
});

/** Lets the page ask for a microphone. */
function microphone(answer: () => Promise<MediaStream>): void {
  vi.stubGlobal(
    'MediaRecorder',
    class {
      static isTypeSupported = () => true;
    },
  );
  Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia: answer }, configurable: true });
}

test('a microphone that is refused is said in plain words, and the message field is there again', async () => {
  microphone(() => Promise.reject(Object.assign(new Error(), { name: 'NotAllowedError' })));
  open(alice(), '/dm/bob');
  (await screen.findByRole('button', { name: 'Record a voice message' })).click();
  await screen.findByText(/does not let Sotto use the microphone/);
  await screen.findByRole('textbox', { name: 'Message to bob' });
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, 'mediaDevices');
});

test('a microphone that comes after one has thought better of it is let go', async () => {
  let allow: (stream: MediaStream) => void = () => undefined;
  microphone(() => new Promise((resolve) => (allow = resolve)));
  const recording = new Recording();
  const begun = recording.begin();
  expect(recording.state).toBe('asking');
  recording.end();
  expect(recording.state).toBe('none');
  const stop = vi.fn();
  allow({ getTracks: () => [{ stop }] } as unknown as MediaStream);
  await begun;
  expect(stop).toHaveBeenCalledOnce();
  expect(recording.state).toBe('none');
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, 'mediaDevices');
});

test('why there is no microphone is known from what the browser says', () => {
  const words = (name: string) => refusal(Object.assign(new Error(), { name }));
  expect(words('NotFoundError')).toMatch(/No microphone was found/);
  expect(words('NotReadableError')).toMatch(/Another program/);
  expect(words('TypeError')).toMatch(/does not work in this browser/);
});
