import init, { Client as WasmClient, onPanic } from '../pkg/sotto_wasm.js';
import type { SottoEvent } from './api.js';
import type { Client } from './calls.js';
import { openBroadcastChannel } from './channel.js';
import { errorShape } from './errors.js';
import { lead } from './leader.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = (message: MessageEvent<ToWorker>) => {
  const { id, module, server } = message.data;
  lead({
    id,
    locks: navigator.locks,
    openChannel: openBroadcastChannel,
    openClient: (emit) => openClient(module, server, emit),
    signal: new AbortController().signal,
  }).catch((thrown: unknown) => end('failed', errorShape(thrown)));
};

async function openClient(module: string, server: string, emit: (event: SottoEvent) => void): Promise<Client> {
  await init({ module_or_path: module });
  onPanic((place: string) => end('crashed', { code: 'crashed', message: `the client stopped at ${place}` }));
  // A trap that no panic announces: memory or stack exhausted.
  const trapped = (error: unknown): void => {
    if (error instanceof WebAssembly.RuntimeError) {
      end('crashed', { code: 'crashed', message: 'the client ran out of memory or stack' });
    }
  };
  self.addEventListener('error', (event) => trapped(event.error));
  self.addEventListener('unhandledrejection', (event) => trapped(event.reason));
  return WasmClient.open(server, emit);
}

/** After a panic the module's memory cannot be trusted: the worker ends, and with it the lock. */
function end(kind: FromWorker['kind'], error: FromWorker['error']): void {
  self.postMessage({ kind, error } satisfies FromWorker);
  self.close();
}
