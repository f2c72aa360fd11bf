import type { Message, MessageId } from '@sotto/client';
import { servedType } from '../text/media';

/** Bytes of files that are kept in memory although nothing shows them now. */
const IDLE_BYTES = 64 * 1024 * 1024;

interface Entry {
  readonly size: number;
  readonly address: Promise<string>;
  holders: number;
}

/** A file that is shown somewhere. */
export interface Held {
  readonly address: Promise<string>;
  /** It is not shown there any more. */
  release(): void;
}

/**
 * Files that were read into memory, as addresses that an `img` or a player takes. Each is read once while something shows it, and the ones
 * that were shown last stay for a while.
 */
export class Addresses {
  readonly #read: (message: Message) => Promise<Blob>;
  /** The one that was shown last is the last. */
  readonly #entries = new Map<MessageId, Entry>();

  constructor(read: (message: Message) => Promise<Blob>) {
    this.#read = read;
  }

  hold(message: Message): Held {
    const entry = this.#entries.get(message.id) ?? this.#begin(message);
    entry.holders += 1;
    let isHeld = true;
    return {
      address: entry.address,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        entry.holders -= 1;
        this.#tidy();
      },
    };
  }

  /** A message's file is not to be shown any longer. */
  forget(message: MessageId): void {
    const entry = this.#entries.get(message);
    if (entry) this.#drop(message, entry);
  }

  forgetAll(): void {
    for (const [message, entry] of this.#entries) this.#drop(message, entry);
  }

  #begin(message: Message): Entry {
    const { body } = message;
    if (body.kind !== 'file') throw new TypeError('the message has no file');
    const { mediaType, size } = body.file;
    const entry: Entry = {
      size,
      // The type decides what the browser takes it for: never what its sender says.
      address: this.#read(message).then((blob) => URL.createObjectURL(blob.slice(0, blob.size, servedType(mediaType)))),
      holders: 0,
    };
    // Asked for again the next time that it is to be shown.
    entry.address.catch(() => this.#entries.get(message.id) === entry && this.#entries.delete(message.id));
    this.#entries.set(message.id, entry);
    return entry;
  }

  #tidy(): void {
    const idle = [...this.#entries].filter(([, { holders }]) => holders === 0);
    let bytes = idle.reduce((sum, [, { size }]) => sum + size, 0);
    for (const [message, entry] of idle) {
      if (bytes <= IDLE_BYTES) return;
      bytes -= entry.size;
      this.#drop(message, entry);
    }
  }

  #drop(message: MessageId, entry: Entry): void {
    this.#entries.delete(message);
    entry.address.then((address) => URL.revokeObjectURL(address)).catch(() => undefined);
  }
}
