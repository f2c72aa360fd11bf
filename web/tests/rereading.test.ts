import { expect, test } from 'vitest';
import { Rereading } from '../src/state/rereading';

/** A reading that ends when the test says so. */
function heldReading() {
  const pending: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const reading = new Rereading(() => new Promise((resolve, reject) => pending.push({ resolve, reject })));
  return { reading, pending };
}

/** Lets everything run that waits for nothing. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('however often it is asked for during a reading, it is read once more, and all wait for that', async () => {
  const { reading, pending } = heldReading();
  let finished = 0;
  const asked = [reading.run(), reading.run(), reading.run()].map((run) => run.then(() => finished++));
  await settled();
  expect(pending).toHaveLength(1);

  void asked.push(reading.run().then(() => finished++));
  pending[0]?.resolve();
  await settled();
  expect(pending).toHaveLength(2);
  expect(finished).toBe(0);

  pending[1]?.resolve();
  await Promise.all(asked);
  expect(finished).toBe(4);
  expect(pending).toHaveLength(2);
});

test('a failed reading fails for those who asked, and the next one reads again', async () => {
  const { reading, pending } = heldReading();
  const failed = reading.run();
  pending[0]?.reject(new Error('offline'));
  await expect(failed).rejects.toThrow('offline');

  const next = reading.run();
  pending[1]?.resolve();
  await expect(next).resolves.toBeUndefined();
});

test('what changes in the moment in which a reading ends is read', async () => {
  for (let delay = 0; delay < 6; delay += 1) {
    let [there, read] = [0, -1];
    const rereading = new Rereading(async () => {
      await Promise.resolve();
      read = there;
    });
    const first = rereading.run();
    for (let turn = 0; turn < delay; turn += 1) await Promise.resolve();
    there = 1;
    await rereading.run();
    expect(read, `after ${delay} turns`).toBe(1);
    await first;
  }
});
