import type { AccountId, Mention } from '@sotto/client';

/** Places that one message can name somebody in. */
const MENTIONS = 64;

/** An account name behind an `@` that begins a word. */
const NAMED = /(?<![\p{L}\p{N}\p{M}_@.-])@([a-z0-9._-]{2,32})/giu;
/** The same while it is being typed, the caret behind it: a display name is sought by it too. */
const TYPED = /(?<![\p{L}\p{N}\p{M}_@.-])@([\p{L}\p{N}\p{M}._-]{0,32})$/u;

/** Where the text names somebody. `known`: accounts by their names. */
export function mentionsIn(text: string, known: ReadonlyMap<string, AccountId>): Mention[] {
  const mentions: Mention[] = [];
  for (const match of text.matchAll(NAMED)) {
    if (mentions.length === MENTIONS) break;
    const found = knownName(match[1] ?? '', known);
    if (!found) continue;
    const start = match.index;
    mentions.push({ start, end: start + 1 + found.length, account: found.account });
  }
  return mentions;
}

/** The longest beginning that is a name: the sentence may go on with a dot or a dash. */
function knownName(
  written: string,
  known: ReadonlyMap<string, AccountId>,
): { length: number; account: AccountId } | undefined {
  for (let { length } = written; length >= 2; length -= 1) {
    const account = known.get(written.slice(0, length).toLowerCase());
    if (account !== undefined) return { length, account };
    if (!'._-'.includes(written.charAt(length - 1))) return undefined;
  }
  return undefined;
}

/** The beginning of a name that is being typed before the caret: where its `@` stands, and what is behind that. */
export function typedMention(text: string, caret: number): { start: number; query: string } | undefined {
  // No name is longer than this.
  const from = Math.max(0, caret - 40);
  const match = TYPED.exec(text.slice(from, caret));
  return match ? { start: from + match.index, query: match[1] ?? '' } : undefined;
}

/** Whom a text names, by the names that stand in it. */
export function namesIn(text: string, mentions: readonly Mention[]): Map<string, AccountId> {
  return new Map(
    mentions.map(({ start, end, account }) => [text.slice(start, end).replace(/^@/, '').toLowerCase(), account]),
  );
}
