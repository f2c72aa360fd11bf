import type { Draw, Size } from './thumbnail';

/** What can be drawn on a canvas. */
export type Drawable = ImageBitmap | HTMLVideoElement;

function canvasOf({ width, height }: Size): [OffscreenCanvas, OffscreenCanvasRenderingContext2D] {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new TypeError('this browser cannot draw');
  context.imageSmoothingQuality = 'high';
  return [canvas, context];
}

/** Draws thumbnails of something. A JPEG has no transparency: it is drawn upon white. */
export function drawing(source: Drawable): Draw {
  return async (size, quality) => {
    const [canvas, context] = canvasOf(size);
    context.drawImage(source, 0, 0, size.width, size.height);
    const webp = await canvas.convertToBlob({ type: 'image/webp', quality });
    // A browser that cannot write WebP gives a PNG.
    return webp.type === 'image/webp' ? webp : asJpeg(source, size, quality);
  };
}

/** Something drawn anew: nothing of its file stays but what it shows. */
export async function drawnAnew(source: ImageBitmap): Promise<Blob> {
  const size = { width: source.width, height: source.height };
  if (!isTransparent(source)) return asJpeg(source, size, 0.92);
  const [canvas, context] = canvasOf(size);
  context.drawImage(source, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

async function asJpeg(source: Drawable, size: Size, quality: number): Promise<Blob> {
  const [canvas, context] = canvasOf(size);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, size.width, size.height);
  context.drawImage(source, 0, 0, size.width, size.height);
  return canvas.convertToBlob({ type: 'image/jpeg', quality });
}

/** Looked for in a small copy: a single transparent pixel in a photograph is no reason for a file of ten times the size. */
function isTransparent(source: ImageBitmap): boolean {
  const size = { width: Math.min(64, source.width), height: Math.min(64, source.height) };
  const [, context] = canvasOf(size);
  context.drawImage(source, 0, 0, size.width, size.height);
  const { data } = context.getImageData(0, 0, size.width, size.height);
  for (let alpha = 3; alpha < data.length; alpha += 4) if ((data[alpha] ?? 255) < 250) return true;
  return false;
}
