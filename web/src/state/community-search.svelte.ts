import type { CommunityQuery, ListedCommunity, Location, Sotto } from '@sotto/client';
import { NEAR_KM } from '../text/community';
import { Paged } from './paged.svelte';

/** Communities that a text fits, of a topic, or near somebody; all of them, if nothing is sought. */
export class CommunitySearch {
  text = $state('');
  /** Empty for any. */
  topic = $state('');
  near = $state.raw<Location>();

  readonly query: CommunityQuery = $derived.by(() => {
    const text = this.text.trim();
    return {
      ...(text && { text }),
      ...(this.topic && { topic: this.topic }),
      ...(this.near && { near: this.near, withinKm: NEAR_KM }),
    };
  });
  readonly isNarrowed: boolean = $derived(Object.keys(this.query).length > 0);
  readonly found: Paged<ListedCommunity, string>;

  constructor(sotto: Promise<Sotto>) {
    this.found = new Paged(async (after) => {
      const { communities, next } = await (await sotto).searchCommunities(this.query, after);
      return { items: communities, next };
    });
  }

  /** Searches anew: for an effect, which runs it again with every change. */
  watch(): (() => void) | undefined {
    return this.found.seek(this.query.text ?? '');
  }
}
