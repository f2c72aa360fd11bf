import type { ChatSummary } from '@sotto/client';
import { moment } from './time';

const HOUR = 3_600_000;

/** For how long a chat can be muted. */
export const MUTE_CHOICES: readonly { readonly label: string; readonly until: (now: number) => number | 'always' }[] = [
  { label: 'For an hour', until: (now) => now + HOUR },
  { label: 'For 8 hours', until: (now) => now + 8 * HOUR },
  { label: 'For a week', until: (now) => now + 7 * 24 * HOUR },
  { label: 'Always', until: () => 'always' },
];

export function isMuted({ muted }: Pick<ChatSummary, 'muted'>, now: number): boolean {
  return muted !== undefined && (muted.until === undefined || muted.until > now);
}

/** Until when a chat is muted. */
export function mutedWords({ muted }: Pick<ChatSummary, 'muted'>, now: number): string {
  return muted?.until === undefined ? 'Muted' : `Muted until ${untilWords(muted.until, now)}`;
}

function untilWords(until: number, now: number): string {
  return new Date(until).toDateString() === new Date(now).toDateString()
    ? moment(until, now).replace(/^at /, '')
    : new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: 'numeric', minute: '2-digit' }).format(until);
}
