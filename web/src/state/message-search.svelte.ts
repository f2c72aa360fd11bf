import type { FoundMessage, Sotto } from '@sotto/client';
import { explain } from '../text/problems';
import { searchQuery, type SearchAddress } from '../text/search-address';
import { PAUSE } from './search.svelte';

const PAGE = 30;

/** A search of the messages that this device has. */
export class MessageSearch {
  found = $state.raw<readonly FoundMessage[]>([]);
  /** Whether `found` is the answer to what is sought now; the last answer stays until the next one is here. */
  answered = $state(false);
  /** Whether a page is not full yet, as it is in a part of the history that was not read yet. */
  isLookingFurther = $state(false);
  next = $state<string>();
  problem = $state<string>();

  readonly #sotto: Promise<Sotto>;
  /** Counts what was sought: an answer that is overtaken is dropped. */
  #sought = 0;
  #address: SearchAddress | undefined;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  /** Seeks something else when the typing pauses. Returns what ends the wait. */
  seek(address: SearchAddress): () => void {
    this.#sought += 1;
    this.answered = false;
    this.isLookingFurther = false;
    this.#address = address;
    if (!searchQuery(address)) {
      this.found = [];
      this.next = undefined;
      this.problem = undefined;
      return () => undefined;
    }
    const timer = setTimeout(() => void this.#find(), PAUSE);
    return () => clearTimeout(timer);
  }

  /** Reads the next page. */
  more(): void {
    if (this.next !== undefined && !this.isLookingFurther) void this.#find(this.next);
  }

  async #find(before?: string): Promise<void> {
    const query = this.#address && searchQuery(this.#address);
    if (!query) return;
    const sought = this.#sought;
    let kept = before === undefined ? [] : this.found;
    const wanted = kept.length + PAGE;
    let next = before;
    try {
      // A page that is not full says how far it has looked: on from there, until it is, or there is nothing older.
      do {
        const page = await (await this.#sotto).search(query, wanted - kept.length, next);
        if (sought !== this.#sought) return;
        kept = [...kept, ...page.found];
        next = page.next;
        this.isLookingFurther = next !== undefined && kept.length < wanted;
        if (kept.length > 0 || !this.isLookingFurther) {
          this.found = kept;
          this.next = next;
          this.answered = true;
        }
        this.problem = undefined;
      } while (this.isLookingFurther);
    } catch (error) {
      if (sought !== this.#sought) return;
      this.isLookingFurther = false;
      this.problem = explain(error);
    }
  }
}
