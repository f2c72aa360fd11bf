import type { AccountId, ChatId, SearchQuery } from '@sotto/client';
import type { PlainKey } from '../language/catalogue';

export type FoundKind = NonNullable<SearchQuery['kind']>;

export const FOUND_KINDS: Readonly<Record<FoundKind, PlainKey>> = {
  text: 'searching.kindText',
  link: 'searching.kindLink',
  image: 'searching.kindImage',
  video: 'searching.kindVideo',
  voice: 'searching.kindVoice',
  file: 'searching.kindFile',
};

/** What is sought, as the address of the search page says it. Days are written as 2026-11-22, in the reader's time zone. */
export interface SearchAddress {
  readonly text: string;
  readonly chat?: ChatId;
  readonly from?: AccountId;
  readonly since?: string;
  readonly until?: string;
  readonly kind?: FoundKind;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

export function parseSearch(search: string): SearchAddress {
  const fields = new URLSearchParams(search);
  const [chat, from] = [fields.get('chat'), fields.get('from')];
  const [since, until, kind] = [fields.get('since'), fields.get('until'), fields.get('kind')];
  return {
    text: fields.get('q') ?? '',
    ...(chat && { chat }),
    ...(from && { from }),
    ...(since && DAY.test(since) && { since }),
    ...(until && DAY.test(until) && { until }),
    ...(isFoundKind(kind) && { kind }),
  };
}

export function searchPath({ text, ...filters }: SearchAddress): string {
  const fields = new URLSearchParams();
  if (text.trim() !== '') fields.set('q', text);
  for (const [name, value] of Object.entries(filters)) if (value) fields.set(name, value);
  const written = fields.toString();
  return written === '' ? '/search' : `/search?${written}`;
}

/** What to ask the client for; `undefined` if nothing is sought. The last day counts to its end. */
export function searchQuery({ text, since, until, ...filters }: SearchAddress): SearchQuery | undefined {
  const query: SearchQuery = { text: text.trim(), ...filters };
  const [first, last] = [dayStart(since), dayStart(until, 1)];
  if (first !== undefined) query.since = first;
  if (last !== undefined) query.until = last;
  return query.text === '' && Object.keys(query).length === 1 ? undefined : query;
}

/** When a day begins that is written as 2026-11-22, in the reader's time zone. `later`: so many days after it. */
export function dayStart(day: string | undefined, later = 0): number | undefined {
  const match = DAY.exec(day ?? '');
  return match ? new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + later).getTime() : undefined;
}

/** A day as a date field writes it. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function isFoundKind(kind: string | null): kind is FoundKind {
  return kind !== null && Object.hasOwn(FOUND_KINDS, kind);
}
