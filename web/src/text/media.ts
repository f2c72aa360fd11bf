import type { FileInfo } from '@sotto/client';

/** How a file is shown. What is not known to be harmless is a `file`: it is saved, and never drawn, played or run. */
export type MediaKind = 'image' | 'video' | 'audio' | 'file';

/**
 * What browsers draw and play without running anything. No SVG (it is a document with scripts), no PDF (its viewers run scripts), and
 * nothing that is text.
 */
const KINDS: ReadonlyMap<string, MediaKind> = new Map([
  ['image/jpeg', 'image'],
  ['image/png', 'image'],
  ['image/webp', 'image'],
  ['image/gif', 'image'],
  ['video/mp4', 'video'],
  ['video/webm', 'video'],
  ['video/ogg', 'video'],
  ['video/quicktime', 'video'],
  ['audio/mp4', 'audio'],
  ['audio/webm', 'audio'],
  ['audio/ogg', 'audio'],
  ['audio/mpeg', 'audio'],
  ['audio/aac', 'audio'],
  ['audio/wav', 'audio'],
  ['audio/flac', 'audio'],
]);

/** What any other file is served as: browsers save it. */
export const OPAQUE = 'application/octet-stream';

/** A media type without its parameters, in small letters; other names of a type are the usual one. */
export function essence(mediaType: string): string {
  const bare = (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return ALIASES.get(bare) ?? bare;
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/m4a', 'audio/mp4'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/x-flac', 'audio/flac'],
  ['video/x-m4v', 'video/mp4'],
]);

/** How a file of this type is shown, whatever its sender says. */
export function mediaKind(mediaType: string): MediaKind {
  return KINDS.get(essence(mediaType)) ?? 'file';
}

/** As what a file is given to the browser: a type from the fixed list, or bytes. */
export function servedType(mediaType: string): string {
  const type = essence(mediaType);
  return KINDS.has(type) ? type : OPAQUE;
}

/** Whether it is shown as a picture or a video, among which one can go from one to the next. */
export function isVisual({ mediaType }: FileInfo): boolean {
  const kind = mediaKind(mediaType);
  return kind === 'image' || kind === 'video';
}

/** The largest file that is read into memory as one, in bytes. */
export const READ_BYTES = 64 * 1024 * 1024;
