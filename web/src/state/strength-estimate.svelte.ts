import { isTooShort, type StrengthAnswer, type StrengthQuestion } from '../text/password';
import { STRENGTH_WORKER, trusted } from '../trusted-script';

/**
 * How hard the password that is being typed is to guess. What is known of passwords is a megabyte, and looking through it takes a moment:
 * a worker does that, from the first character that is typed until it is closed.
 */
export class StrengthEstimate {
  /** `undefined` while it is not known. */
  answer = $state.raw<StrengthAnswer>();

  #worker: Worker | undefined;
  /** What is to be known now. */
  #wanted: StrengthQuestion | undefined;
  /** What the worker was asked last; only the latest counts of what has come while it looked. */
  #asked: StrengthQuestion | undefined;
  #isLooking = false;

  look(question: StrengthQuestion): void {
    this.#wanted = isTooShort(question.password) ? undefined : question;
    if (!this.#wanted) this.answer = undefined;
    if (question.password !== '') this.#start();
    this.#ask();
  }

  /** Ends the worker, and with it all that it was told. */
  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): void {
    if (this.#worker || typeof Worker === 'undefined') return;
    try {
      this.#worker = new Worker(trusted(STRENGTH_WORKER), { type: 'module', name: 'password-strength' });
    } catch {
      // Where there is none, only the length is looked at.
      return;
    }
    this.#worker.onmessage = ({ data }: MessageEvent<StrengthAnswer>) => {
      this.#isLooking = false;
      if (this.#asked === this.#wanted) this.answer = data;
      this.#ask();
    };
  }

  #ask(): void {
    if (!this.#worker || this.#isLooking || !this.#wanted || this.#wanted === this.#asked) return;
    this.#isLooking = true;
    this.#asked = this.#wanted;
    this.#worker.postMessage(this.#asked);
  }
}
