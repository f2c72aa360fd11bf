import { Activity } from './activity.js';
import type { Message, MessageId, SottoErrorShape, SottoEvent } from './api.js';
import type { Client } from './calls.js';
import { leaderLock, type OpenChannel } from './channel.js';
import { Leader } from './leader.js';

/** What of the client may be used while it is awake. */
export type AwakeClient = Pick<
  Client,
  'account' | 'chats' | 'message' | 'wakeUpKey' | 'setWakeUpAddress' | 'removeWakeUpAddress'
>;

/** What has come since the client was opened. */
export interface Found {
  /** Messages that are new or have changed, each as it is now. What is gone again is not among them. */
  readonly messages: readonly Message[];
  /** Whether that is all that the server had. */
  readonly isComplete: boolean;
}

/** What is needed to run the client for a moment. */
export interface Sleeper {
  readonly id: string;
  readonly locks: Pick<LockManager, 'request'>;
  readonly openChannel: OpenChannel;
  /** `onCrash` hears that the client has stopped for good, and cannot be closed. */
  readonly openClient: (
    emit: (event: SottoEvent) => void,
    onCrash: (error: SottoErrorShape) => void,
  ) => Promise<{ readonly client: Client; close(): Promise<void> }>;
  /** Ends the wait for what the server has. */
  readonly signal: AbortSignal;
}

/**
 * Leads for a moment if nobody else does: opens the client, waits for what the server has, shows it to `look`, and lets go. Resolves
 * with what `look` gave, or with `undefined` if somebody leads: then nothing was done.
 *
 * It serves tabs that open meanwhile, as every leader does. The first one also ends the wait: its own worker is to take over soon.
 */
export function awaken<T>(
  sleeper: Sleeper,
  look: (client: AwakeClient, found: Found) => Promise<T>,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    // Without a queue there is nothing to abort: the two options exclude each other.
    sleeper.locks
      .request(leaderLock, { mode: 'exclusive', ifAvailable: true }, async (lock) => {
        if (!lock) {
          resolve(undefined);
          return;
        }
        let hasCrashed = false;
        const crashed = new Promise<void>((ended) => {
          lead(sleeper, look, (error) => {
            hasCrashed = true;
            reject(error);
            ended();
          })
            .then(resolve, reject)
            .then(ended);
        });
        await crashed;
        // What is left of it holds the store, and could not be stopped from writing. Both locks are free when the browser ends this
        // worker, which it does when there is nothing more to do here; a second client before that would use the same ratchets.
        if (hasCrashed) await new Promise<never>(() => undefined);
      })
      .catch(reject);
  });
}

async function lead<T>(
  { id, locks, openChannel, openClient, signal }: Sleeper,
  look: (client: AwakeClient, found: Found) => Promise<T>,
  onCrash: (error: SottoErrorShape) => void,
): Promise<T> {
  const news = new News();
  let leader: Leader | undefined;
  const emit = (event: SottoEvent): void => {
    news.note(event);
    leader?.emit(event);
  };
  const { client, close } = await openClient(emit, onCrash);
  const watching = new AbortController();
  try {
    // That nobody knows of a person who is there is mended when they come back: it fails nothing.
    const tell = (isActive: boolean) => void client.setActive(isActive).catch(() => undefined);
    leader = new Leader(id, client, openChannel, new Activity(locks, watching.signal, tell));
    const isComplete = await Promise.race([
      client.catchUp().then(
        () => true,
        () => false,
      ),
      leader.visited.then(() => false),
      aborted(signal).then(() => false),
    ]);
    return await look(client, { messages: news.messages, isComplete });
  } finally {
    await leader?.retire();
    watching.abort();
    await close();
  }
}

/** The messages that events have told of. */
class News {
  readonly #messages = new Map<MessageId, Message>();

  get messages(): Message[] {
    return [...this.#messages.values()];
  }

  note(event: SottoEvent): void {
    if (event.kind === 'message') this.#messages.set(event.message.id, event.message);
    else if (event.kind === 'message-removed') this.#messages.delete(event.message);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
