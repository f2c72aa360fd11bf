import { hold, type Hold } from './activity.js';
import type { SottoErrorShape, SottoEvent } from './api.js';
import { repeatable, type Calls, type Method, type ProgressOf } from './calls.js';
import {
  activityLock,
  leaderChannel,
  tabChannel,
  tabsChannel,
  type Channel,
  type OpenChannel,
  type ToLeader,
  type ToTab,
  type ToTabs,
} from './channel.js';
import { SottoError } from './errors.js';

/** A call that brought several leaders down is not tried on a fourth. */
const attemptsOfCall = 3;

/** Stands for a leader whose answer this tab can no longer hear. */
const lost = '';

interface Pending {
  readonly method: Method;
  readonly args: unknown[];
  readonly resolve: (result: never) => void;
  readonly reject: (error: SottoError) => void;
  readonly onProgress: ((progress: never) => void) | undefined;
  /** The leader it was given to last; `undefined` while it waits for one. */
  givenTo: string | undefined;
  attempts: number;
}

/** A tab's side of the calls: finds the leader, gives it the calls, and repeats them when another one takes over. */
export class Tab {
  readonly #id: string;
  readonly #openChannel: OpenChannel;
  readonly #locks: Pick<LockManager, 'request'>;
  readonly #listeners = new Set<(event: SottoEvent) => void>();
  readonly #pending = new Map<number, Pending>();
  #channels: { toLeader: Channel<ToLeader>; own: Channel<never>; tabs: Channel<never> } | undefined;
  #leader: string | undefined;
  #hadLeader = false;
  #isActive = false;
  /** What this tab holds while a person is at it. */
  #activity: Hold | undefined;
  #activities = 0;
  #failure: SottoErrorShape | undefined;
  #nextCall = 1;
  #onLeader: () => void = () => {};

  constructor(id: string, openChannel: OpenChannel, locks: Pick<LockManager, 'request'>) {
    this.#id = id;
    this.#openChannel = openChannel;
    this.#locks = locks;
  }

  /** Calls back whenever a leader is found. */
  set onLeader(callback: () => void) {
    this.#onLeader = callback;
  }

