import { expect, test } from 'vitest';
import type { SottoErrorShape } from '../src/api.js';
import { OwnWorker } from '../src/own-worker.js';
import type { FromWorker, ToWorker } from '../src/worker-messages.js';

class FakeWorker {
  onmessage: ((message: { data: FromWorker }) => void) | undefined;
  onerror: ((event: { message?: string; preventDefault(): void }) => void) | undefined;
  readonly told: ToWorker[] = [];
  terminated = false;

  postMessage(message: ToWorker): void {
    this.told.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }

  crash(): void {
    this.onmessage?.({ data: { kind: 'crashed', error: { code: 'crashed', message: 'somewhere' } } });
  }
}

function page(create?: () => Worker) {
  const workers: FakeWorker[] = [];
  const failures: SottoErrorShape[] = [];
  const ended: string[] = [];
  const clock = { now: 0 };
  let ids = 0;
  const own = new OwnWorker({
    create:
      create ??
      (() => {
        const worker = new FakeWorker();
        workers.push(worker);
        return worker as unknown as Worker;
      }),
    module: 'https://sotto.example/module.wasm',
    server: 'https://sotto.example',
    newId: () => `leader-${++ids}`,
    onEnd: (id) => ended.push(id),
    onFailure: (error) => failures.push(error),
    now: () => clock.now,
  });
  return { own, workers, failures, ended, clock };
}

test('the worker is told where the module and the server are', () => {
  const { own, workers } = page();
  own.start();
  own.start();
  expect(workers.map((worker) => worker.told)).toEqual([
    [{ kind: 'start', id: 'leader-1', module: 'https://sotto.example/module.wasm', server: 'https://sotto.example' }],
  ]);
});

test('a worker that crashed is ended and started again under a new name', () => {
  const { own, workers, failures, ended } = page();
  own.start();
  workers[0]?.crash();
  expect(workers[0]?.terminated).toBe(true);
  expect(workers[1]?.told[0]).toMatchObject({ id: 'leader-2' });
  expect(ended).toEqual(['leader-1']);
  expect(failures).toEqual([]);
});

test('the fourth crash within a minute is a failure; crashes far apart are not', () => {
  const { own, workers, failures, clock } = page();
  own.start();
  for (let crash = 0; crash < 10; crash++) {
    workers.at(-1)?.crash();
    clock.now += 61_000;
  }
  expect(failures).toEqual([]);
  for (let crash = 0; crash < 4; crash++) workers.at(-1)?.crash();
  expect(failures).toEqual([{ code: 'crashed', message: 'somewhere' }]);
  expect(workers.at(-1)?.terminated).toBe(true);
});

test('a client that cannot be opened is a failure at once', () => {
  const { own, workers, failures } = page();
  own.start();
  workers[0]?.onmessage?.({ data: { kind: 'failed', error: { code: 'store', message: 'no database here' } } });
  expect(failures).toEqual([{ code: 'store', message: 'no database here' }]);
  expect(workers).toHaveLength(1);
});

test('a script that does not load, and a worker that is refused, are failures with a code', () => {
  const loading = page();
  loading.own.start();
  loading.workers[0]?.onerror?.({ preventDefault: () => {} });
  expect(loading.failures).toMatchObject([{ code: 'not-loaded' }]);

  const refused = page(() => {
    throw new TypeError('This document requires TrustedScriptURL');
  });
  refused.own.start();
  expect(refused.failures).toMatchObject([{ code: 'unsupported' }]);
});

test('what a stopped worker still says is not heard', () => {
  const { own, workers, failures, ended } = page();
  own.start();
  own.stop();
  expect(workers[0]?.terminated).toBe(true);
  workers[0]?.crash();
  expect(workers).toHaveLength(1);
  expect([failures, ended]).toEqual([[], []]);
});
