import type { AccountId, Mention } from '@sotto/client';
import { pieces } from './message';

/** A part of a line, as it is drawn. */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'mention'; readonly text: string; readonly account: AccountId }
  | { readonly kind: Emphasis; readonly parts: readonly Inline[] };

export type Emphasis = 'bold' | 'italic' | 'struck';

/** Lines that stand together. */
export type Block =
  | { readonly kind: 'lines'; readonly parts: readonly Inline[] }
  | { readonly kind: 'quote'; readonly parts: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string };

const EMPHASES: Readonly<Record<string, Emphasis>> = { '*': 'bold', _: 'italic', '~': 'struck' };
const FENCE = '```';
const WORD = /[\p{L}\p{N}\p{M}]/u;
const SPACE = /\s/u;

/** Marks beyond this many are text: a message of nothing else would be slow to draw. */
const MARKS = 2000;

/**
 * Reads a text as people write it in chats: `*bold*`, `_italic_`, `~struck~` and `` `code` `` within a line and at the borders of
 * words, `> ` before the lines of a quote, and code of several lines between two times three backticks, the first at the beginning
 * of a line and the last at the end of one. In code and in web addresses nothing has a meaning. Whatever is none of this is text.
 *
 * It takes time in proportion to the length of the text.
 */
export function formatted(text: string, mentions: readonly Mention[] = []): Block[] {
  const reader = new LineReader(text, sound(mentions, text.length));
  const blocks: Block[] = [];
  let parts: Inline[] = [];
  let kind: 'lines' | 'quote' = 'lines';
  let isEmpty = true;
  let mayHaveFence = true;

  const close = (): void => {
    if (!isEmpty) blocks.push({ kind, parts: joined(parts) });
    parts = [];
    isEmpty = true;
  };

  for (let start = 0; start <= text.length;) {
    if (mayHaveFence && text.startsWith(FENCE, start)) {
      const end = closingFence(text, start + FENCE.length);
      // Where none closes this one, none closes a later one.
      mayHaveFence = end !== undefined;
      const code = text.slice(start + FENCE.length, end ?? start).replace(/^\n/, '');
      if (end !== undefined && code.trim() !== '') {
        close();
        blocks.push({ kind: 'code', text: code.endsWith('\n') ? code.slice(0, -1) : code });
        start = end + FENCE.length + 1;
        continue;
      }
    }
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const quotes = quoteMark(text, start, end);
    const isQuote = quotes > 0;
    if (isQuote !== (kind === 'quote')) {
      close();
      kind = isQuote ? 'quote' : 'lines';
    }
    if (!isEmpty) parts.push({ kind: 'text', text: '\n' });
    isEmpty = false;
    parts.push(...reader.read(start + quotes, end));
    start = end + 1;
  }
  close();
  return blocks;
}

/** The same without its marks. */
export function withoutMarks(text: string): string {
  return formatted(text)
    .map((block) => (block.kind === 'code' ? block.text : block.parts.map(textOf).join('')))
    .join('\n');
}

function textOf(part: Inline): string {
  return 'parts' in part ? part.parts.map(textOf).join('') : part.text;
}

/** Where a fence stands at the end of a line. */
function closingFence(text: string, from: number): number | undefined {
  for (let at = text.indexOf(FENCE, from); at >= 0; at = text.indexOf(FENCE, at + 1)) {
    const after = text[at + FENCE.length];
    if (after === undefined || after === '\n') return at;
  }
  return undefined;
}

/** How long the mark is that makes a line a quote; 0 if it is none. */
function quoteMark(text: string, start: number, end: number): number {
  if (text[start] !== '>') return 0;
  if (end === start + 1) return 1;
  return text[start + 1] === ' ' ? 2 : 0;
}

/** The places that are in the text and in their order: what names somebody is the word of whoever wrote it. */
function sound(mentions: readonly Mention[], length: number): Mention[] {
  let end = 0;
  return mentions.filter((mention) => {
    const isSound = mention.start >= end && mention.end > mention.start && mention.end <= length;
    if (isSound) end = mention.end;
    return isSound;
  });
}

/** Texts that follow each other are one. */
function joined(parts: readonly Inline[]): Inline[] {
  const all: Inline[] = [];
  let run: string[] = [];
  const flush = (): void => {
    if (run.length > 0) all.push({ kind: 'text', text: run.join('') });
    run = [];
  };
  for (const part of parts) {
    if (part.kind === 'text') {
      run.push(part.text);
    } else {
      flush();
      all.push(part);
    }
  }
  flush();
  return all;
}

/** A mark that may begin an emphasis, and what stands behind it so far. */
interface Open {
  readonly mark: string;
  parts: Inline[];
}

/** Reads the lines of a text one after the other. */
class LineReader {
  readonly #text: string;
  readonly #mentions: readonly Mention[];
  /** The first mention that may be in the next line. */
  #next = 0;
  #marks = 0;

  constructor(text: string, mentions: readonly Mention[]) {
    this.#text = text;
    this.#mentions = mentions;
  }

  read(start: number, end: number): Inline[] {
    // At most one of each kind is open, so that this holds no more than three beside the line itself.
    const open: Open[] = [{ mark: '', parts: [] }];
    for (const atom of this.#atoms(start, end)) {
      if (typeof atom !== 'string') top(open).parts.push(atom);
      else this.#mark(atom, open);
    }
    while (open.length > 1) giveUp(open, open.length - 1);
    return joined(top(open).parts);
  }

