import type { FileInfo } from '@sotto/client';
import { byteLength } from './message';
import { mediaKind } from './media';

/** Bytes of UTF-8 that a file's name may have. */
const NAME_BYTES = 255;
/** Bytes of UTF-8 that a caption may have. */
export const CAPTION_BYTES = 4096;

// Characters that turn the direction of what follows make `cod.exe` out of `exe.doc`.
const TURNING = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const FORBIDDEN = /[\u0000-\u001F\u007F-\u009F/\\\u2028\u2029]/gu;

/** A file's name as it is shown and saved: nothing in it can pretend to be another one. */
export function shownName(name: string): string {
  return name.toWellFormed().replace(TURNING, '').replace(FORBIDDEN, '_') || 'file';
}

/** A name that can be sent: what is not allowed is left out, and if it is too long its end, the extension, stays. */
export function sendableName(name: string): string {
  const clean = shownName(name).normalize('NFC');
  if (byteLength(clean) <= NAME_BYTES) return clean;
  const extension = /\.[^.]{1,16}$/u.exec(clean)?.[0] ?? '';
  let stem = clean.slice(0, clean.length - extension.length);
  while (byteLength(stem + extension) > NAME_BYTES) stem = [...stem].slice(0, -1).join('');
  return stem + extension;
}

/** The name with another extension. */
export function withExtension(name: string, extension: string): string {
  return `${name.replace(/\.[^.]{1,16}$/u, '') || 'image'}.${extension}`;
}

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes for people, in steps of a thousand as their file managers count. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 9.95 ? 1 : 0;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}

/** A length of time as players show it: `0:07`, `12:30`, `1:02:03`. */
export function playTime(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The same, as one says it. */
export function spokenTime(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const words = (count: number, unit: string) => (count > 0 ? [`${count} ${unit}${count === 1 ? '' : 's'}`] : []);
  const all = [...words(hours, 'hour'), ...words(minutes, 'minute'), ...words(seconds % 60, 'second')];
  return all.join(' ') || '0 seconds';
}

/** What a file is, where the file itself is not shown. */
export function fileWords(file: FileInfo): string {
  const length = file.duration === undefined ? '' : ` (${playTime(file.duration)})`;
  if (file.isVoice) return `Voice message${length}`;
  switch (mediaKind(file.mediaType)) {
    case 'image':
      return 'Picture';
    case 'video':
      return `Video${length}`;
    case 'audio':
    case 'file':
      return shownName(file.name);
  }
}

/** What kind of file it is, in a word: its extension, for most. */
export function typeWords({ name, mediaType }: Pick<FileInfo, 'name' | 'mediaType'>): string {
  const extension = /\.([A-Za-z0-9]{1,8})$/.exec(shownName(name))?.[1];
  if (extension) return extension.toUpperCase();
  switch (mediaKind(mediaType)) {
    case 'image':
      return 'Picture';
    case 'video':
      return 'Video';
    case 'audio':
      return 'Sound';
    case 'file':
      return 'File';
  }
}

/** What a picture or video is called to somebody who does not see it. */
export function altOf(file: FileInfo, caption: string): string {
  const what = mediaKind(file.mediaType) === 'video' ? 'Video' : 'Picture';
  const said = caption.trim().slice(0, 120);
  return said ? `${what}: ${said}` : `${what}, ${shownName(file.name)}`;
}

/** A share of a whole, from 0 to 100. */
export function percent(done: number, total: number): number {
  return total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 0;
}
