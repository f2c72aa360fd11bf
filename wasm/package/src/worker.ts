import { openBroadcastChannel } from './channel.js';
import { errorShape } from './errors.js';
import { lead } from './leader.js';
import { openClient } from './open-client.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = (message: MessageEvent<ToWorker>) => {
  const { id, module, server } = message.data;
  lead({
    id,
    locks: navigator.locks,
    openChannel: openBroadcastChannel,
    openClient: async (emit) =>
      (await openClient({ module, server, emit, onCrash: (error) => end('crashed', error) })).client,
    signal: new AbortController().signal,
  }).catch((thrown: unknown) => end('failed', errorShape(thrown)));
};

/** After a panic the module's memory cannot be trusted: the worker ends, and with it the lock. */
function end(kind: FromWorker['kind'], error: FromWorker['error']): void {
  self.postMessage({ kind, error } satisfies FromWorker);
  self.close();
}
