import type { ArchiveStatus, ChatId, FaultyArchive } from '@sotto/client';
import { FakeNotices } from './fake-notices';

/** The archive of the fake client's account. */
export abstract class FakeArchive extends FakeNotices {
  #status: ArchiveStatus = { waiting: 0, faulty: [] };

  /** History is being read, or is no more. */
  restores(restoration: ArchiveStatus['restoration']): void {
    const { restoration: _, ...rest } = this.#status;
    this.#status = restoration ? { ...rest, restoration } : rest;
    this.emit({ kind: 'archive' });
  }

  /** Earlier messages of a chat are there. */
  brings(chat: ChatId): void {
    this.emit({ kind: 'history', chat });
  }

  /** The server shows an archive that is not as it should be. */
  finds(faulty: FaultyArchive): void {
    this.#status = { ...this.#status, faulty: [...this.#status.faulty, faulty] };
    this.emit({ kind: 'archive' });
  }

  async archiveNow(): Promise<void> {
    this.called('archiveNow');
  }

  async archiveStatus(): Promise<ArchiveStatus> {
    return this.#status;
  }

  async acknowledgeArchiveFaults(): Promise<void> {
    this.called('acknowledgeArchiveFaults');
    this.#status = { ...this.#status, faulty: [] };
    this.emit({ kind: 'archive' });
  }
}
