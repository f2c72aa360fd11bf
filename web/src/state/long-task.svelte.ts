import { codeOf } from '../text/problems';

/** `stopping`: it was asked to stop, and has not yet. `stopped`: by whoever began it. */
export type Phase = 'none' | 'running' | 'stopping' | 'done' | 'failed' | 'stopped';

/**
 * Work of minutes that says how far it is, and can be stopped. It goes on whichever page is shown, and what came of it stays until it is
 * forgotten.
 */
export class LongTask<P, R> {
  phase = $state<Phase>('none');
  progress = $state.raw<P>();
  /** What came of it, once it is `done`. */
  result = $state.raw<R>();
  /** Why it has `failed`. */
  error = $state.raw<unknown>();
  /** It has ended, and nobody has looked since. */
  isNews = $state(false);

  readonly isRunning: boolean = $derived(this.phase === 'running' || this.phase === 'stopping');

  #stopping: AbortController | undefined;

  /** Does the work, unless it is under way. Never rejects. */
  async run(work: (onProgress: (progress: P) => void, signal: AbortSignal) => Promise<R>): Promise<void> {
    if (this.isRunning) return;
    this.forget();
    const stopping = new AbortController();
    this.#stopping = stopping;
    this.phase = 'running';
    /** It was not forgotten meanwhile. */
    const isWanted = () => this.#stopping === stopping;
    try {
      const result = await work((progress) => {
        if (isWanted() && this.isRunning) this.progress = progress;
      }, stopping.signal);
      if (!isWanted()) return;
      // Also if it was done before it could be stopped.
      this.result = result;
      this.phase = 'done';
    } catch (error) {
      if (!isWanted()) return;
      const isStopped = codeOf(error) === 'cancelled';
      this.error = isStopped ? undefined : error;
      this.phase = isStopped ? 'stopped' : 'failed';
    }
    this.progress = undefined;
    this.isNews = this.phase !== 'stopped';
  }

  /** Asks it to stop. */
  stop(): void {
    if (this.phase !== 'running') return;
    this.phase = 'stopping';
    this.#stopping?.abort();
  }

  /** Somebody has seen how it ended. */
  look(): void {
    this.isNews = false;
  }

  /** Forgets it and what came of it; if it is under way it is stopped, and nobody hears of it. */
  forget(): void {
    this.#stopping?.abort();
    this.#stopping = undefined;
    this.phase = 'none';
    this.progress = undefined;
    this.result = undefined;
    this.error = undefined;
    this.isNews = false;
  }
}
