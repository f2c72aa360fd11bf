import init, { Client as WasmClient, onPanic } from '../pkg/sotto_wasm.js';
import type { SottoErrorShape, SottoEvent } from './api.js';
import type { Client } from './calls.js';
import { deviceName } from './device-name.js';
import { overWasm } from './over-wasm.js';

/** A client that is open in this worker. */
export interface Opened {
  readonly client: Client;
  /** Ends the client. Afterwards the store is free for the next one. */
  close(): Promise<void>;
}

/** What it opens the client with. */
export interface Opening {
  /** Where the compiled module is. It is fetched now. */
  readonly module: string;
  /** The server's origin. */
  readonly server: string;
  readonly emit: (event: SottoEvent) => void;
  /** The client has stopped for good: nothing of it is to be used any more, and it cannot be closed. */
  readonly onCrash: (error: SottoErrorShape) => void;
}

/** Opens the client over this browser profile's store. Whoever calls it holds the leader's lock. */
export async function openClient({ module, server, emit, onCrash }: Opening): Promise<Opened> {
  await init({ module_or_path: module });
  onPanic((place: string) => onCrash({ code: 'crashed', message: `the client stopped at ${place}` }));
  const listening = new AbortController();
  const { signal } = listening;
  // A trap that no panic announces: memory or stack exhausted.
  const trapped = (error: unknown): void => {
    if (error instanceof WebAssembly.RuntimeError) {
      onCrash({ code: 'crashed', message: 'the client ran out of memory or stack' });
    }
  };
  self.addEventListener('error', (event) => trapped(event.error), { signal });
  self.addEventListener('unhandledrejection', (event) => trapped(event.reason), { signal });
  const client = await WasmClient.open(server, deviceName(navigator.userAgent), emit);
  self.addEventListener('online', () => void client.networkIsBack(), { signal });
  return {
    client: overWasm(client),
    close: async () => {
      listening.abort();
      await client.close();
    },
  };
}
