import { awaken, type AwakeClient, type Found } from './awaken.js';
import { openBroadcastChannel } from './channel.js';
import { SottoError } from './errors.js';
import { randomId } from './id.js';
import { openClient } from './open-client.js';

export type { AwakeClient, Found } from './awaken.js';

/** How long a wake-up waits for what the server has, in milliseconds: browsers end a service worker that takes much longer. */
const longest = 25_000;

export interface WakeUpOptions {
  /** The address of the compiled module. It is fetched if this is not in vain. */
  readonly module: string;
  /** The server's origin; the service worker's own if left out. */
  readonly server?: string;
}

/**
 * Runs the client in a service worker for as long as it takes to fetch what the server has, if no tab runs it, and shows what has come to
 * `look`. Resolves with what `look` gave, or with `undefined` if a tab runs the client.
 *
 * Rejects with the client's codes, or as `crashed`; then no client can be opened until the browser has ended this service worker.
 */
export async function wakeUp<T>(
  { module, server = self.location.origin }: WakeUpOptions,
  look: (client: AwakeClient, found: Found) => Promise<T>,
): Promise<T | undefined> {
  if (!navigator.locks) throw new SottoError('unsupported', 'this browser lacks Web Locks');
  return awaken(
    {
      id: randomId(),
      locks: navigator.locks,
      openChannel: openBroadcastChannel,
      openClient: (emit, onCrash) => openClient({ module, server, emit, onCrash }),
      signal: AbortSignal.timeout(longest),
    },
    look,
  );
}
