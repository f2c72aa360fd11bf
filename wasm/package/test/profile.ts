import type { SottoEvent } from '../src/api.js';
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
  #holder: Waiting | undefined;
  #names = 0;

  /** A page that has joined. */
  tab(): Tab & { kill(): void } {
    const process = new Process();
    const tab = new Tab(`tab-${++this.#names}`, this.#channels(process));
    tab.join();
    return Object.assign(tab, { kill: () => process.kill() });
  }

  /** A worker that is a candidate. `client` is made when it becomes the leader. */
  worker(openClient: (emit: (event: SottoEvent) => void) => Promise<Client>): Worker {
    const process = new Process();
    const abort = new AbortController();
    const id = `leader-${++this.#names}`;
    const ended = lead({
      id,
      locks: { request: this.#locks(process) } as Pick<LockManager, 'request'>,
      openChannel: this.#channels(process),
      openClient,
      signal: abort.signal,
    });
    return {
      id,
      ended,
      kill: () => {
        process.kill();
        this.#release(process);
      },
      retire: () => abort.abort(),
    };
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

  #locks(process: Process) {
    return (_name: string, options: LockOptions, callback: () => Promise<void>): Promise<void> =>
      new Promise((resolve, reject) => {
        const waiting: Waiting = { process, run: () => callback().then(resolve, reject) };
        options.signal?.addEventListener('abort', () => {
          if (this.#holder !== waiting) reject(options.signal?.reason);
        });
        this.#waiting.push(waiting);
        this.#next();
      });
  }

  #next(): void {
    if (this.#holder) return;
    const next = this.#waiting.shift();
    if (!next) return;
    if (next.process.dead) return this.#next();
    this.#holder = next;
    void next.run().finally(() => {
      if (this.#holder === next) this.#holder = undefined;
      this.#next();
    });
  }

  #release(process: Process): void {
    if (this.#holder?.process === process) {
      this.#holder = undefined;
      queueMicrotask(() => this.#next());
    }
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
