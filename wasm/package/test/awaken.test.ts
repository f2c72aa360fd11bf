import { expect, test, vi } from 'vitest';
import type { Message, SottoErrorShape, SottoEvent } from '../src/api.js';
import type { Found } from '../src/awaken.js';
import type { Client } from '../src/calls.js';
import { client, Profile, settled } from './profile.js';

const never = new Promise<never>(() => {});
const online = client({ connection: () => Promise.resolve('online' as const) });

function message(id: string, text = id): Message {
  return {
    id,
    chat: 'c',
    position: 1,
    from: { account: 'b', name: 'bob' },
    own: false,
    body: { kind: 'text', text },
    at: 0,
    state: 'received',
    retention: { kind: 'keep' },
  };
}

/** A client that is opened for a wake-up; what has happened to it stands in `log`. */
function woken(calls: Partial<Client>) {
  const log: string[] = [];
  let emit: (event: SottoEvent) => void = () => {};
  let crash: (error: SottoErrorShape) => void = () => {};
  const open = (emitter: typeof emit, onCrash: typeof crash) => {
    log.push('opened');
    [emit, crash] = [emitter, onCrash];
    return Promise.resolve({
      client: client({ catchUp: () => Promise.resolve(), ...calls }),
      close: () => {
        log.push('closed');
        return Promise.resolve();
      },
    });
  };
  return { log, open, emit: (event: SottoEvent) => emit(event), crash: (error: SottoErrorShape) => crash(error) };
}

const whatCame = (_: unknown, { messages, isComplete }: Found) =>
  Promise.resolve({ ids: messages.map(({ id }) => id), isComplete });

test('a wake-up shows what came until all is there, closes the client and lets go', async () => {
  const profile = new Profile();
  let caughtUp: () => void = () => {};
  const sleeper = woken({ catchUp: () => new Promise((resolve) => (caughtUp = resolve)) });
  const { found } = profile.awaken(sleeper.open, whatCame);
  await settled();
  sleeper.emit({ kind: 'message', message: message('a') });
  sleeper.emit({ kind: 'message', message: message('b') });
  sleeper.emit({ kind: 'message-removed', chat: 'c', message: 'a' });
  expect(sleeper.log).toEqual(['opened']);
  caughtUp();
  expect(await found).toEqual({ ids: ['b'], isComplete: true });
  await settled();
  expect(sleeper.log).toEqual(['opened', 'closed']);
  const next = vi.fn(() => Promise.resolve(online));
  profile.worker(next);
  await settled();
  expect(next).toHaveBeenCalledOnce();
});

test('a message that changed meanwhile is shown once, as it is now', async () => {
  const profile = new Profile();
  let caughtUp: () => void = () => {};
  const sleeper = woken({ catchUp: () => new Promise((resolve) => (caughtUp = resolve)) });
  const { found } = profile.awaken(sleeper.open, (_, { messages }) =>
    Promise.resolve(messages.map(({ body }) => body.kind === 'text' && body.text)),
  );
  await settled();
  sleeper.emit({ kind: 'message', message: message('a', 'first') });
  sleeper.emit({ kind: 'message', message: message('a', 'second') });
  caughtUp();
  expect(await found).toEqual(['second']);
});

test('where somebody leads, or waits for the lead, nothing is opened', async () => {
  const profile = new Profile();
  const worker = profile.worker(() => Promise.resolve(online));
  await settled();
  const sleeper = woken({});
  expect(await profile.awaken(sleeper.open, whatCame).found).toBeUndefined();
  expect(sleeper.log).toEqual([]);
  expect(await profile.tab().call('connection', [])).toBe('online');
  worker.retire();
  await settled();
  expect(await profile.awaken(sleeper.open, whatCame).found).toEqual({ ids: [], isComplete: true });
});

