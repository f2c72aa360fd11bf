import type { ExportFormat } from './history.js';

/** So many parts are made one: the browser moves what is large from memory to the disk. */
const partsTogether = 64;

/** A file that grows by parts. */
export class GrowingFile {
  #parts: BlobPart[] = [];

  /** Appends these bytes. */
  readonly write = (part: Uint8Array<ArrayBuffer>): void => {
    this.#parts.push(part);
    if (this.#parts.length >= partsTogether) this.#parts = [new Blob(this.#parts)];
  };

  /** All of it. */
  whole(type: string): Blob {
    return new Blob(this.#parts, { type });
  }
}

/** What a browser and a system take the file for. */
export const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  encrypted: 'application/octet-stream',
  readable: 'application/zip',
};

/** What to call an export, by its day where the reader is. */
export function exportName(account: string, format: ExportFormat, now: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `sotto-${account}-${day}.${format === 'encrypted' ? 'sotto' : 'zip'}`;
}
