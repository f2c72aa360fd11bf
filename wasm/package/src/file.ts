import type { ChatId, MessageId } from './api.js';

/** What the sender says of a file. Only its `size` is held against what the server has. */
export interface FileInfo {
  /** 1 to 255 bytes of UTF-8, without control characters and slashes of either kind. */
  name: string;
  /** Trusted for nothing but how the file is shown: whatever is not known to be harmless is saved, not drawn. */
  mediaType: string;
  /** Bytes of the content. */
  size: number;
  /** Pixels, of an image or a video; so is `height`. */
  width?: number;
  height?: number;
  /** Milliseconds, of a video, a sound or a voice note. */
  duration?: number;
  isVoice?: boolean;
  /** Of a voice note: 64 levels, 0 to 255. */
  waveform?: Uint8Array;
  /** A JPEG or WebP of at most 24 KiB and 480 pixels a side. */
  thumbnail?: Uint8Array;
}

/** A file to be sent, with what `FileInfo` says of it. */
export interface NewFile extends Omit<FileInfo, 'size'> {
  content: Blob;
  caption?: string;
}

/** What the server takes of this account. */
export interface FileLimits {
  /** Of one file. */
  fileBytes: number;
  /** Of all files of the account. */
  quotaBytes: number;
  usedBytes: number;
}

/** How far a file is on its way. */
export interface Transfer {
  chat: ChatId;
  message: MessageId;
  direction: 'up' | 'down';
  /** Bytes; so is `total`. */
  done: number;
  total: number;
  /** `waiting`: for the connection; it goes on by itself. `needs-file`: see `resumeFile`. */
  state: 'active' | 'waiting' | 'needs-file' | 'done' | 'failed';
  /** Why, if it `failed`: a problem code. */
  problem?: string;
}
