/** A piece of a text, and whether it is what was sought. */
export interface Piece {
  readonly text: string;
  readonly isMark: boolean;
}

/** Characters before the first mark, and in all. */
const BEFORE = 60;
const LENGTH = 240;

/** The part of a text that has the first mark in it, cut into what is marked and what is not. */
export function excerpt(text: string, marks: readonly { start: number; end: number }[]): Piece[] {
  const first = marks[0]?.start ?? 0;
  const from = first <= BEFORE ? 0 : wordStart(text, first - BEFORE);
  const to = Math.min(text.length, from + LENGTH);
  const pieces: Piece[] = [];
  let at = from;
  const add = (end: number, isMark: boolean): void => {
    if (end > at) pieces.push({ text: text.slice(at, end), isMark });
    at = Math.max(at, end);
  };
  if (from > 0) pieces.push({ text: '…', isMark: false });
  for (const { start, end } of marks) {
    if (start >= to || end <= at) continue;
    add(Math.max(at, start), false);
    add(Math.min(end, to), true);
  }
  add(to, false);
  if (to < text.length) pieces.push({ text: '…', isMark: false });
  return pieces;
}

/** The beginning of the word after a place, if there is one near: nothing is cut in two. */
function wordStart(text: string, at: number): number {
  const space = text.slice(at, at + BEFORE / 2).search(/\s/);
  if (space >= 0) return at + space + 1;
  // Not between the halves of a character.
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at + 1 : at;
}
