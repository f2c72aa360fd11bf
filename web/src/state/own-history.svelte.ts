import type { Exported, ExportOptions, ExportProgress, Imported, ImportProgress, Sotto } from '@sotto/client';
import { LongTask } from './long-task.svelte';

/**
 * The account's history as files: how it is exported, and brought back. Both go on whichever page is shown, until they end, are stopped, or
 * somebody logs out. No passphrase is kept here.
 */
export class OwnHistory {
  readonly exporting = new LongTask<ExportProgress, Exported>();
  readonly importing = new LongTask<ImportProgress, Imported>();

  readonly isBusy: boolean = $derived(this.exporting.isRunning || this.importing.isRunning);

  readonly #sotto: Promise<Sotto>;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    (await this.#sotto).subscribe(({ kind }) => {
      // An export that nobody has saved is what was said here.
      if (kind === 'account') this.#forget();
      if (kind === 'reset') void this.#forgetIfLoggedOut();
    });
  }

  export(options: ExportOptions): Promise<void> {
    return this.exporting.run(async (onProgress, signal) =>
      (await this.#sotto).exportHistory(options, onProgress, signal),
    );
  }

  import(file: Blob, passphrase: string): Promise<void> {
    return this.importing.run(async (onProgress, signal) =>
      (await this.#sotto).importHistory(file, passphrase, onProgress, signal),
    );
  }

  /** Lets the browser ask before this tab is closed, until the returned function is called. */
  keepOpen(): () => void {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }

  /** Somebody who has seen how they ended goes on to something else. An export stays until it is saved. */
  leave(): void {
    for (const task of [this.exporting, this.importing]) {
      if (!task.isNews && (task.phase === 'failed' || task.phase === 'stopped')) task.forget();
    }
    if (!this.importing.isNews && this.importing.phase === 'done') this.importing.forget();
  }

  /** That somebody has logged out may be among what was missed. */
  async #forgetIfLoggedOut(): Promise<void> {
    try {
      if ((await (await this.#sotto).account()) === null) this.#forget();
    } catch {
      // The client has stopped: the session says so.
    }
  }

  #forget(): void {
    this.exporting.forget();
    this.importing.forget();
  }
}
