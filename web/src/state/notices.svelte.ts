import type { Notice, Sotto } from '@sotto/client';
import { codeOf, explain } from '../text/problems';
import { Rereading } from './rereading';

const PAGE = 100;

/** What happened to this account, the latest first. */
export class Notices {
  list = $state.raw<readonly Notice[]>([]);
  loaded = $state(false);
  hasMore = $state(false);
  problem = $state<string>();

  /** How many nobody has looked at, of those that are held. */
  readonly count: number = $derived(this.list.filter(({ isNew }) => isNew).length);

  readonly #sotto: Promise<Sotto>;
  readonly #reading = new Rereading(() => this.#read());
  #wanted = PAGE;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    sotto.subscribe((event) => {
      if (event.kind === 'account') {
        this.list = [];
        this.loaded = false;
        this.#wanted = PAGE;
      }
      const isNews = event.kind === 'notices' || event.kind === 'reset' || event.kind === 'message-removed';
      if (isNews || (event.kind === 'account' && event.account)) void this.#reading.run();
      // What a notice shows of a message may say something else now.
      else if (event.kind === 'message' && this.#isAbout(event.message.id)) void this.#reading.run();
    });
    if (await sotto.account()) await this.#reading.run();
  }

  more(): void {
    this.#wanted += PAGE;
    void this.#reading.run();
  }

  /** All that there are were looked at. */
  async markSeen(): Promise<void> {
    try {
      await (await this.#sotto).markNoticesSeen();
    } catch (error) {
      this.problem = explain(error);
    }
  }

  #isAbout(message: string): boolean {
    return this.list.some(({ about }) => 'message' in about && about.message.id === message);
  }

  async #read(): Promise<void> {
    try {
      // One more says whether there are more.
      const read = await (await this.#sotto).notices(this.#wanted + 1);
      this.hasMore = read.length > this.#wanted;
      this.list = read.slice(0, this.#wanted);
      this.loaded = true;
      this.problem = undefined;
    } catch (error) {
      // Logging out overtakes a read that was under way.
      if (codeOf(error) !== 'unauthenticated') this.problem = explain(error);
    }
  }
}
