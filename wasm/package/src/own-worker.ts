import type { SottoErrorShape } from './api.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

/** Crashes within this time count together. */
const crashWindow = 60_000;
/** After so many crashes within the window, the worker is not started again. */
const crashesTolerated = 3;

export interface OwnWorkerOptions {
  create: () => Worker;
  module: string;
  server: string;
  newId: () => string;
  /** The worker with this id ended by itself. */
  onEnd: (id: string) => void;
  /** The worker cannot do its work, and was not started again. */
  onFailure: (error: SottoErrorShape) => void;
  now: () => number;
}

/** The page's own worker: a candidate for the lead for as long as the page is alive and awake. */
export class OwnWorker {
  readonly #options: OwnWorkerOptions;
  #worker: Worker | undefined;
  #crashes: number[] = [];

  constructor(options: OwnWorkerOptions) {
    this.#options = options;
  }

  /** Starts the worker unless it runs. */
  start(): void {
    if (this.#worker) return;
    const id = this.#options.newId();
    let worker: Worker;
    try {
      worker = this.#options.create();
    } catch {
      this.#options.onFailure({ code: 'unsupported', message: 'the worker was refused' });
      return;
    }
    this.#worker = worker;
    worker.onmessage = (message: MessageEvent<FromWorker>) => this.#ended(worker, id, message.data);
    // Fires when the script cannot be loaded. What goes wrong inside it later, it reports itself.
    worker.onerror = (event) => {
      event.preventDefault();
      if (event.message) return;
      this.#ended(worker, id, { kind: 'failed', error: { code: 'not-loaded', message: 'the worker did not load' } });
    };
    const { module, server } = this.#options;
    worker.postMessage({ kind: 'start', id, module, server } satisfies ToWorker);
  }

  /** Ends the worker at once. Its lock is free then; what it had stored is whole, because every write is atomic. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #ended(worker: Worker, id: string, { kind, error }: FromWorker): void {
    if (worker !== this.#worker) return;
    this.stop();
    this.#options.onEnd(id);
    if (kind === 'crashed' && this.#mayRestart()) this.start();
    else this.#options.onFailure(error);
  }

  #mayRestart(): boolean {
    const now = this.#options.now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < crashWindow), now];
    return this.#crashes.length <= crashesTolerated;
  }
}
