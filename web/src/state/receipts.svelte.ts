import type { ChatId, Message, Receipt, Sotto, SottoEvent } from '@sotto/client';
import { reachOf, type Reach } from '../text/receipts';
import { Rereading } from './rereading';

/** How far the other members are with what is said in a chat. */
export class Receipts {
  list = $state.raw<readonly Receipt[]>([]);

  readonly #chat: ChatId;
  readonly #sotto: Promise<Sotto>;
  #unsubscribe: (() => void) | undefined;
  #closed = false;
  readonly #reading = new Rereading(() => this.#read());

  constructor(sotto: Promise<Sotto>, chat: ChatId) {
    this.#sotto = sotto;
    this.#chat = chat;
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

  /** How far a message that the server has is with everybody else. */
  reach(message: Message): Reach {
    return reachOf(message.position, this.list);
  }

  async #read(): Promise<void> {
    try {
      this.list = await (await this.#sotto).receipts(this.#chat);
    } catch {
      // What is shown stays right: nobody gets less far. The next event reads again.
    }
  }

  #receive(event: SottoEvent): void {
    switch (event.kind) {
      case 'receipts':
      // Its members may be others now, or their names known.
      case 'chat':
        if (event.chat === this.#chat) void this.#reading.run();
        return;
      // Whoever does not tell is not told either.
      case 'privacy':
      case 'reset':
        void this.#reading.run();
        return;
      case 'account':
      case 'blocked':
      case 'connection':
      case 'devices':
      case 'device-added':
      case 'draft':
      case 'identity-changed':
      case 'intent-failed':
      case 'join-requests':
      case 'message':
      case 'message-removed':
      case 'archive':
      case 'history':
      case 'notices':
      case 'presence':
      case 'starred':
      case 'store-failed':
      case 'transfer':
      case 'typing':
        return;
    }
  }
}
