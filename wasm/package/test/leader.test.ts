import { expect, test, vi } from 'vitest';
import type { ConnectionState, Progress, SottoEvent } from '../src/api.js';
import type { Client, Method } from '../src/calls.js';
import { openBroadcastChannel } from '../src/channel.js';
import { lead } from '../src/leader.js';
import { Tab } from '../src/tab.js';
import { client, Profile, settled } from './profile.js';

const never = new Promise<never>(() => {});
const online = client({ connection: () => Promise.resolve('online' as const) });

function rejected(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it was answered'),
    (error: unknown) => error,
  );
}

test('a call that is made before anybody leads is answered by the first leader', async () => {
  const profile = new Profile();
  const tab = profile.tab();
  const connection = tab.call('connection', []);
  await settled();
  profile.worker(() => Promise.resolve(online));
  expect(await connection).toBe('online');
});

test('two clients are never open at the same time', async () => {
  const profile = new Profile();
  const open: string[] = [];
  const workers = ['a', 'b', 'c'].map((name) =>
    profile.worker(() => {
      open.push(name);
      return Promise.resolve(online);
    }),
  );
  await settled();
  expect(open).toEqual(['a']);
  workers[0]?.kill();
  await settled();
  expect(open).toEqual(['a', 'b']);
  workers[1]?.retire();
  await settled();
  expect(open).toEqual(['a', 'b', 'c']);
});

test('a tab that opens later finds the leader that is there', async () => {
  const profile = new Profile();
  profile.worker(() => Promise.resolve(online));
  await settled();
  expect(await profile.tab().call('connection', [])).toBe('online');
});

test('a read that the leader did not answer is repeated to the next one', async () => {
  const profile = new Profile();
  const first = profile.worker(() => Promise.resolve(client({ chats: () => never })));
  const tab = profile.tab();
  const chats = tab.call('chats', []);
  await settled();
  profile.worker(() => Promise.resolve(client({ chats: () => Promise.resolve([]) })));
  first.kill();
  expect(await chats).toEqual([]);
});

test('a message keeps its id when it is given to the next leader', async () => {
  const profile = new Profile();
  const sent: unknown[] = [];
  const first = profile.worker(() =>
    Promise.resolve(
      client({
        send: (...args) => {
          sent.push(args);
          return never;
        },
      }),
    ),
  );
  const done = profile.tab().call('send', ['chat', 'id', 'hi', undefined]);
  await settled();
  profile.worker(() =>
    Promise.resolve(
      client({
        send: (...args) => {
          sent.push(args);
          return Promise.resolve();
        },
      }),
    ),
  );
  first.kill();
  await done;
  expect(sent).toEqual([
    ['chat', 'id', 'hi', undefined],
    ['chat', 'id', 'hi', undefined],
  ]);
});

test('a registration that the leader did not answer is interrupted, and not made twice', async () => {
  const profile = new Profile();
  const first = profile.worker(() => Promise.resolve(client({ register: () => never })));
  const registered = rejected(profile.tab().call('register', ['alice', 'secret', undefined]));
  await settled();
  const register = vi.fn(() => never);
  profile.worker(() => Promise.resolve(client({ register })));
  first.kill();
  expect(await registered).toMatchObject({ code: 'interrupted' });
  expect(register).not.toHaveBeenCalled();
});

test('a change to a group that the leader did not answer is asked of the next one; a new group is not', async () => {
  const profile = new Profile();
  const silent = client({ addToGroup: () => never, createGroup: () => never });
  const first = profile.worker(() => Promise.resolve(silent));
  const tab = profile.tab();
  const added = tab.call('addToGroup', ['group', ['bob']]);
  const created = rejected(
    tab.call('createGroup', [
      {
        title: 'Rowing',
        description: '',
        size: 'normal',
        joinPolicy: { kind: 'open' },
        isListed: true,
        retention: { kind: 'keep' },
        members: [],
      },
    ]),
  );
  await settled();
  const addToGroup = vi.fn(() => Promise.resolve());
  const createGroup = vi.fn(() => never);
  profile.worker(() => Promise.resolve(client({ addToGroup, createGroup })));
  first.kill();
  await added;
  expect(addToGroup).toHaveBeenCalledWith('group', ['bob']);
  expect(await created).toMatchObject({ code: 'interrupted' });
  expect(createGroup).not.toHaveBeenCalled();
});

