import { expect, test, vi } from 'vitest';
import { fileAt, filePath } from '../src/files/file-path';
import type { FileAsked, PieceAsked } from '../src/files/file-port';
import { FileServer } from '../src/files/file-server';
import { answer } from '../src/service-worker/answer';
import { pieces, rangeOf } from '../src/service-worker/range';
import { openFile, type Tab } from '../src/service-worker/tabs';
import { FakeClient } from './fake-client';

test('a range is what its header says, and no further than the file', () => {
  expect(rangeOf('bytes=0-99', 1000)).toEqual({ start: 0, end: 100 });
  expect(rangeOf('bytes=900-', 1000)).toEqual({ start: 900, end: 1000 });
  expect(rangeOf('bytes=900-5000', 1000)).toEqual({ start: 900, end: 1000 });
  expect(rangeOf('bytes=-100', 1000)).toEqual({ start: 900, end: 1000 });
  expect(rangeOf('bytes=-5000', 1000)).toEqual({ start: 0, end: 1000 });
  expect(rangeOf('bytes=999-999', 1000)).toEqual({ start: 999, end: 1000 });
  expect(rangeOf('Bytes= 1-2', 1000)).toEqual({ start: 1, end: 3 });
});

test('a range behind the end cannot be satisfied', () => {
  for (const header of ['bytes=1000-', 'bytes=1000-1001', 'bytes=-0'])
    expect(rangeOf(header, 1000)).toBe('unsatisfiable');
  for (const header of ['bytes=0-', 'bytes=-1']) expect(rangeOf(header, 0)).toBe('unsatisfiable');
});

test('all of the file is the answer to no header, to one that makes no sense, and to several ranges', () => {
  for (const header of [null, '', 'bytes=', 'bytes=-', 'bytes=5-1', 'bytes=a-b', 'items=0-1', 'bytes=0-1,5-6']) {
    expect(rangeOf(header, 1000)).toBeUndefined();
  }
});

test('pieces begin small and grow to a bound, and leave no gap', () => {
  const MIB = 1024 * 1024;
  const all = [...pieces({ start: 10, end: 20 * MIB })];
  expect(all[0]).toEqual({ start: 10, end: 10 + MIB / 4 });
  expect(Math.max(...all.map(({ start, end }) => end - start))).toBe(4 * MIB);
  expect(all.at(-1)?.end).toBe(20 * MIB);
  for (const [index, { start }] of all.entries()) if (index > 0) expect(start).toBe(all[index - 1]?.end);
  expect([...pieces({ start: 5, end: 5 })]).toEqual([]);
});

test('a path names a file, whatever the file is called, and no other path does', () => {
  const path = filePath({ chat: 'c-1', message: 'm_2' }, 'a/b? #1%.txt');
  expect(path).toBe('/file/c-1/m_2/a%2Fb%3F%20%231%25.txt');
  expect(fileAt(path)).toEqual({ chat: 'c-1', message: 'm_2' });
  for (const other of ['/', '/file/c/m', '/file/c/m/n/o', '/files/c/m/n', '/file//m/n', '/file/%/m/n']) {
    expect(fileAt(other)).toBeUndefined();
  }
});

/** A tab that has the client's files; `log`: what it was asked on its port. */
function tabOf(client: FakeClient, log: PieceAsked[] = []): Tab & { failures: unknown[] } {
  const failures: unknown[] = [];
  const server = new FileServer(Promise.resolve(client), (_message, error) => failures.push(error));
  return {
    failures,
    postMessage: (asked, [port]) => {
      if (!(port instanceof MessagePort)) throw new TypeError('no port');
      void server.answer(asked as FileAsked, port, () => undefined);
      port.addEventListener('message', ({ data }: MessageEvent<PieceAsked>) => log.push(data));
    },
  };
}

const text = 'a file that somebody has sent';
function withFile(file: { name: string; mediaType: string }) {
  const client = new FakeClient().loggedInAs('alice').knows('bob');
  const message = client.filed('bob', file, new Blob([text]));
  return { client, message, at: { chat: message.chat, message: message.id } };
}

