import type { Account, AccountId, ChatId, Sotto, SottoEvent } from '@sotto/client';
import { Rereading } from './rereading';

/** The members of a group whose identity key is not the one known before. */
export class DoubtedMembers {
  list = $state.raw<readonly Account[]>([]);

  readonly #group: ChatId;
  readonly #sotto: Promise<Sotto>;
  #unsubscribe: (() => void) | undefined;
  #closed = false;
  readonly #reading = new Rereading(() => this.#read());

  constructor(sotto: Promise<Sotto>, group: ChatId) {
    this.#sotto = sotto;
    this.#group = group;
  }

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    if (this.#closed) return;
    this.#unsubscribe = sotto.subscribe((event) => this.#receive(event));
    await this.#reading.run();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
  }

  async accept(account: AccountId): Promise<void> {
    await (await this.#sotto).acceptIdentity(account);
    await this.#reading.run();
  }

  async #read(): Promise<void> {
    try {
      this.list = (await (await this.#sotto).group(this.#group)).doubted;
    } catch {
      // Not a group of this account: its page says so.
    }
  }

  #receive(event: SottoEvent): void {
    if (event.kind === 'identity-changed' || event.kind === 'reset') void this.#reading.run();
    else if (event.kind === 'chat' && event.chat === this.#group) void this.#reading.run();
  }
}