  /** What a mark does: it closes what a mark like it has opened, opens something, or is text. */
  #mark(atom: string, open: Open[]): void {
    const [mark = '', sides] = [atom[0], atom.slice(1)];
    const place = open.findLastIndex((other) => other.mark === mark);
    const emphasis = EMPHASES[mark];
    if (emphasis && sides.includes('c') && place > 0) {
      while (open.length > place + 1) giveUp(open, open.length - 1);
      const closed = open.pop();
      top(open).parts.push({ kind: emphasis, parts: joined(closed?.parts ?? []) });
    } else if (sides.includes('o')) {
      // The nearest one counts.
      if (place > 0) giveUp(open, place);
      open.push({ mark, parts: [] });
    } else {
      top(open).parts.push({ kind: 'text', text: mark });
    }
  }

  /**
   * The line cut into what is final and, as strings, marks: the mark itself, behind it `o` if it can open and `c` if it can close
   * an emphasis.
   */
  *#atoms(start: number, end: number): Generator<Inline | string> {
    let from = start;
    for (const [codeStart, codeEnd] of this.#codes(start, end)) {
      yield* this.#linked(from, codeStart, start, end);
      yield { kind: 'code', text: this.#text.slice(codeStart + 1, codeEnd - 1) };
      from = codeEnd;
    }
    yield* this.#linked(from, end, start, end);
  }

  /** Where code stands in the line, marks and all. */
  *#codes(start: number, end: number): Generator<[number, number]> {
    const line = this.#text.slice(start, end);
    let opening = line.indexOf('`');
    while (opening >= 0) {
      const closing = line.indexOf('`', opening + 1);
      if (closing < 0) return;
      const isCode =
        closing > opening + 1 &&
        !isWord(before(line, opening)) &&
        before(line, opening) !== '`' &&
        !isWord(after(line, closing)) &&
        after(line, closing) !== '`';
      if (isCode && this.#mayMark()) {
        yield [start + opening, start + closing + 1];
        opening = line.indexOf('`', closing + 1);
      } else {
        opening = closing;
      }
    }
  }

  *#linked(from: number, to: number, start: number, end: number): Generator<Inline | string> {
    let at = from;
    for (const { text, href } of pieces(this.#text.slice(from, to))) {
      if (href !== undefined) yield { kind: 'link', text, href };
      else yield* this.#named(at, at + text.length, start, end);
      at += text.length;
    }
  }

  *#named(from: number, to: number, start: number, end: number): Generator<Inline | string> {
    let at = from;
    for (; this.#next < this.#mentions.length; this.#next += 1) {
      const mention = this.#mentions[this.#next];
      if (!mention || mention.start >= to) break;
      // One that reaches into something else, or over lines, is none.
      if (mention.start < at || mention.end > to) continue;
      yield* this.#marked(at, mention.start, start, end);
      yield { kind: 'mention', text: this.#text.slice(mention.start, mention.end), account: mention.account };
      at = mention.end;
    }
    yield* this.#marked(at, to, start, end);
  }

  *#marked(from: number, to: number, start: number, end: number): Generator<Inline | string> {
    const text = this.#text;
    let plain = from;
    for (let at = from; at < to; at += 1) {
      const mark = text[at] ?? '';
      if (!Object.hasOwn(EMPHASES, mark)) continue;
      const left = at > start ? before(text, at) : '';
      const right = at + 1 < end ? after(text, at) : '';
      // Several in a row are a line that somebody has drawn, or another language.
      if (left === mark || right === mark) continue;
      const opens = !isWord(left) && right !== '' && !SPACE.test(right);
      const closes = !isWord(right) && left !== '' && !SPACE.test(left);
      if ((!opens && !closes) || !this.#mayMark()) continue;
      if (at > plain) yield { kind: 'text', text: text.slice(plain, at) };
      yield `${mark}${opens ? 'o' : ''}${closes ? 'c' : ''}`;
      plain = at + 1;
    }
    if (to > plain) yield { kind: 'text', text: text.slice(plain, to) };
  }

  #mayMark(): boolean {
    this.#marks += 1;
    return this.#marks <= MARKS;
  }
}

function top(open: readonly Open[]): Open {
  return open[open.length - 1] ?? { mark: '', parts: [] };
}

/** The mark at this place has opened nothing: it is text, and what stands behind it belongs to what was open before. */
function giveUp(open: Open[], place: number): void {
  const [given] = open.splice(place, 1);
  const outer = open[place - 1];
  if (!given || !outer) return;
  outer.parts.push({ kind: 'text', text: given.mark });
  // One by one: a long line has more parts than a call can have arguments.
  for (const part of given.parts) outer.parts.push(part);
}

function isWord(character: string): boolean {
  return character !== '' && WORD.test(character);
}

/** The character before a place, whole also where it takes two units. */
function before(text: string, at: number): string {
  const unit = text[at - 1] ?? '';
  return /[\uDC00-\uDFFF]/.test(unit) && at > 1 ? text.slice(at - 2, at) : unit;
}

/** The character after the one at a place. */
function after(text: string, at: number): string {
  const point = text.codePointAt(at + 1);
  return point === undefined ? '' : String.fromCodePoint(point);
}
