/**
 * Reads what can change while it is being read: however often it is asked for meanwhile, it is read once more, and of two
 * answers the older never overwrites the newer.
 */
export class Rereading {
  readonly #read: () => Promise<void>;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(read: () => Promise<void>) {
    this.#read = read;
  }

  /** Reads. Afterwards what was read is as it was when this was called, or newer. Fails as the reading does. */
  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#readUntilNew();
    return this.#running;
  }

  async #readUntilNew(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#read();
      }
    } finally {
      // In the same turn in which the loop ends: whoever asks in the next one begins another.
      this.#running = undefined;
    }
  }
}
