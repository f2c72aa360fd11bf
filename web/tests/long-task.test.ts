import { expect, test } from 'vitest';
import { LongTask } from '../src/state/long-task.svelte';
import { problem } from './fake-client';

/** Work that ends when it is told to. */
function work() {
  let [resolve, reject]: [(result: string) => void, (error: unknown) => void] = [() => undefined, () => undefined];
  const promise = new Promise<string>((...ends) => ([resolve, reject] = ends));
  let say: (progress: number) => void = () => undefined;
  let stopping = new AbortController().signal;
  const run = (onProgress: (progress: number) => void, signal: AbortSignal): Promise<string> => {
    say = onProgress;
    stopping = signal;
    return promise;
  };
  return { run, resolve, reject, says: (progress: number) => say(progress), isAborted: () => stopping.aborted };
}

test('only one is under way at a time', async () => {
  const task = new LongTask<number, string>();
  const [first, second] = [work(), work()];
  const running = task.run(first.run);
  await task.run(second.run);
  first.says(3);
  expect([task.phase, task.progress]).toEqual(['running', 3]);
  first.resolve('first');
  await running;
  expect([task.phase, task.result, task.isNews]).toEqual(['done', 'first', true]);
});

test('it is stopping until it has stopped', async () => {
  const task = new LongTask<number, string>();
  const first = work();
  const running = task.run(first.run);
  task.stop();
  expect([task.phase, task.isRunning, first.isAborted()]).toEqual(['stopping', true, true]);
  first.reject(problem('cancelled'));
  await running;
  expect([task.phase, task.error, task.isNews]).toEqual(['stopped', undefined, false]);
});

test('what was done before it could be stopped is done', async () => {
  const task = new LongTask<number, string>();
  const first = work();
  const running = task.run(first.run);
  task.stop();
  first.resolve('first');
  await running;
  expect([task.phase, task.result]).toEqual(['done', 'first']);
});

test('what was forgotten is stopped, and neither its progress nor its end is heard of', async () => {
  const task = new LongTask<number, string>();
  const first = work();
  const running = task.run(first.run);
  task.forget();
  first.says(3);
  first.resolve('first');
  await running;
  expect(first.isAborted()).toBe(true);
  expect([task.phase, task.progress, task.result, task.isNews]).toEqual(['none', undefined, undefined, false]);
});

test('one that was forgotten does not end the one that came after it', async () => {
  const task = new LongTask<number, string>();
  const [first, second] = [work(), work()];
  const running = task.run(first.run);
  task.forget();
  const after = task.run(second.run);
  first.reject(problem('internal'));
  await running;
  expect(task.phase).toBe('running');
  second.reject(problem('internal'));
  await after;
  expect([task.phase, task.error]).toEqual(['failed', problem('internal')]);
});
