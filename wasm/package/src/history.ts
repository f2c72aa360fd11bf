/** What an export is written as: a file that only Sotto opens, or one that people and programs can read. */
export type ExportFormat = 'encrypted' | 'readable';

export interface ExportOptions {
  format: ExportFormat;
  /** For `encrypted`: what opens it. 12 characters at least, and 1024 bytes at most. */
  passphrase?: string;
  /** For `readable`: whether the files that were sent and received come along. */
  withFiles?: boolean;
}

/** `totalMessages` is how many there are at most: how many exactly is known at the end. */
export interface ExportProgress {
  messages: number;
  totalMessages: number;
  files: number;
  totalFiles: number;
}

export interface Exported {
  /** The export. */
  file: Blob;
  /** What to call it: `sotto-alice-2026-11-23.sotto` (encrypted) or `.zip` (readable). */
  name: string;
  chats: number;
  messages: number;
  files: number;
  /** Files that could not be fetched: they are named in it, without content. */
  missingFiles: number;
  /** `false` while history is still coming in from the archive. */
  isComplete: boolean;
}

export interface ImportProgress {
  bytes: number;
  totalBytes: number;
}

/** `messages`: those that were not here before. */
export interface Imported {
  chats: number;
  messages: number;
  known: number;
}