test('a tab gives a range of a file through its port, and hears when no more is wanted', async () => {
  const { client, at } = withFile({ name: 'film.mp4', mediaType: 'video/mp4' });
  const log: PieceAsked[] = [];
  const file = await openFile([tabOf(client, log)], at);
  if (!file) throw new Error('no tab has it');
  const given = answer(file, { range: 'bytes=2-5', isDownload: false });
  expect(given.status).toBe(206);
  expect(given.headers.get('content-range')).toBe(`bytes 2-5/${text.length}`);
  expect(given.headers.get('content-length')).toBe('4');
  expect(given.headers.get('content-type')).toBe('video/mp4');
  expect(await given.text()).toBe('file');
  await expect.poll(() => log.at(-1)).toEqual({ kind: 'end' });
  expect(log[0]).toEqual({ kind: 'piece', start: 2, end: 6 });
});

test('what is no picture, sound or video is bytes, and what is saved keeps its name', async () => {
  const { client, at } = withFile({ name: 'a "plan"; für\u202Egpj.svg', mediaType: 'image/svg+xml' });
  const file = await openFile([tabOf(client)], at);
  if (!file) throw new Error('no tab has it');
  const given = answer(file, { range: null, isDownload: true });
  expect(given.status).toBe(200);
  expect(given.headers.get('content-type')).toBe('application/octet-stream');
  expect(given.headers.get('x-content-type-options')).toBe('nosniff');
  expect(given.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  expect(given.headers.get('content-disposition')).toBe(
    `attachment; filename="a _plan_; f_rgpj.svg"; filename*=UTF-8''a%20%22plan%22%3B%20f%C3%BCrgpj.svg`,
  );
  expect(await given.text()).toBe(text);
});

test('the tab that has the file gives it, though another has not', async () => {
  const { client, at } = withFile({ name: 'a.bin', mediaType: '' });
  const empty = new FakeClient().loggedInAs('alice');
  const asleep: Tab = { postMessage: () => undefined };
  expect(await openFile([asleep, tabOf(empty), tabOf(client)], at)).toMatchObject({ name: 'a.bin', size: text.length });
  expect(await openFile([tabOf(empty)], at)).toBeUndefined();
  expect(await openFile([], at)).toBeUndefined();
  expect(await openFile([asleep], at, 10)).toBeUndefined();
});

test('a file that cannot be read to its end breaks off, and the tab knows why', async () => {
  const { client, at } = withFile({ name: 'a.bin', mediaType: '' });
  const tab = tabOf(client);
  const file = await openFile([tab], at);
  if (!file) throw new Error('no tab has it');
  client.failures.set('readFilePart', { code: 'file-damaged', message: '' });
  await expect(answer(file, { range: null, isDownload: false }).text()).rejects.toThrow();
  expect(tab.failures).toEqual([{ code: 'file-damaged', message: '' }]);
});

test('a range behind the end is refused with the length of the file', async () => {
  const { client, at } = withFile({ name: 'a.mp3', mediaType: 'audio/mpeg' });
  const file = await openFile([tabOf(client)], at);
  if (!file) throw new Error('no tab has it');
  const refused = answer(file, { range: 'bytes=500-', isDownload: false });
  expect([refused.status, refused.headers.get('content-range')]).toEqual([416, `bytes */${text.length}`]);
});

test('the service worker is kept awake while it is given a file, and no longer', async () => {
  const { client, at } = withFile({ name: 'a.bin', mediaType: '' });
  const server = new FileServer(Promise.resolve(client), () => undefined);
  const { port1: port, port2: other } = new MessageChannel();
  const given = new Promise((resolve) => port.addEventListener('message', resolve, { once: true }));
  port.start();
  vi.useFakeTimers();
  try {
    const awake = vi.fn();
    await server.answer({ kind: 'file', ...at }, other, awake);
    await given;
    const say = (data: PieceAsked) => other.onmessage?.call(other, new MessageEvent('message', { data }));
    say({ kind: 'piece', start: 0, end: 1 });
    vi.advanceTimersByTime(60_000);
    expect(awake).toHaveBeenCalledTimes(6);
    // One that asks for nothing more is forgotten some time.
    vi.advanceTimersByTime(3_600_000);
    const calls = awake.mock.calls.length;
    expect(calls).toBeLessThan(70);
    say({ kind: 'piece', start: 1, end: 2 });
    vi.advanceTimersByTime(10_000);
    expect(awake).toHaveBeenCalledTimes(calls + 1);
    say({ kind: 'end' });
    vi.advanceTimersByTime(60_000);
    expect(awake).toHaveBeenCalledTimes(calls + 1);
  } finally {
    vi.useRealTimers();
    port.close();
  }
});
