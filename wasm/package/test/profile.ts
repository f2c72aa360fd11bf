import type { SottoErrorShape, SottoEvent } from '../src/api.js';
import { awaken, type AwakeClient, type Found } from '../src/awaken.js';
import type { Client } from '../src/calls.js';
import type { OpenChannel } from '../src/channel.js';
import { lead } from '../src/leader.js';
import { Tab } from '../src/tab.js';

/**
 * A browser profile whose tabs and workers can be killed at any moment, which the real ones cannot be from inside.
 * Messages arrive one at a time, in the order in which they were posted, after the running task.
 */
export class Profile {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #waiting: Waiting[] = [];
  /** By the name of the lock. */
  readonly #holders = new Map<string, Waiting>();
  #names = 0;

  /** A page that has joined. */
  tab(): Tab & { kill(): void } {
    const process = new Process();
    const tab = new Tab(`tab-${++this.#names}`, this.#channels(process), this.#locks(process));
    tab.join();
    return Object.assign(tab, { kill: () => this.#kill(process) });
  }

  /** A worker that is a candidate. `client` is made when it becomes the leader. */
  worker(openClient: (emit: (event: SottoEvent) => void) => Promise<Client>): Worker {
    const process = new Process();
    const abort = new AbortController();
    const id = `leader-${++this.#names}`;
    const ended = lead({
      id,
      locks: this.#locks(process),
      openChannel: this.#channels(process),
      openClient,
      signal: abort.signal,
    });
    return {
      id,
      ended,
      kill: () => this.#kill(process),
      retire: () => abort.abort(),
    };
  }

  /** A service worker that is woken. */
  awaken<T>(
    openClient: (
      emit: (event: SottoEvent) => void,
      onCrash: (error: SottoErrorShape) => void,
    ) => Promise<{ client: Client; close(): Promise<void> }>,
    look: (client: AwakeClient, found: Found) => Promise<T>,
  ): { found: Promise<T | undefined>; tire(): void; kill(): void } {
    const process = new Process();
    const abort = new AbortController();
    const found = awaken(
      {
        id: `leader-${++this.#names}`,
        locks: this.#locks(process),
        openChannel: this.#channels(process),
        openClient,
        signal: abort.signal,
      },
      look,
    );
    return { found, tire: () => abort.abort(), kill: () => this.#kill(process) };
  }

  #channels(process: Process): OpenChannel {
    return (name, receive) => {
      const listener: Listener = { receive: receive as (message: unknown) => void, process, open: true };
      const listeners = this.#listeners.get(name) ?? new Set();
      this.#listeners.set(name, listeners.add(listener));
      return {
        post: (message) => {
          if (process.dead || !listener.open) return;
          for (const other of listeners) {
            if (other === listener) continue;
            const copy: unknown = structuredClone(message);
            queueMicrotask(() => {
              if (other.open && !other.process.dead) other.receive(copy);
            });
          }
        },
        close: () => {
          listener.open = false;
          listeners.delete(listener);
        },
      };
    };
  }

  #locks(process: Process): Pick<LockManager, 'request'> {
    const request = (
      lock: string,
      options: LockOptions,
      callback: (granted: Lock | null) => Promise<void>,
    ): Promise<void> =>
      new Promise((resolve, reject) => {
        if (options.ifAvailable && (this.#holders.has(lock) || this.#waiting.some((other) => other.lock === lock))) {
          callback(null).then(resolve, reject);
          return;
        }
        const granted: Lock = { name: lock, mode: 'exclusive' };
        const waiting: Waiting = { lock, process, run: () => callback(granted).then(resolve, reject) };
        options.signal?.addEventListener('abort', () => {
          const place = this.#waiting.indexOf(waiting);
          if (place < 0) return;
          this.#waiting.splice(place, 1);
          reject(options.signal?.reason);
        });
        this.#waiting.push(waiting);
        this.#grant();
      });
    return { request } as Pick<LockManager, 'request'>;
  }

  /** Gives every free lock to the first who waits for it. */
  #grant(): void {
    for (const waiting of [...this.#waiting]) {
      const { lock, process } = waiting;
      if (this.#holders.has(lock) && !process.dead) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      if (process.dead) continue;
      this.#holders.set(lock, waiting);
      void waiting.run().finally(() => {
        if (this.#holders.get(lock) === waiting) this.#holders.delete(lock);
        this.#grant();
      });
    }
  }

  #kill(process: Process): void {
    process.kill();
    for (const [lock, holder] of this.#holders) if (holder.process === process) this.#holders.delete(lock);
    queueMicrotask(() => this.#grant());
  }
}

export interface Worker {
  id: string;
  ended: Promise<void>;
  kill(): void;
  retire(): void;
}

interface Listener {
  receive: (message: unknown) => void;
  process: Process;
  open: boolean;
}

interface Waiting {
  lock: string;
  process: Process;
  run: () => Promise<void>;
}

class Process {
  dead = false;

  kill(): void {
    this.dead = true;
  }
}

/** A client whose calls the test answers. */
export function client(calls: Partial<Client>): Client {
  return new Proxy(calls as Client, {
    // `then` would make a promise of it.
    get: (target, name: keyof Client | 'then') =>
      name === 'then' ? undefined : (target[name] ?? (() => Promise.reject({ code: 'not-expected', message: name }))),
  });
}

/** Lets everything happen that is under way. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
