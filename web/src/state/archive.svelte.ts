import type { ArchiveStatus, Sotto } from '@sotto/client';
import { Rereading } from './rereading';

/** How the archive of this account's history stands. */
export class Archive {
  status = $state.raw<ArchiveStatus>({ waiting: 0, faulty: [] });

  readonly #sotto: Promise<Sotto>;
  readonly #reading = new Rereading(() => this.#read());

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    sotto.subscribe(({ kind }) => {
      const isNews = kind === 'archive' || kind === 'account' || kind === 'connection' || kind === 'reset';
      // What is shown stays; the next event reads again.
      if (isNews) this.#reading.run().catch(() => undefined);
    });
    await this.#reading.run();
  }

  /** The user has seen what is wrong. */
  async acknowledge(): Promise<void> {
    await (await this.#sotto).acknowledgeArchiveFaults();
  }

  async #read(): Promise<void> {
    this.status = await (await this.#sotto).archiveStatus();
  }
}
