/** Bytes of a file's beginning that tell what it is. */
export const SNIFFED = 1024;

const text = new TextDecoder();

/**
 * What a picture, or a file in a container that pictures share, is by its first bytes; `undefined` for everything else. What a file is
 * called says nothing: the client cleans a JPEG as a JPEG.
 */
export function sniff(head: Uint8Array): string | undefined {
  const at = (offset: number, length: number) => String.fromCharCode(...head.subarray(offset, offset + length));
  if (at(0, 3) === '\xFF\xD8\xFF') return 'image/jpeg';
  if (at(0, 8) === '\x89PNG\r\n\x1A\n') return 'image/png';
  if (at(0, 4) === 'RIFF' && at(8, 4) === 'WEBP') return 'image/webp';
  if (at(0, 6) === 'GIF87a' || at(0, 6) === 'GIF89a') return 'image/gif';
  if (at(0, 2) === 'BM' && head.length >= 26) return 'image/bmp';
  if (at(0, 4) === 'II*\0' || at(0, 4) === 'MM\0*') return 'image/tiff';
  if (at(4, 4) === 'ftyp') return BRANDS.get(at(8, 4));
  return isSvg(head) ? 'image/svg+xml' : undefined;
}

/** Of ISO base media files: a major brand, and what it says that the file is. */
const BRANDS: ReadonlyMap<string, string> = new Map([
  ['avif', 'image/avif'],
  ['avis', 'image/avif'],
  ['heic', 'image/heic'],
  ['heix', 'image/heic'],
  ['heim', 'image/heic'],
  ['heis', 'image/heic'],
  ['hevc', 'image/heic'],
  ['mif1', 'image/heif'],
  ['msf1', 'image/heif'],
  ['M4A ', 'audio/mp4'],
  ['M4B ', 'audio/mp4'],
  ['qt  ', 'video/quicktime'],
]);

function isSvg(head: Uint8Array): boolean {
  const beginning = text.decode(head).trimStart().toLowerCase();
  return /^(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!doctype svg[^>]*>\s*)?<svg[\s>]/.test(beginning);
}
