import { SvelteMap } from 'svelte/reactivity';
import type { Account, AccountId, ChatId, Sotto, SottoEvent } from '@sotto/client';

const NOBODY: readonly Account[] = [];

/** Who types in which chat, as the client says: it also says when somebody has ceased to without a word. */
export class Typing {
  readonly #people = new SvelteMap<ChatId, readonly Account[]>();
  readonly #sotto: Promise<Sotto>;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    (await this.#sotto).subscribe((event) => this.#receive(event));
  }

  /** Who types in a chat, in the order in which they began. */
  in(chat: ChatId): readonly Account[] {
    return this.#people.get(chat) ?? NOBODY;
  }

  #receive(event: SottoEvent): void {
    switch (event.kind) {
      case 'typing':
        if (event.isTyping) this.#begins(event.chat, event.who);
        else this.#ends(event.chat, event.who.account);
        return;
      case 'message':
        // It is what was being typed. That its sender types no more may have been lost on the way.
        this.#ends(event.message.chat, event.message.from.account);
        return;
      case 'account':
      case 'reset':
        // That they cease is told by a client that has heard them begin.
        this.#people.clear();
        return;
      case 'blocked':
      case 'chat':
      case 'connection':
      case 'devices':
      case 'device-added':
      case 'draft':
      case 'identity-changed':
      case 'intent-failed':
      case 'join-requests':
      case 'message-removed':
      case 'archive':
      case 'history':
      case 'notices':
      case 'presence':
      case 'privacy':
      case 'receipts':
      case 'starred':
      case 'store-failed':
      case 'transfer':
        return;
    }
  }

  #begins(chat: ChatId, who: Account): void {
    const people = this.in(chat);
    const known = people.find(({ account }) => account === who.account);
    if (known?.name === who.name) return;
    this.#people.set(chat, known ? people.map((other) => (other === known ? who : other)) : [...people, who]);
  }

  #ends(chat: ChatId, account: AccountId): void {
    const people = this.in(chat);
    const left = people.filter((other) => other.account !== account);
    if (left.length === people.length) return;
    if (left.length > 0) this.#people.set(chat, left);
    else this.#people.delete(chat);
  }
}
