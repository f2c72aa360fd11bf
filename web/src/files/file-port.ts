import type { ChatId, MessageId } from '@sotto/client';

/**
 * How the service worker asks a tab for a file. It has no keys and no client: it gives a tab one end of a `MessageChannel`, the tab says
 * what the file is, and then gives it pieces as they are asked for, one at a time.
 */
export interface FileAsked {
  readonly kind: 'file';
  readonly chat: ChatId;
  readonly message: MessageId;
}

/** What a tab says first: what the file is, or that it does not have it. */
export type FileAnswer =
  | { readonly kind: 'file'; readonly name: string; readonly mediaType: string; readonly size: number }
  | { readonly kind: 'none' };

/** What the service worker wants next. */
export type PieceAsked =
  { readonly kind: 'piece'; readonly start: number; readonly end: number } | { readonly kind: 'end' };

/** What a tab answers to each piece. */
export type PieceAnswer = { readonly kind: 'piece'; readonly bytes: ArrayBuffer } | { readonly kind: 'failed' };

/**
 * What a tab tells the service worker while it gives it a file: browsers end a service worker that has heard nothing for 30 seconds,
 * whatever it still writes.
 */
export interface Awake {
  readonly kind: 'awake';
}
