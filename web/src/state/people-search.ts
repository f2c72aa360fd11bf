import type { FoundPerson } from '@sotto/client';
import type { App } from './app.svelte';
import { Search } from './search.svelte';

/** A search of people by name, everybody who is found among them: also oneself. */
export function searchOfPeople(app: App): Search<FoundPerson> {
  return new Search(async (query, after) => {
    const { people, next } = await (await app.sotto).searchPeople(query, after);
    return { found: people, next };
  });
}