test('a registration that nobody has got yet is not interrupted by the first leader', async () => {
  const profile = new Profile();
  const registered = profile.tab().call('register', ['alice', 'secret', undefined]);
  profile.worker(() =>
    Promise.resolve(client({ register: () => Promise.resolve({ recoveryCode: 'words' }) })),
  );
  expect(await registered).toEqual({ recoveryCode: 'words' });
});

test('a call that brought three leaders down is not given to a fourth', async () => {
  const profile = new Profile();
  const chats = rejected(profile.tab().call('chats', []));
  for (let round = 0; round < 3; round++) {
    const worker = profile.worker(() => Promise.resolve(client({ chats: () => never })));
    await settled();
    worker.kill();
  }
  const fourth = vi.fn(() => never);
  profile.worker(() => Promise.resolve(client({ chats: fourth })));
  expect(await chats).toMatchObject({ code: 'interrupted' });
  expect(fourth).not.toHaveBeenCalled();
});

test('every tab hears an event, and a takeover as a reset', async () => {
  const profile = new Profile();
  let emit: (event: SottoEvent) => void = () => {};
  const first = profile.worker((emitter) => {
    emit = emitter;
    return Promise.resolve(online);
  });
  const heard: SottoEvent[][] = [[], []];
  for (const events of heard) profile.tab().subscribe((event) => events.push(event));
  await settled();
  emit({ kind: 'chat', chat: 'c' });
  await settled();
  first.kill();
  profile.worker(() => Promise.resolve(online));
  await settled();
  for (const events of heard) expect(events).toEqual([{ kind: 'chat', chat: 'c' }, { kind: 'reset' }]);
});

test('a request that failed after a restart, and why, reaches every tab', async () => {
  const profile = new Profile();
  let emit: (event: SottoEvent) => void = () => {};
  profile.worker((emitter) => {
    emit = emitter;
    return Promise.resolve(online);
  });
  const heard: SottoEvent[] = [];
  profile.tab().subscribe((event) => heard.push(event));
  await settled();
  const failed: SottoEvent = {
    kind: 'intent-failed',
    chat: 'group',
    error: { code: 'membership-refused', message: 'the group does not allow that' },
  };
  emit(failed);
  await settled();
  expect(heard).toEqual([failed]);
});

test('an event that came after a list was read arrives after the list', async () => {
  const profile = new Profile();
  profile.worker((emit) =>
    Promise.resolve(
      client({
        connection: () => {
          const state: ConnectionState = 'connecting';
          queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => emit({ kind: 'connection', state: 'online' }))));
          return Promise.resolve(state);
        },
      }),
    ),
  );
  const tab = profile.tab();
  const seen: ConnectionState[] = [];
  tab.subscribe((event) => event.kind === 'connection' && seen.push(event.state));
  await tab.call('connection', []).then((state) => seen.push(state));
  await settled();
  expect(seen).toEqual(['connecting', 'online']);
});

test('only the caller hears how far its call is', async () => {
  const profile = new Profile();
  profile.worker(() =>
    Promise.resolve(
      client({
        logIn: (_name, _password, progress) => {
          progress('password');
          progress('done');
          return Promise.resolve();
        },
      }),
    ),
  );
  const [caller, other] = [profile.tab(), profile.tab()];
  const heard: Progress[] = [];
  const otherHeard: SottoEvent[] = [];
  other.subscribe((event) => otherHeard.push(event));
  await caller.call('logIn', ['alice', 'secret'], (progress) => heard.push(progress));
  expect(heard).toEqual(['password', 'done']);
  expect(otherHeard).toEqual([]);
});

