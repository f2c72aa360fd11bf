import type { Message, Sotto } from '@sotto/client';
import { explain } from '../text/problems';
import { Rereading } from './rereading';

const PAGE = 50;

/** The messages that this account has starred, the latest first. */
export class Starred {
  list = $state.raw<readonly Message[]>([]);
  loaded = $state(false);
  hasMore = $state(false);
  problem = $state<string>();

  readonly #sotto: Promise<Sotto>;
  readonly #reading = new Rereading(() => this.#read());
  #wanted = PAGE;
  #unsubscribe: (() => void) | undefined;
  #closed = false;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    if (this.#closed) return;
    this.#unsubscribe = sotto.subscribe((event) => {
      const isShown = (id: string): boolean => this.list.some((message) => message.id === id);
      const isNews =
        event.kind === 'starred' ||
        event.kind === 'reset' ||
        (event.kind === 'message' && isShown(event.message.id)) ||
        (event.kind === 'message-removed' && isShown(event.message));
      if (isNews) void this.#reading.run();
    });
    await this.#reading.run();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
  }

  more(): void {
    this.#wanted += PAGE;
    void this.#reading.run();
  }

  async unstar({ chat, id }: Message): Promise<void> {
    try {
      await (await this.#sotto).star(chat, id, false);
    } catch (error) {
      this.problem = explain(error);
    }
  }

  async #read(): Promise<void> {
    try {
      // One more says whether there are more.
      const read = await (await this.#sotto).starred(this.#wanted + 1, 0);
      this.hasMore = read.length > this.#wanted;
      this.list = read.slice(0, this.#wanted);
      this.loaded = true;
      this.problem = undefined;
    } catch (error) {
      this.problem = explain(error);
    }
  }
}