test('without a connection, and when it takes too long, what came so far is shown as incomplete', async () => {
  const offline = woken({ catchUp: () => Promise.reject({ code: 'offline', message: 'no connection' }) });
  expect(await new Profile().awaken(offline.open, whatCame).found).toEqual({ ids: [], isComplete: false });

  const slow = woken({ catchUp: () => never });
  const { found, tire } = new Profile().awaken(slow.open, whatCame);
  await settled();
  slow.emit({ kind: 'message', message: message('a') });
  tire();
  expect(await found).toEqual({ ids: ['a'], isComplete: false });
  await settled();
  expect(slow.log).toEqual(['opened', 'closed']);
});

test('a tab that opens meanwhile is served, and its worker takes over without losing a call', async () => {
  const profile = new Profile();
  let answer: (id: string) => void = () => {};
  const sleeper = woken({
    catchUp: () => never,
    connection: () => Promise.resolve('connecting' as const),
    forward: () => new Promise((resolve) => (answer = resolve)),
  });
  const { found } = profile.awaken(sleeper.open, whatCame);
  await settled();
  const tab = profile.tab();
  const connection = tab.call('connection', []);
  // Not to be made twice.
  const forwarded = tab.call('forward', ['a', 'm', 'b']);
  const events: SottoEvent[] = [];
  tab.subscribe((event) => events.push(event));
  const next = vi.fn(() => Promise.resolve(online));
  profile.worker(next);
  expect(await connection).toBe('connecting');
  await settled();
  expect(next).not.toHaveBeenCalled();
  answer('copy');
  expect(await forwarded).toBe('copy');
  expect(await found).toEqual({ ids: [], isComplete: false });
  await settled();
  expect(next).toHaveBeenCalledOnce();
  expect(events).toEqual([{ kind: 'reset' }]);
  expect(await tab.call('connection', [])).toBe('online');
});

test('a call that is made while the lead changes hands is given to the next leader alone', async () => {
  const profile = new Profile();
  const createGroup = vi.fn(() => Promise.resolve('group'));
  let shown: () => void = () => {};
  const sleeper = woken({ connection: () => Promise.resolve('online' as const) });
  const { found } = profile.awaken(sleeper.open, () => new Promise<void>((resolve) => (shown = resolve)));
  await settled();
  const tab = profile.tab();
  await tab.call('connection', []);
  shown();
  await found;
  const created = tab.call('createGroup', [
    {
      title: 'Rowing',
      description: '',
      size: 'normal',
      joinPolicy: { kind: 'open' },
      isListed: true,
      retention: { kind: 'keep' },
      members: [],
    },
  ]);
  await settled();
  profile.worker(() => Promise.resolve(client({ createGroup })));
  expect(await created).toBe('group');
  expect(createGroup).toHaveBeenCalledOnce();
});

test('a client that cannot be opened, and one that cannot be shown, let go of the lead', async () => {
  const profile = new Profile();
  const refused = profile.awaken(() => Promise.reject({ code: 'store', message: 'no database' }), whatCame).found;
  await expect(refused).rejects.toMatchObject({ code: 'store' });
  const sleeper = woken({});
  const failed = profile.awaken(sleeper.open, () => Promise.reject(new TypeError('not shown'))).found;
  await expect(failed).rejects.toThrow('not shown');
  await settled();
  expect(sleeper.log).toEqual(['opened', 'closed']);
  expect(await profile.awaken(sleeper.open, whatCame).found).toEqual({ ids: [], isComplete: true });
});

test('after a crash nobody opens a client until the service worker has ended', async () => {
  const profile = new Profile();
  const sleeper = woken({ catchUp: () => never });
  const { found, kill } = profile.awaken(sleeper.open, whatCame);
  await settled();
  sleeper.crash({ code: 'crashed', message: 'somewhere' });
  await expect(found).rejects.toMatchObject({ code: 'crashed' });
  const next = vi.fn(() => Promise.resolve(online));
  profile.worker(next);
  await settled();
  expect(next).not.toHaveBeenCalled();
  kill();
  await settled();
  expect(next).toHaveBeenCalledOnce();
});
