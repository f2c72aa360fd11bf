import type { Sotto } from './api.js';
import { openBroadcastChannel } from './channel.js';
import { SottoError } from './errors.js';
import { randomId } from './id.js';
import { OwnWorker } from './own-worker.js';
import { sottoOf } from './sotto.js';
import { Tab } from './tab.js';
import { trustedScript } from './trusted-types.js';

export interface ConnectOptions {
  /** The server's origin; the page's own if left out. */
  server?: string;
}

let connected: Promise<Sotto> | undefined;

/**
 * Connects this page to the client that all tabs of this browser profile share, and makes the page's worker a
 * candidate for running it. Called again, it gives the same connection.
 *
 * Rejects with the code `unsupported` where the browser lacks Web Locks, and with the client's own code if neither
 * this tab nor another can run it.
 */
export function connect(options: ConnectOptions = {}): Promise<Sotto> {
  connected ??= begin(options).catch((thrown: unknown) => {
    connected = undefined;
    throw thrown;
  });
  return connected;
}

async function begin(options: ConnectOptions): Promise<Sotto> {
  if (!globalThis.navigator?.locks || !globalThis.BroadcastChannel || !globalThis.indexedDB) {
    throw new SottoError('unsupported', 'this browser lacks Web Locks, BroadcastChannel or IndexedDB');
  }
  // Written out here, where a bundler finds and renames them.
  const script = new URL('./worker.js', import.meta.url).href;
  const module = new URL('./sotto_wasm_bg.wasm', import.meta.url).href;

  const tab = new Tab(randomId(), openBroadcastChannel, navigator.locks);
  const worker = new OwnWorker({
    create: () => new Worker(trustedScript(script), { type: 'module', name: 'sotto' }),
    module,
    server: options.server ?? location.origin,
    newId: randomId,
    onEnd: (id) => tab.loseLeader(id),
    onFailure: (error) => tab.fail(error),
    now: () => performance.now(),
  });
  // If this page's worker could not run but another tab's can, it queues again behind that one.
  tab.onLeader = () => worker.start();

  const wake = (): void => {
    tab.join();
    worker.start();
  };
  const sleep = (): void => {
    worker.stop();
    tab.leave();
  };
  // A page that is put aside runs no timers and answers nobody: it must not keep the lead.
  const listening = new AbortController();
  const { signal } = listening;
  addEventListener('pagehide', sleep, { signal });
  addEventListener('pageshow', (event) => event.persisted && wake(), { signal });
  document.addEventListener('freeze', sleep, { signal });
  document.addEventListener('resume', wake, { signal });
  wake();

  try {
    // Answered by whoever leads, or rejected if nobody can.
    await tab.call('connection', []);
  } catch (thrown) {
    listening.abort();
    sleep();
    throw thrown;
  }
  return sottoOf(tab);
}
