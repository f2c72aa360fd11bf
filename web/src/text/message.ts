/** Bytes of UTF-8 that the text of one message may have. */
export const TEXT_BYTES = 64 * 1024;

const encoder = new TextEncoder();

/** Bytes of the text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

// Graphemes are the same in every language.
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The first character as people count them, a family emoji or a letter with its marks as one. */
export function firstGrapheme(text: string): string {
  return segmenter.segment(text)[Symbol.iterator]().next().value?.segment ?? '';
}

/** Whether the text is one to three emoji and nothing else, and may be drawn large. */
export function isFewEmoji(text: string): boolean {
  // Three of the longest emoji, a family or a flag of a region, are still shorter than this.
  if (text.length === 0 || text.length > 100) return false;
  const graphemes = [...segmenter.segment(text.trim())];
  return graphemes.length > 0 && graphemes.length <= 3 && graphemes.every(({ segment }) => EMOJI.test(segment));
}

const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Emoji_Modifier_Base}|\p{Extended_Pictographic}).*$/u;

/** A piece of a text: plain, or an address that can be opened. */
export type Piece = { readonly text: string; readonly href?: string };

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
/** What ends a sentence, not the address in it. */
const TRAILING = '.,;:!?)]}»”’…';
const MARKS = '*_~';

/** The text cut at its web addresses. Only `http` and `https` become links, and they stay what the sender wrote. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = balanced(match[0], text.charAt(match.index - 1));
    if (!URL.canParse(address)) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/**
 * Without the punctuation of the sentence around it; a bracket that the address itself opened stays. `before`: the character in
 * front of it, which is at its end too if it is the mark of an emphasis.
 */
function balanced(address: string, before: string): string {
  const bare = withoutTrailing(address);
  if (before !== '' && MARKS.includes(before) && bare.endsWith(before)) return withoutTrailing(bare.slice(0, -1));
  return bare.includes('(') && address.startsWith(`${bare})`) ? `${bare})` : bare;
}

function withoutTrailing(address: string): string {
  let end = address.length;
  while (end > 0 && TRAILING.includes(address.charAt(end - 1))) end -= 1;
  return address.slice(0, end);
}

/** Bytes of UTF-8 that a reaction may have. */
const REACTION_BYTES = 64;

/** Whether the text is one emoji, with which one can react. */
export function isReaction(text: string): boolean {
  return isFewEmoji(text) && [...segmenter.segment(text)].length === 1 && byteLength(text) <= REACTION_BYTES;
}
