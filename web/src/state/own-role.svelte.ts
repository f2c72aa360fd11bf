import type { ChatId, Role, Sotto } from '@sotto/client';
import { Rereading } from './rereading';

/** The role that this account has in a group. */
export class OwnRole {
  /** `undefined` while it is not known, and if this account is no member. */
  current = $state.raw<Role>();
  readonly holdsOffice: boolean = $derived(this.current === 'owner' || this.current === 'admin');

  readonly #sotto: Promise<Sotto>;
  readonly #group: ChatId;
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
    this.#unsubscribe = sotto.subscribe((event) => {
      const isChange =
        (event.kind === 'chat' && event.chat === this.#group) ||
        (event.kind === 'message' &&
          event.message.chat === this.#group &&
          event.message.body.kind === 'group-changes') ||
        event.kind === 'reset';
      if (isChange) void this.#reading.run();
    });
    await this.#reading.run();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
  }

  async #read(): Promise<void> {
    try {
      this.current = (await (await this.#sotto).group(this.#group)).ownRole;
    } catch {
      // There is no such group, or this account was logged out: nothing is offered that an office holder can do.
      this.current = undefined;
    }
  }
}
