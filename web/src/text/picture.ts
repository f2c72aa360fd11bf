/** Pixels, at most. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Of a group and of a person. */
export const SQUARE: PictureSize = { width: 512, height: 512 };
/** What stands behind a person's name. */
export const COVER: PictureSize = { width: 1500, height: 500 };

/** A file that is no picture, as far as this browser can tell. */
export class NoPicture extends Error {}

/**
 * The middle of a picture in the proportions of `size`, small enough to be sent. Drawn anew, so nothing of the file stays but what it
 * shows.
 */
export async function croppedPicture(file: Blob, size: PictureSize): Promise<Blob> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new NoPicture();
  }
  // How much of the size the picture fills: it is cut, and not made larger.
  const share = Math.min(1, bitmap.width / size.width, bitmap.height / size.height);
  const [width, height] = [Math.max(1, Math.round(size.width * share)), Math.max(1, Math.round(size.height * share))];
  const scale = Math.min(bitmap.width / width, bitmap.height / height);
  const [cutWidth, cutHeight] = [width * scale, height * scale];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new NoPicture();
  context.imageSmoothingQuality = 'high';
  const [x, y] = [(bitmap.width - cutWidth) / 2, (bitmap.height - cutHeight) / 2];
  context.drawImage(bitmap, x, y, cutWidth, cutHeight, 0, 0, width, height);
  bitmap.close();
  // A browser that cannot write WebP gives a PNG instead: of a photograph that would be too large.
  const webp = await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
  return webp.type === 'image/webp' ? webp : canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
}