test("the client's code reaches the caller; an exception that nobody foresaw does not carry its text", async () => {
  const profile = new Profile();
  profile.worker(() =>
    Promise.resolve(
      client({
        person: () => Promise.reject({ code: 'user-not-found', message: 'there is no such account' }),
        safetyNumber: () => Promise.reject(new TypeError('secret')),
      }),
    ),
  );
  const tab = profile.tab();
  expect(await rejected(tab.call('person', ['bob']))).toMatchObject({
    name: 'SottoError',
    code: 'user-not-found',
    message: 'there is no such account',
  });
  expect(await rejected(tab.call('safetyNumber', ['a']))).toMatchObject({ code: 'internal', message: 'TypeError' });
});

test('a method that is none is refused', async () => {
  const profile = new Profile();
  profile.worker(() => Promise.resolve(online));
  const tab = profile.tab();
  for (const method of ['constructor', 'toString', 'free']) {
    expect(await rejected(tab.call(method as Method, [] as never))).toMatchObject({ code: 'unknown-method' });
  }
});

test('where nobody can open the client, calls are rejected with the reason, until somebody can', async () => {
  const profile = new Profile();
  const tab = profile.tab();
  const connection = rejected(tab.call('connection', []));
  const worker = profile.worker(() => Promise.reject({ code: 'store', message: 'no database here' }));
  const reason = (await rejected(worker.ended)) as { code: string; message: string };
  expect(reason).toMatchObject({ code: 'store' });
  tab.fail(reason);
  expect(await connection).toMatchObject({ code: 'store' });
  expect(await rejected(tab.call('chats', []))).toMatchObject({ code: 'store' });
  profile.worker(() => Promise.resolve(online));
  await settled();
  expect(await tab.call('connection', [])).toBe('online');
});

test('a tab that was put aside repeats its reads when it wakes, and hears nothing in between', async () => {
  const profile = new Profile();
  const answers: ((state: ConnectionState) => void)[] = [];
  let emit: (event: SottoEvent) => void = () => {};
  profile.worker((emitter) => {
    emit = emitter;
    return Promise.resolve(client({ connection: () => new Promise((answer) => answers.push(answer)) }));
  });
  const tab = profile.tab();
  const heard: SottoEvent[] = [];
  tab.subscribe((event) => heard.push(event));
  const connection = tab.call('connection', []);
  await settled();
  tab.leave();
  await settled();
  answers[0]?.('connecting');
  emit({ kind: 'chat', chat: 'missed' });
  await settled();
  tab.join();
  await settled();
  expect(heard).toEqual([{ kind: 'reset' }]);
  expect(answers).toHaveLength(2);
  answers[1]?.('online');
  expect(await connection).toBe('online');
});

test('a listener that throws does not keep an event from the next one', async () => {
  const profile = new Profile();
  let emit: (event: SottoEvent) => void = () => {};
  profile.worker((emitter) => {
    emit = emitter;
    return Promise.resolve(online);
  });
  const tab = profile.tab();
  const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
  const heard: SottoEvent[] = [];
  tab.subscribe(() => {
    throw new Error('a mistake');
  });
  const unsubscribe = tab.subscribe((event) => heard.push(event));
  await settled();
  emit({ kind: 'chat', chat: 'c' });
  expect(await uncaught).toMatchObject({ message: 'a mistake' });
  expect(heard).toEqual([{ kind: 'chat', chat: 'c' }]);
  unsubscribe();
});

/** A client that keeps whether it was told that somebody is there. */
function attended(told: boolean[]): Client {
  return client({
    setActive: (isActive) => {
      told.push(isActive);
      return Promise.resolve();
    },
  });
}

test('somebody is there while they are at any of the tabs', async () => {
  const profile = new Profile();
  const told: boolean[] = [];
  profile.worker(() => Promise.resolve(attended(told)));
  const [one, other] = [profile.tab(), profile.tab()];
  await one.setActive(true);
  await other.setActive(true);
  await one.setActive(false);
  await settled();
  expect(told).toEqual([true]);
  await other.setActive(false);
  await settled();
  expect(told).toEqual([true, false]);
});

