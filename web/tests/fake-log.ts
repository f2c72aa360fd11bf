import type { Message, MessageId } from '@sotto/client';

/** The messages of one chat, in the order of their positions: as cheap with 100,000 of them as with ten. */
export class FakeLog {
  readonly #messages: Message[] = [];
  readonly #byId = new Map<MessageId, Message>();

  get all(): readonly Message[] {
    return this.#messages;
  }

  get newest(): Message | undefined {
    return this.#messages.at(-1);
  }

  find(id: MessageId): Message | undefined {
    return this.#byId.get(id);
  }

  /** Adds a message, or puts it in the place of the one with its id. */
  put(message: Message): void {
    this.remove(message.id);
    this.#byId.set(message.id, message);
    // Of several at one position the latest put stands last.
    this.#messages.splice(this.#after(message.position), 0, message);
  }

  remove(id: MessageId): void {
    const message = this.#byId.get(id);
    if (!message) return;
    this.#byId.delete(id);
    let index = this.#after(message.position - 1);
    while (this.#messages[index]?.id !== id) index += 1;
    this.#messages.splice(index, 1);
  }

  /** The last messages before a position. */
  before(limit: number, position: number): Message[] {
    const end = this.#after(position - 1);
    return this.#messages.slice(Math.max(0, end - limit), end);
  }

  /** The first messages after a position. */
  after(limit: number, position: number): Message[] {
    const start = this.#after(position);
    return this.#messages.slice(start, start + limit);
  }

  /** How many stand at or before a position. */
  #after(position: number): number {
    let [low, high] = [0, this.#messages.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#messages[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
