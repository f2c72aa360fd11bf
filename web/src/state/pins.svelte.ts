import type { ChatId, Message, MessageId, Sotto, SottoEvent } from '@sotto/client';
import { Rereading } from './rereading';

/** The messages that are shown above the others in a chat. */
export class Pins {
  /** The latest pinned last. */
  list = $state.raw<readonly Message[]>([]);

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

  has(message: MessageId): boolean {
    return this.list.some(({ id }) => id === message);
  }

  async #read(): Promise<void> {
    try {
      this.list = await (await this.#sotto).pinned(this.#chat);
    } catch {
      // What is shown stays; the next event reads again.
    }
  }

  #receive(event: SottoEvent): void {
    switch (event.kind) {
      case 'chat':
        if (event.chat === this.#chat) void this.#reading.run();
        return;
      case 'message':
        if (this.has(event.message.id)) void this.#reading.run();
        return;
      case 'message-removed':
        if (this.has(event.message)) void this.#reading.run();
        return;
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
      case 'archive':
      case 'history':
      case 'notices':
      case 'presence':
      case 'privacy':
      case 'receipts':
      case 'starred':
      case 'store-failed':
      case 'transfer':
      case 'typing':
        return;
    }
  }
}
