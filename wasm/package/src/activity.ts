import { activityLocks } from './channel.js';

/** A lock that is held. */
export interface Hold {
  readonly lock: string;
  release(): void;
}

/** Resolves when the lock is held. */
export function hold(locks: Pick<LockManager, 'request'>, lock: string): Promise<Hold> {
  return new Promise((resolve, reject) => {
    locks
      .request(lock, { mode: 'exclusive' }, () => new Promise<void>((release) => resolve({ lock, release })))
      .catch(reject);
  });
}

/** Whether a person is at any tab of this browser profile, as far as its tabs have said by `setActive`. */
export async function isSomebodyThere(locks: Pick<LockManager, 'query'> = navigator.locks): Promise<boolean> {
  const { held = [] } = await locks.query();
  return held.some(({ name }) => name?.startsWith(activityLocks));
}

/** What the leader knows of whether a person is at any of the tabs. */
export class Activity {
  readonly #locks: Pick<LockManager, 'request'>;
  readonly #signal: AbortSignal;
  readonly #tell: (isActive: boolean) => void;
  /** The tabs at which a person is, with the lock that each holds while that is so. */
  readonly #tabs = new Map<string, string>();
  #told = false;

  /** `tell` hears when it changes; nobody is there to begin with. `signal` ends the watch over the tabs. */
  constructor(locks: Pick<LockManager, 'request'>, signal: AbortSignal, tell: (isActive: boolean) => void) {
    this.#locks = locks;
    this.#signal = signal;
    this.#tell = tell;
  }

  /** A tab has said which lock it holds while a person is at it, or that nobody is. */
  note(tab: string, lock: string | undefined): void {
    if (lock === this.#tabs.get(tab)) return;
    if (lock === undefined) {
      this.#tabs.delete(tab);
    } else {
      this.#tabs.set(tab, lock);
      this.#watch(tab, lock);
    }
    const isActive = this.#tabs.size > 0;
    if (isActive === this.#told) return;
    this.#told = isActive;
    this.#tell(isActive);
  }

  /** The lock is to be had when the tab has let it go, or died. */
  #watch(tab: string, lock: string): void {
    this.#locks
      .request(lock, { mode: 'exclusive', signal: this.#signal }, async () => {
        if (this.#tabs.get(tab) === lock) this.note(tab, undefined);
      })
      // The lead has ended, and with it the watch.
      .catch(() => undefined);
  }
}
