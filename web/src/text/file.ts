import type { FileInfo } from '@sotto/client';
import { perLanguage, t } from '../language/catalogue';
import { byteLength } from './message';
import { mediaKind } from './media';
import { numberWords } from './number';

/** Bytes of UTF-8 that a file's name may have. */
const NAME_BYTES = 255;
/** Bytes of UTF-8 that a caption may have. */
export const CAPTION_BYTES = 4096;

// Characters that turn the direction of what follows make `cod.exe` out of `exe.doc`.
const TURNING = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const FORBIDDEN = /[\u0000-\u001F\u007F-\u009F/\\\u2028\u2029]/gu;

/** A file's name as it is shown and saved: nothing in it can pretend to be another one. */
export function shownName(name: string): string {
  return name.toWellFormed().replace(TURNING, '').replace(FORBIDDEN, '_') || t('previews.fileName');
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

const UNITS = ['files.kilobytes', 'files.megabytes', 'files.gigabytes', 'files.terabytes'] as const;

const precise = perLanguage((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }));
const round = perLanguage((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }));

/** A number of bytes for people, in steps of a thousand as their file managers count. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return t('files.bytes', { count: bytes });
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const size = (value < 9.95 ? precise() : round()).format(value);
  return t(UNITS[unit] ?? 'files.terabytes', { size });
}

const twoDigits = perLanguage((locale) => new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 }));

/** A length of time as players show it: `0:07`, `12:30`, `1:02:03`. */
export function playTime(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (value: number) => twoDigits().format(value);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${hours > 0 ? two(minutes) : numberWords(minutes)}:${two(seconds % 60)}`;
  return hours > 0 ? `${numberWords(hours)}:${rest}` : rest;
}

/** The same, as one says it. */
export function spokenTime(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const all = [
    ...(hours > 0 ? [t('files.hours', { count: hours })] : []),
    ...(minutes > 0 ? [t('files.minutes', { count: minutes })] : []),
    ...(seconds % 60 > 0 || seconds === 0 ? [t('files.seconds', { count: seconds % 60 })] : []),
  ];
  return all.join(' ');
}

/** What a file is, where the file itself is not shown. */
export function fileWords(file: FileInfo): string {
  const length = file.duration === undefined ? undefined : playTime(file.duration);
  if (file.isVoice) return length === undefined ? t('previews.voice') : t('previews.voiceOf', { length });
  switch (mediaKind(file.mediaType)) {
    case 'image':
      return t('previews.picture');
    case 'video':
      return length === undefined ? t('previews.video') : t('previews.videoOf', { length });
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
      return t('previews.picture');
    case 'video':
      return t('previews.video');
    case 'audio':
      return t('files.sound');
    case 'file':
      return t('files.file');
  }
}

/** What a picture or video is called to somebody who does not see it. */
export function altOf(file: FileInfo, caption: string): string {
  const isVideo = mediaKind(file.mediaType) === 'video';
  const said = caption.trim().slice(0, 120);
  if (said) return isVideo ? t('files.videoSaying', { said }) : t('files.pictureSaying', { said });
  const name = shownName(file.name);
  return isVideo ? t('files.videoNamed', { name }) : t('files.pictureNamed', { name });
}

/** A share of a whole, from 0 to 100. */
export function percent(done: number, total: number): number {
  return total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 0;
}
