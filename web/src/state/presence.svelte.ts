import type { AccountId, Presence, Sotto } from '@sotto/client';
import { Rereading } from './rereading';

/** How often they are asked anew, in milliseconds: whoever was not there to be asked tells nothing when they come. */
const ASK_AGAIN = 60_000;

/** Whether somebody is there, kept up to date while it is shown. */
export class PresenceOf {
  current = $state.raw<Presence>({ kind: 'unknown' });

  readonly #account: AccountId;
  readonly #sotto: Promise<Sotto>;
  #unsubscribe: (() => void) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed = false;
  readonly #reading = new Rereading(() => this.#read());

  constructor(sotto: Promise<Sotto>, account: AccountId) {
    this.#sotto = sotto;
    this.#account = account;
  }

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    if (this.#closed) return;
    this.#unsubscribe = sotto.subscribe((event) => {
      const isNews = event.kind === 'presence' && event.account === this.#account;
      // Without a connection nobody knows who is there; and whoever does not tell is not told either.
      if (isNews || event.kind === 'connection' || event.kind === 'privacy' || event.kind === 'reset') {
        void this.#reading.run();
      }
    });
    this.#timer = setInterval(() => void this.#reading.run(), ASK_AGAIN);
    await this.#reading.run();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
    clearInterval(this.#timer);
  }

  async #read(): Promise<void> {
    try {
      this.current = await (await this.#sotto).presence(this.#account);
    } catch {
      this.current = { kind: 'unknown' };
    }
  }
}