  /** Begins to listen, and asks for a leader. */
  join(): void {
    if (this.#channels) return;
    this.#failure = undefined;
    this.#channels = {
      own: this.#openChannel<never, ToTab>(tabChannel(this.#id), (message) => this.#receive(message)),
      tabs: this.#openChannel<never, ToTabs>(tabsChannel, (message) => this.#hear(message)),
      toLeader: this.#openChannel<ToLeader, never>(leaderChannel, () => {}),
    };
    this.#post({ kind: 'hello', tab: this.#id, activity: this.#activity?.lock });
    // Without the lock nobody is shown as there: that fails nothing else.
    if (this.#isActive) this.#attend().catch(() => undefined);
  }

  /** Stops listening. What is pending waits for the next `join`. */
  leave(): void {
    if (!this.#channels) return;
    this.#post({ kind: 'goodbye', tab: this.#id });
    // A page that holds a lock could not be put aside.
    this.#letGo();
    for (const channel of Object.values(this.#channels)) channel.close();
    this.#channels = undefined;
    this.#leader = undefined;
    for (const pending of this.#pending.values()) {
      if (pending.givenTo !== undefined) pending.givenTo = lost;
    }
  }

  /** This tab's worker could not lead. Unless another does, every call is rejected, until one does. */
  fail(error: SottoErrorShape): void {
    if (this.#leader !== undefined) return;
    this.#failure = error;
    for (const [call, pending] of this.#pending) this.#reject(call, pending, error);
  }

  /** The leader was this tab's own worker, and it ended: its successor will announce itself. */
  loseLeader(leader: string): void {
    if (this.#leader === leader) this.#leader = undefined;
  }

  call<M extends Method>(
    method: M,
    args: Parameters<Calls[M]>,
    onProgress?: (progress: ProgressOf<M>) => void,
  ): Promise<ReturnType<Calls[M]>> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(new SottoError(this.#failure.code, this.#failure.message));
        return;
      }
      const call = this.#nextCall++;
      const pending: Pending = { method, args, resolve, reject, onProgress, givenTo: undefined, attempts: 0 };
      this.#pending.set(call, pending);
      if (this.#leader !== undefined) this.#give(call, pending, this.#leader);
    });
  }

  /** Whether a person is at this tab. It is said to this leader and to those after it. */
  async setActive(isActive: boolean): Promise<void> {
    if (isActive === this.#isActive) return;
    this.#isActive = isActive;
    if (isActive) {
      await this.#attend();
    } else {
      this.#letGo();
      this.#post({ kind: 'active', tab: this.#id, activity: undefined });
    }
  }

  subscribe(listener: (event: SottoEvent) => void): () => void {
    // One subscription each, even of the same function twice.
    const subscription = (event: SottoEvent): void => listener(event);
    this.#listeners.add(subscription);
    return () => this.#listeners.delete(subscription);
  }

  async #attend(): Promise<void> {
    this.#activities += 1;
    const activity = await hold(this.#locks, activityLock(this.#id, this.#activities));
    // The person may have gone meanwhile, or gone and come back.
    if (!this.#isActive || !this.#channels || this.#activity) {
      activity.release();
      return;
    }
    this.#activity = activity;
    this.#post({ kind: 'active', tab: this.#id, activity: activity.lock });
  }

  #letGo(): void {
    this.#activity?.release();
    this.#activity = undefined;
  }

  #hear(message: ToTabs): void {
    switch (message.kind) {
      case 'leader':
        this.#found(message.leader);
        return;
      case 'retires':
        this.loseLeader(message.leader);
        this.#post({ kind: 'released', tab: this.#id });
        return;
    }
  }

  #receive(message: ToTab): void {
    switch (message.kind) {
      case 'welcome':
        this.#found(message.leader);
        return;
      case 'event':
        if (message.leader === this.#leader) this.#emit(message.event);
        return;
      case 'progress':
        this.#pending.get(message.call)?.onProgress?.(message.progress as never);
        return;
      case 'result': {
        const pending = this.#pending.get(message.call);
        this.#pending.delete(message.call);
        pending?.resolve(message.result as never);
        return;
      }
      case 'error': {
        const pending = this.#pending.get(message.call);
        if (pending) this.#reject(message.call, pending, message.error);
        return;
      }
    }
  }

  #found(leader: string): void {
    if (leader === this.#leader) return;
    this.#leader = leader;
    this.#failure = undefined;
    // Before any call, so that the leader knows where to answer, and no event after an answer is missed.
    this.#post({ kind: 'hello', tab: this.#id, activity: this.#activity?.lock });
    for (const [call, pending] of this.#pending) {
      if (pending.givenTo === undefined || this.#mayRepeat(pending)) {
        this.#give(call, pending, leader);
      } else {
        this.#reject(call, pending, { code: 'interrupted', message: 'whether it was done is not known' });
      }
    }
    if (this.#hadLeader) this.#emit({ kind: 'reset' });
    this.#hadLeader = true;
    this.#onLeader();
  }

  #mayRepeat(pending: Pending): boolean {
    return repeatable[pending.method] && pending.attempts < attemptsOfCall;
  }

  #give(call: number, pending: Pending, leader: string): void {
    pending.givenTo = leader;
    pending.attempts += 1;
    this.#post({ kind: 'call', tab: this.#id, call, method: pending.method, args: pending.args });
  }

  #reject(call: number, pending: Pending, error: SottoErrorShape): void {
    this.#pending.delete(call);
    pending.reject(new SottoError(error.code, error.message, error.ban));
  }

  #post(message: ToLeader): void {
    this.#channels?.toLeader.post(message);
  }

  #emit(event: SottoEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (thrown) {
        // One listener's mistake must not keep the others from the event; it surfaces as an uncaught error.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}
