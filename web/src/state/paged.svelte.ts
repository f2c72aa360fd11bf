import { untrack } from 'svelte';
import { explain } from '../text/problems';
import { PAUSE } from './search.svelte';

export interface PageOf<T, P> {
  readonly items: readonly T[];
  /** Where the next page begins, if there is one. */
  readonly next?: P | undefined;
}

/** A list that is read page by page. */
export class Paged<T, P> {
  items = $state.raw<readonly T[]>();
  next = $state.raw<P>();
  problem = $state<string>();
  isReading = $state(false);

  readonly #read: (after: P | undefined) => Promise<PageOf<T, P>>;
  #run = 0;

  constructor(read: (after: P | undefined) => Promise<PageOf<T, P>>) {
    this.#read = read;
  }

  /** Reads it from its beginning. */
  read(): Promise<void> {
    return this.#page(undefined);
  }

  /** Reads it when the typing pauses, and at once where nothing is typed: for an effect, which runs it again with every change. */
  seek(text: string): (() => void) | undefined {
    if (text.trim() === '') return untrack(() => void this.read());
    const timer = setTimeout(() => void this.read(), PAUSE);
    return () => clearTimeout(timer);
  }

  async more(): Promise<void> {
    if (this.next !== undefined) await this.#page(this.next);
  }

  async #page(after: P | undefined): Promise<void> {
    const run = ++this.#run;
    this.isReading = true;
    try {
      const { items, next } = await this.#read(after);
      // What was asked for later is shown.
      if (run !== this.#run) return;
      this.items = after === undefined ? items : [...(this.items ?? []), ...items];
      this.next = next;
      this.problem = undefined;
    } catch (error) {
      if (run === this.#run) this.problem = explain(error);
    } finally {
      if (run === this.#run) this.isReading = false;
    }
  }
}
