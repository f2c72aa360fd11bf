import type { ChatId, CommunityId, PublicGroup, Sotto } from '@sotto/client';
import { codeOf, explain } from '../text/problems';

/** The broadcast of a community, or of the whole server: in which group a few write to everyone. */
export class Broadcast {
  /** `null`: there is none. */
  group = $state.raw<PublicGroup | null>();
  problem = $state<string>();

  readonly #sotto: Promise<Sotto>;
  readonly #community: CommunityId | undefined;

  constructor(sotto: Promise<Sotto>, community: CommunityId | undefined) {
    this.#sotto = sotto;
    this.#community = community;
  }

  async read(): Promise<void> {
    try {
      this.group = (await (await this.#sotto).broadcast(this.#community)).group ?? null;
      this.problem = undefined;
    } catch (error) {
      // Logging out overtakes a read that was under way.
      if (codeOf(error) !== 'unauthenticated') this.problem = explain(error);
    }
  }

  /** Begins one in the place of the one before, and returns where one writes. Throws what went wrong. */
  async start(title: string, description: string): Promise<ChatId> {
    return await (await this.#sotto).startBroadcast(this.#community, title, description);
  }

  /** Throws what went wrong. */
  async stop(): Promise<void> {
    await (await this.#sotto).stopBroadcast(this.#community);
    this.group = null;
  }
}
