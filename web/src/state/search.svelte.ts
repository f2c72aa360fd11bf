import { explain } from '../text/problems';

/** How long to wait for the next key before searching, in milliseconds. */
export const PAUSE = 180;

export interface Page<T> {
  readonly found: readonly T[];
  readonly next?: string | undefined;
}

/** A search while one types. */
export class Search<T> {
  query = $state('');
  /** What `found` is the answer to; the last answer stays until the next one is here. */
  answered = $state('');
  found = $state.raw<readonly T[]>([]);
  next = $state<string>();
  problem = $state<string>();

  readonly wanted: string = $derived(this.query.trim());
  readonly #read: (query: string, after?: string) => Promise<Page<T>>;

  constructor(read: (query: string, after?: string) => Promise<Page<T>>) {
    this.#read = read;
  }

  /** Searches when the typing pauses: for an effect, which runs it again with every key. */
  watch(): (() => void) | undefined {
    const search = this.wanted;
    if (search === '') {
      this.found = [];
      this.answered = '';
      this.next = undefined;
      this.problem = undefined;
      return undefined;
    }
    const timer = setTimeout(() => void this.#find(search), PAUSE);
    return () => clearTimeout(timer);
  }

  /** Searches without waiting. */
  now(): void {
    if (this.wanted !== '') void this.#find(this.wanted);
  }

  /** Reads the next page. */
  more(): void {
    if (this.next !== undefined) void this.#find(this.answered, this.next);
  }

  clear(): void {
    this.query = '';
  }

  async #find(search: string, after?: string): Promise<void> {
    try {
      const page = await this.#read(search, after);
      if (search !== this.wanted) return;
      this.found = after === undefined ? page.found : [...this.found, ...page.found];
      this.next = page.next;
      this.answered = search;
      this.problem = undefined;
    } catch (error) {
      if (search === this.wanted) this.problem = explain(error);
    }
  }
}
