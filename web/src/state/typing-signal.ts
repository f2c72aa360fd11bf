/** It is told once in this time, in milliseconds: often enough for others to go on showing it. */
const REPEAT = 4000;

/** Tells that something is being typed: not with every key, and not for an empty field. */
export class TypingSignal {
  readonly #tell: (isTyping: boolean) => void;
  #toldAt: number | undefined;

  constructor(tell: (isTyping: boolean) => void) {
    this.#tell = tell;
  }

  /** The text was changed by hand. */
  changed(text: string): void {
    if (text.trim() === '') {
      this.end();
      return;
    }
    const now = Date.now();
    if (this.#toldAt !== undefined && now - this.#toldAt < REPEAT) return;
    this.#toldAt = now;
    this.#tell(true);
  }

  /** Nothing is being typed any more. */
  end(): void {
    if (this.#toldAt === undefined) return;
    this.#toldAt = undefined;
    this.#tell(false);
  }
}
