import type { Row } from './timeline';

/** Where a row is on the screen: its index, and its upper edge, in pixels below that of the view. */
export interface Anchor {
  readonly index: number;
  readonly top: number;
}

/** Rows from `first` up to, and without, `end`. */
export interface Stretch {
  readonly first: number;
  readonly end: number;
}

/** What is in view, and this much above and below it, is drawn, in pixels. */
export const OVERSCAN = 1200;

/** How high rows are: those that were drawn as they were measured, the others by what they say. */
export class Heights {
  readonly #measured = new Map<string, number>();
  #width = 0;

  of(row: Row): number {
    return this.#measured.get(row.message.id) ?? estimate(row, this.#width);
  }

  /** Returns whether it is another one than before. */
  measure(id: string, height: number): boolean {
    if (this.#measured.get(id) === height) return false;
    this.#measured.set(id, height);
    return true;
  }

  /** At another width everything has another height. */
  fit(width: number): void {
    if (width === this.#width) return;
    this.#width = width;
    this.#measured.clear();
  }
}

/** The rows that are drawn where one row is known to be: those in a view of this height, and some around them. */
export function stretchAround(heights: readonly number[], anchor: Anchor, view: number): Stretch {
  if (!Number.isFinite(view)) return { first: 0, end: heights.length };
  let [first, top] = [anchor.index, anchor.top];
  while (first > 0 && top > -OVERSCAN) {
    first -= 1;
    top -= heights[first] ?? 0;
  }
  let [end, bottom] = [anchor.index, anchor.top];
  while (end < heights.length && bottom < view + OVERSCAN) {
    bottom += heights[end] ?? 0;
    end += 1;
  }
  return { first, end };
}

/** The row at the lower edge of a view, `below` pixels of the rows being under it. */
export function rowAbove(heights: readonly number[], below: number, view: number): Anchor {
  let index = heights.length - 1;
  let under = heights[index] ?? 0;
  while (index > 0 && under < below) {
    index -= 1;
    under += heights[index] ?? 0;
  }
  return { index: Math.max(0, index), top: view + below - under };
}

/** Pixels. They need not be right: what is drawn is measured, and held in its place. */
function estimate({ message, opensDay, opensRun, opensNew, opensTold, closesTold }: Row, width: number): number {
  const told = (opensTold ? 34 : 0) + (closesTold ? 34 : 0);
  const above = told + (opensDay ? 42 : 0) + (opensNew ? 34 : 0) + (opensRun ? 12 : 3);
  const { body } = message;
  if (body.kind === 'group-changes') return above + 30;
  if (body.kind !== 'text') return above + 38;
  const lineLength = Math.max(20, Math.min(640, width * 0.8) / 7.5);
  const lines = Math.min(16, Math.ceil(body.text.length / lineLength) + body.text.split('\n', 16).length - 1);
  return above + 14 + Math.max(1, lines) * 24 + (message.replyTo ? 50 : 0) + (message.reactions ? 30 : 0);
}
