import type { SottoErrorShape } from './api.js';

/** What a page tells its own worker. */
export interface ToWorker {
  kind: 'start';
  /** Names the worker as a leader, for as long as it lives. */
  id: string;
  /** Where the compiled module is. The page knows it: its bundler gave the file its name. */
  module: string;
  /** The server's origin. */
  server: string;
}

/** What a worker tells its own page: that it cannot lead, or leads no more. It has let go of the lock. */
export interface FromWorker {
  kind: 'failed' | 'crashed';
  error: SottoErrorShape;
}
