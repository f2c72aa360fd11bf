import type { SottoErrorShape, SottoEvent } from './api.js';
import type { ProgressMethod, ProgressReports } from './calls.js';

/**
 * Three kinds of channels connect the tabs of one browser profile:
 * - `sotto.leader`: only the leader listens, so that a password reaches no other tab;
 * - `sotto.tab.<id>`: only that tab listens. Answers and events share it, because their order matters: an event that
 *   overtook the list it changes would be overwritten by the list;
 * - `sotto.tabs`: every tab listens; a new leader announces itself there.
 */
export const leaderChannel = 'sotto.leader';
export const tabsChannel = 'sotto.tabs';
export const tabChannel = (tab: string): string => `sotto.tab.${tab}`;

/** The Web Lock that makes a worker the leader. */
export const leaderLock = 'sotto';

/** The beginning of the names of the locks that tabs hold while a person is at them. */
export const activityLocks = 'sotto.active.';

/**
 * The Web Lock that a tab holds while a person is at it, another one each time: the browser frees it also for a tab that
 * dies without a word.
 */
export const activityLock = (tab: string, time: number): string => `${activityLocks}${tab}.${time}`;

export type ToLeader =
  /** `activity` as below: a new leader could not know it otherwise. */
  | { kind: 'hello'; tab: string; activity: string | undefined }
  | { kind: 'goodbye'; tab: string }
  /** `activity`: the lock that the tab holds while a person is at it; absent while nobody is. */
  | { kind: 'active'; tab: string; activity: string | undefined }
  /** The tab has heard that this leader retires: it calls it no more. */
  | { kind: 'released'; tab: string }
  | { kind: 'call'; tab: string; call: number; method: string; args: unknown[] };

export type ToTab =
  | { kind: 'welcome'; leader: string }
  | { kind: 'progress'; call: number; progress: ProgressReports[ProgressMethod] }
  | { kind: 'result'; call: number; result: unknown }
  | { kind: 'error'; call: number; error: SottoErrorShape }
  | { kind: 'event'; leader: string; event: SottoEvent };

export type ToTabs =
  | { kind: 'leader'; leader: string }
  /** It answers what it was asked before, and then nothing more: the next one will announce itself. */
  | { kind: 'retires'; leader: string };

export interface Channel<Outgoing> {
  post(message: Outgoing): void;
  close(): void;
}

/** Opens a named channel. It never hears its own messages. */
export type OpenChannel = <Outgoing, Incoming>(
  name: string,
  receive: (message: Incoming) => void,
) => Channel<Outgoing>;

export const openBroadcastChannel: OpenChannel = (name, receive) => {
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event: MessageEvent) => receive(event.data);
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
};