test('nobody is at a tab that was put aside or has died, and somebody is when it wakes', async () => {
  const profile = new Profile();
  const told: boolean[] = [];
  profile.worker(() => Promise.resolve(attended(told)));
  const [one, other] = [profile.tab(), profile.tab()];
  await one.setActive(true);
  await other.setActive(true);
  one.leave();
  await settled();
  expect(told).toEqual([true]);
  other.kill();
  await settled();
  expect(told).toEqual([true, false]);
  one.join();
  await settled();
  expect(told).toEqual([true, false, true]);
});

test('somebody who goes and comes back in one breath is there, and once more gone when the tab dies', async () => {
  const profile = new Profile();
  const told: boolean[] = [];
  profile.worker(() => Promise.resolve(attended(told)));
  const tab = profile.tab();
  void tab.setActive(true);
  void tab.setActive(false);
  await tab.setActive(true);
  await settled();
  expect(told.at(-1)).toBe(true);
  await tab.setActive(false);
  await tab.setActive(true);
  await settled();
  expect(told.at(-1)).toBe(true);
  tab.kill();
  await settled();
  expect(told.at(-1)).toBe(false);
});

test('the next leader learns that somebody is there without being told again', async () => {
  const profile = new Profile();
  const first = profile.worker(() => Promise.resolve(attended([])));
  const tab = profile.tab();
  await tab.setActive(true);
  const idle = profile.tab();
  await settled();
  first.kill();
  const told: boolean[] = [];
  profile.worker(() => Promise.resolve(attended(told)));
  await settled();
  expect(told).toEqual([true]);
  await idle.setActive(false);
  await settled();
  expect(told).toEqual([true]);
  tab.kill();
  await settled();
  expect(told).toEqual([true, false]);
});

test('a client that cannot tell that somebody is there keeps no tab from being welcomed', async () => {
  const profile = new Profile();
  const worker = profile.worker(() => Promise.resolve(attended([])));
  const tab = profile.tab();
  await tab.setActive(true);
  worker.kill();
  const setActive = vi.fn(() => Promise.reject({ code: 'offline', message: 'no connection' }));
  profile.worker(() => Promise.resolve(client({ setActive, chats: () => Promise.resolve([]) })));
  expect(await tab.call('chats', [])).toEqual([]);
  expect(setActive).toHaveBeenCalledOnce();
});

test('over real broadcast channels, a call finds its leader and its answer', async () => {
  const abort = new AbortController();
  const locks = { request: (_: string, __: LockOptions, run: () => Promise<void>) => run() } as unknown as LockManager;
  const tab = new Tab('real', openBroadcastChannel, locks);
  tab.join();
  const ended = lead({
    id: 'real-leader',
    locks,
    openChannel: openBroadcastChannel,
    openClient: () => Promise.resolve(online),
    signal: abort.signal,
  });
  expect(await tab.call('connection', [])).toBe('online');
  tab.leave();
  abort.abort();
  await ended;
});

test('over real broadcast channels, a file arrives whole, and so does a part of one', async () => {
  const abort = new AbortController();
  const locks = { request: (_: string, __: LockOptions, run: () => Promise<void>) => run() } as unknown as LockManager;
  const tab = new Tab('sender', openBroadcastChannel, locks);
  tab.join();
  let text: string | undefined;
  const ended = lead({
    id: 'file-leader',
    locks,
    openChannel: openBroadcastChannel,
    openClient: () =>
      Promise.resolve(
        client({
          sendFile: async (_chat, _id, { content }) => {
            text = await content.slice(6).text();
          },
          readFilePart: (_chat, _message, start, end) => Promise.resolve(new Uint8Array([start, end])),
        }),
      ),
    signal: abort.signal,
  });
  const content = new Blob(['hello, world']);
  await tab.call('sendFile', ['c', 'm', { name: 'a.txt', mediaType: 'text/plain', content }, undefined]);
  expect(text).toBe(' world');
  expect(await tab.call('readFilePart', ['c', 'm', 3, 9])).toEqual(new Uint8Array([3, 9]));
  tab.leave();
  abort.abort();
  await ended;
});
