import { expect, test, vi } from 'vitest';
import type { Message } from '@sotto/client';
import { Addresses } from '../src/state/addresses';
import { FakeClient, problem } from './fake-client';
import { addresses } from './setup';

const client = new FakeClient().loggedInAs('alice').knows('bob');
const MIB = 1024 * 1024;

/** A message with a file of so many bytes, as its sender says. */
const message = (size: number, mediaType = 'image/png'): Message =>
  client.filed('bob', { name: 'a.png', mediaType, size }, new Blob([]));

/** Reads a file of another size each time, so that its address is another one. */
function reading() {
  let count = 0;
  const types: string[] = [];
  const read = vi.fn(async () => {
    const blob = new Blob(['x'.repeat((count += 1))]);
    const slice = blob.slice.bind(blob);
    blob.slice = (start, end, type) => {
      types.push(type ?? '');
      return slice(start, end, type);
    };
    return blob;
  });
  return { read, types, all: new Addresses(read) };
}

test('a file that is shown twice is read once, and stays while either is shown', async () => {
  const { read, all } = reading();
  const shown = message(65 * MIB);
  const [one, two] = [all.hold(shown), all.hold(shown)];
  expect(await one.address).toBe(await two.address);
  expect(read).toHaveBeenCalledOnce();
  one.release();
  one.release();
  await Promise.resolve();
  expect(addresses.has(await two.address)).toBe(true);
  two.release();
  await vi.waitFor(async () => expect(addresses.has(await two.address)).toBe(false));
});

test('what was shown last is kept, up to 64 MiB of it', async () => {
  const { read, all } = reading();
  const messages = [message(30 * MIB), message(30 * MIB), message(30 * MIB)];
  for (const shown of messages) {
    const held = all.hold(shown);
    await held.address;
    held.release();
  }
  await vi.waitFor(() => expect(addresses.size).toBe(2));
  for (const shown of messages.slice(1)) await all.hold(shown).address;
  expect(read).toHaveBeenCalledTimes(3);
});

test('what the browser takes a file for is never what its sender says', async () => {
  const { types, all } = reading();
  for (const type of ['image/png', 'text/html', 'image/svg+xml']) await all.hold(message(1, type)).address;
  expect(types).toEqual(['image/png', 'application/octet-stream', 'application/octet-stream']);
});

test('a file that could not be read is read anew the next time', async () => {
  const read = vi
    .fn()
    .mockRejectedValueOnce(problem('unreachable'))
    .mockResolvedValue(new Blob(['x']));
  const all = new Addresses(read);
  const shown = message(1);
  await expect(all.hold(shown).address).rejects.toMatchObject({ code: 'unreachable' });
  expect(await all.hold(shown).address).toBe('blob:1-bytes');
});

test('nothing of a message that is not to be shown stays, nor of an account that leaves', async () => {
  const { all } = reading();
  const [gone, other] = [message(1), message(1)];
  const [first, second] = [await all.hold(gone).address, await all.hold(other).address];
  all.forget(gone.id);
  await vi.waitFor(() => expect(addresses.has(first)).toBe(false));
  expect(addresses.has(second)).toBe(true);
  all.forgetAll();
  await vi.waitFor(() => expect(addresses.size).toBe(0));
});
