/** Pixels of a group's picture, in either direction. */
const SIDE = 512;

/** A file that is no picture, as far as this browser can tell. */
export class NoPicture extends Error {}

/**
 * The middle of a picture as a square, small enough to be sent. Drawn anew, so nothing of the file stays but what it
 * shows.
 */
export async function squarePicture(file: Blob): Promise<Blob> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new NoPicture();
  }
  const crop = Math.min(bitmap.width, bitmap.height);
  const side = Math.min(SIDE, crop);
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  if (!context) throw new NoPicture();
  context.imageSmoothingQuality = 'high';
  const [x, y] = [(bitmap.width - crop) / 2, (bitmap.height - crop) / 2];
  context.drawImage(bitmap, x, y, crop, crop, 0, 0, side, side);
  bitmap.close();
  // A browser that cannot write WebP gives a PNG instead: of a photograph that would be too large.
  const webp = await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
  return webp.type === 'image/webp' ? webp : canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
}
