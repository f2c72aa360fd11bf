import type { NewFile } from '@sotto/client';
import { t } from '../language/catalogue';
import { sendableName, withExtension } from '../text/file';
import { essence, mediaKind, OPAQUE, READ_BYTES } from '../text/media';
import { drawing, drawnAnew } from './canvas';
import { readSound, readVideo } from './film';
import { isAnimatedGif } from './gif';
import { sniff, SNIFFED } from './sniff';
import { thumbnailOf } from './thumbnail';

/** A file as it is to be sent, and what its sender should know before. */
export interface Prepared {
  readonly file: Omit<NewFile, 'caption'>;
  readonly note?: string;
}

/** The client takes out of these what no browser draws from. */
const CLEANED: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp']);
const EXTENSIONS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/png': 'png' };

/** Looks at a file, and makes of it what is sent. Rejects if it cannot be read. */
export async function prepare(source: File): Promise<Prepared> {
  const head = new Uint8Array(await source.slice(0, SNIFFED).arrayBuffer());
  const type = sniff(head) ?? essence(source.type);
  if (type === 'image/svg+xml') return { file: asFile(source, type), note: t('files.noteSvg') };
  if (type.startsWith('image/')) return picture(source, type);
  switch (mediaKind(type)) {
    case 'video': {
      const film = await readVideo(source);
      return { file: { ...asFile(source, film ? type : OPAQUE), ...film }, note: t('files.noteVideo') };
    }
    case 'audio': {
      const sound = await readSound(source);
      return { file: { ...asFile(source, sound ? type : OPAQUE), ...sound } };
    }
    case 'image':
    case 'file':
      return { file: asFile(source, type) };
  }
}

/** The file itself, unchanged. */
function asFile(source: File, type: string): Omit<NewFile, 'caption'> {
  return { name: sendableName(source.name), mediaType: type || OPAQUE, content: source };
}

/** One that is too large to be looked at is sent as it is, too. */
async function isAnimated(gif: File): Promise<boolean> {
  return gif.size > READ_BYTES || isAnimatedGif(new Uint8Array(await gif.arrayBuffer()));
}

async function picture(source: File, type: string): Promise<Prepared> {
  const unreadable = { file: asFile(source, OPAQUE), note: t('files.noteUnreadable') };
  let bitmap: ImageBitmap;
  try {
    // As it is to be seen: cameras write beside a picture how it has to be turned.
    bitmap = await createImageBitmap(source, { imageOrientation: 'from-image' });
  } catch {
    return unreadable;
  }
  try {
    const { width, height } = bitmap;
    const thumbnail = await thumbnailOf({ width, height }, drawing(bitmap));
    const shown = { width, height, ...(thumbnail && { thumbnail }) };
    if (CLEANED.has(type)) return { file: { ...asFile(source, type), ...shown } };
    if (type === 'image/gif' && (await isAnimated(source))) {
      return { file: { ...asFile(source, type), ...shown }, note: t('files.noteAnimated') };
    }
    const content = await drawnAnew(bitmap);
    const extension = EXTENSIONS[content.type];
    if (!extension) return unreadable;
    const name = sendableName(withExtension(source.name, extension));
    return { file: { name, mediaType: content.type, content, ...shown } };
  } catch {
    // It is larger than what the browser can draw.
    return CLEANED.has(type) ? { file: asFile(source, type) } : unreadable;
  } finally {
    bitmap.close();
  }
}
