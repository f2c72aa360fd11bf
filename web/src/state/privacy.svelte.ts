import type { Privacy, Sotto } from '@sotto/client';
import { codeOf, explain } from '../text/problems';
import { Rereading } from './rereading';

/** What this account tells others, kept up to date while it is shown. What is changed shows at once, and is saved at once. */
export class PrivacySettings {
  /** `undefined` until it was read. */
  current = $state.raw<Privacy>();
  problem = $state<string>();

  readonly #sotto: Promise<Sotto>;
  #unsubscribe: (() => void) | undefined;
  #closed = false;
  #saving = 0;
  readonly #reading = new Rereading(() => this.#read());

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    try {
      const sotto = await this.#sotto;
      if (this.#closed) return;
      this.#unsubscribe = sotto.subscribe((event) => {
        if (event.kind === 'privacy' || event.kind === 'reset') void this.#reading.run();
      });
      await this.#reading.run();
    } catch (error) {
      this.problem = explain(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
  }

  async set(key: keyof Privacy, tells: boolean): Promise<void> {
    if (!this.current) return;
    this.problem = undefined;
    const next = { ...this.current, [key]: tells };
    this.current = next;
    this.#saving += 1;
    try {
      await (await this.#sotto).setPrivacy(next);
    } catch (error) {
      this.problem = explain(error);
    } finally {
      this.#saving -= 1;
    }
    // As it was if it could not be saved.
    await this.#reading.run();
  }

  async #read(): Promise<void> {
    try {
      const privacy = await (await this.#sotto).privacy();
      // What was chosen meanwhile is newer; it is read again when it is saved.
      if (this.#saving === 0) this.current = privacy;
    } catch (error) {
      // Logging out overtakes a read that was under way.
      if (codeOf(error) !== 'unauthenticated') this.problem = explain(error);
    }
  }
}
