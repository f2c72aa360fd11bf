import { Activity } from './activity.js';
import type { SottoEvent } from './api.js';
import { isMethod, reportsProgress, type Client, type Method } from './calls.js';
import {
  leaderChannel,
  leaderLock,
  tabChannel,
  tabsChannel,
  type Channel,
  type OpenChannel,
  type ToLeader,
  type ToTab,
  type ToTabs,
} from './channel.js';
import { errorShape } from './errors.js';

/** What a worker needs in order to lead. */
export interface Candidate {
  id: string;
  locks: Pick<LockManager, 'request'>;
  openChannel: OpenChannel;
  /** Called once, when this worker has become the leader. */
  openClient: (emit: (event: SottoEvent) => void) => Promise<Client>;
  /** Withdraws the candidate, or ends its lead: the next in the queue takes over. */
  signal: AbortSignal;
}

/**
 * Waits for the lock, then serves all tabs until `signal` aborts. At most one worker of a browser profile is between
 * these two points, so no two clients ever hold the same ratchet.
 *
 * Rejects if the client cannot be opened; the lock is free again then.
 */
export async function lead(candidate: Candidate): Promise<void> {
  const { id, locks, openChannel, openClient, signal } = candidate;
  try {
    await locks.request(leaderLock, { mode: 'exclusive', signal }, async () => {
      let leader: Leader | undefined;
      const client = await openClient((event) => leader?.emit(event));
      // That nobody knows of a person who is there is mended when they come back: it fails nothing.
      const tell = (isActive: boolean) => void client.setActive(isActive).catch(() => undefined);
      leader = new Leader(id, client, openChannel, new Activity(locks, signal, tell));
      try {
        await aborted(signal);
      } finally {
        leader.close();
      }
    });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** How long a leader that retires waits for tabs that may be asleep, and for what is still to be answered, in milliseconds. */
const patience = 2000;

/** Serves all tabs by a client. Whoever makes one holds the leader's lock for as long. */
export class Leader {
  readonly #id: string;
  readonly #client: Client;
  readonly #openChannel: OpenChannel;
  readonly #activity: Activity;
  readonly #requests: Channel<never>;
  readonly #announcements: Channel<ToTabs>;
  readonly #tabs = new Map<string, Channel<ToTab>>();
  /** The calls that are not answered yet. */
  readonly #serving = new Set<Promise<void>>();
  /** While it retires: the tabs that may still call it. */
  #leaving: Set<string> | undefined;
  #onReleased: () => void = () => {};
  #onVisit: () => void = () => {};
  /** Resolves when a tab asks for a leader. */
  readonly visited = new Promise<void>((resolve) => (this.#onVisit = resolve));

  constructor(id: string, client: Client, openChannel: OpenChannel, activity: Activity) {
    this.#id = id;
    this.#client = client;
    this.#openChannel = openChannel;
    this.#activity = activity;
    this.#requests = openChannel<never, ToLeader>(leaderChannel, (message) => this.#receive(message));
    this.#announcements = openChannel<ToTabs, ToTabs>(tabsChannel, () => {});
    this.#announcements.post({ kind: 'leader', leader: id });
  }

  emit(event: SottoEvent): void {
    for (const tab of this.#tabs.values()) tab.post({ kind: 'event', leader: this.#id, event });
  }

  /** Ends the lead without losing a call: every tab is told first, and what was asked until then is answered. */
  async retire(): Promise<void> {
    const leaving = new Set(this.#tabs.keys());
    this.#leaving = leaving;
    const released = new Promise<void>((resolve) => (this.#onReleased = resolve));
    this.#announcements.post({ kind: 'retires', leader: this.#id });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tired = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
    const answered = async (): Promise<void> => {
      if (leaving.size > 0) await released;
      await Promise.all(this.#serving);
    };
    await Promise.race([answered(), tired]);
    clearTimeout(timer);
    this.close();
  }

  close(): void {
    this.#requests.close();
    this.#announcements.close();
    for (const tab of this.#tabs.values()) tab.close();
    this.#tabs.clear();
  }

  #receive(message: ToLeader): void {
    switch (message.kind) {
      case 'hello':
        // The next one will announce itself.
        if (this.#leaving) return;
        this.#onVisit();
        this.#tab(message.tab).post({ kind: 'welcome', leader: this.#id });
        this.#activity.note(message.tab, message.activity);
        return;
      case 'goodbye':
        this.#tabs.get(message.tab)?.close();
        this.#tabs.delete(message.tab);
        this.#activity.note(message.tab, undefined);
        this.#release(message.tab);
        return;
      case 'active':
        this.#activity.note(message.tab, message.activity);
        return;
      case 'released':
        this.#release(message.tab);
        return;
      case 'call': {
        const served = this.#serve(message.tab, message.call, message.method, message.args);
        this.#serving.add(served);
        void served.then(() => this.#serving.delete(served));
        return;
      }
    }
  }

  #release(tab: string): void {
    this.#leaving?.delete(tab);
    if (this.#leaving?.size === 0) this.#onReleased();
  }

  #tab(tab: string): Channel<ToTab> {
    let channel = this.#tabs.get(tab);
    if (!channel) {
      channel = this.#openChannel<ToTab, never>(tabChannel(tab), () => {});
      this.#tabs.set(tab, channel);
    }
    return channel;
  }

  async #serve(tab: string, call: number, method: string, args: unknown[]): Promise<void> {
    let answer: ToTab;
    try {
      if (!isMethod(method)) throw { code: 'unknown-method', message: 'the leading tab is of another version' };
      const result = await this.#call(method, args, (progress) =>
        this.#tabs.get(tab)?.post({ kind: 'progress', call, progress }),
      );
      answer = { kind: 'result', call, result };
    } catch (thrown) {
      answer = { kind: 'error', call, error: errorShape(thrown) };
    }
    this.#tabs.get(tab)?.post(answer);
  }

  #call(method: Method, args: unknown[], onProgress: (progress: never) => void): Promise<unknown> {
    const call = this.#client[method] as (...args: unknown[]) => Promise<unknown>;
    return call.apply(this.#client, reportsProgress(method) ? [...args, onProgress] : args);
  }
}
