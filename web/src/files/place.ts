import type { Size } from './thumbnail';

/** What a picture in a message has at most, in CSS pixels. */
const WIDEST = 340;
const HIGHEST = 360;
/** And at least, so that there is room to press. */
const LEAST = 96;
/** A sender may say anything: beyond this a picture is cut to its middle. */
const LONGEST_SHAPE = 3;

/** The place of a picture or video in a message, from what its sender says: it does not change when the picture comes. */
export function placeOf({ width = 0, height = 0 }: { width?: number; height?: number }): Size {
  const isKnown = width > 0 && height > 0 && Number.isFinite(width / height);
  const shape = isKnown ? Math.min(LONGEST_SHAPE, Math.max(1 / LONGEST_SHAPE, width / height)) : 4 / 3;
  const least = LEAST * Math.max(1, shape);
  const shown = Math.max(least, Math.min(isKnown ? width : WIDEST, WIDEST, HIGHEST * shape));
  return { width: Math.round(shown), height: Math.round(shown / shape) };
}
