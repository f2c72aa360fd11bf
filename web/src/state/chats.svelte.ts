import type { ChatSummary, Sotto } from '@sotto/client';
import { codeOf, explain } from '../text/problems';

/** The chats of the account, the latest active first, as the local store has them. */
export class Chats {
  list = $state.raw<readonly ChatSummary[]>([]);
  /** Whether `list` is what the store has: an empty list before that means nothing. */
  loaded = $state(false);
  problem = $state<string>();

  readonly unread: number = $derived(this.list.reduce((sum, chat) => sum + chat.unread, 0));

  readonly #sotto: Promise<Sotto>;
  #reading = false;
  #again = false;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    sotto.subscribe((event) => {
      switch (event.kind) {
        case 'account':
          if (event.account === null) {
            this.list = [];
            this.loaded = false;
          } else {
            this.#refresh();
          }
          return;
        case 'chat':
        case 'message':
        case 'identity-changed':
        case 'reset':
          this.#refresh();
          return;
        case 'connection':
        case 'store-failed':
          return;
      }
    });
    if (await sotto.account()) await this.read();
  }

  #refresh(): void {
    this.read().catch((error: unknown) => {
      // Logging out overtakes a read that was under way.
      if (codeOf(error) !== 'unauthenticated') this.problem = explain(error);
    });
  }

  withName(name: string): ChatSummary | undefined {
    return this.list.find((chat) => chat.with.name === name);
  }

  /** Reads the list. However many changes arrive while it is being read, it is read once more. */
  async read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      const sotto = await this.#sotto;
      do {
        this.#again = false;
        this.list = await sotto.chats();
        this.loaded = true;
        this.problem = undefined;
      } while (this.#again);
    } finally {
      this.#reading = false;
    }
  }
}
