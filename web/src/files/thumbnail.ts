/** Bytes that a thumbnail may have. */
export const THUMBNAIL_BYTES = 24 * 1024;
/** Its longer side, in pixels. */
export const THUMBNAIL_SIDE = 480;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest size of the same shape whose longer side is no longer than `side`; at least a pixel each way. */
export function fit({ width, height }: Size, side: number): Size {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** What draws a picture in a size and writes it: WebP where the browser can, and else JPEG. */
export type Draw = (size: Size, quality: number) => Promise<Blob>;

const SIDES = [THUMBNAIL_SIDE, 360, 240, 160, 96] as const;
const QUALITIES = [0.75, 0.5] as const;

/** The best thumbnail that is small enough: first it becomes coarser, then smaller. `undefined` if none is. */
export async function thumbnailOf(picture: Size, draw: Draw): Promise<Uint8Array | undefined> {
  for (const side of SIDES) {
    for (const quality of QUALITIES) {
      const drawn = await draw(fit(picture, side), quality);
      if (drawn.size > 0 && drawn.size <= THUMBNAIL_BYTES) return new Uint8Array(await drawn.arrayBuffer());
    }
  }
  return undefined;
}
