import type { ChatSummary } from '@sotto/client';
import { perLanguage, t } from '../language/catalogue';
import { clockTime } from './time';

const HOUR = 3_600_000;

const dayAndTime = perLanguage(
  (locale) => new Intl.DateTimeFormat(locale, { weekday: 'short', hour: 'numeric', minute: '2-digit' }),
);

/** For how long a chat can be muted. */
export const muteChoices = (): readonly {
  readonly label: string;
  readonly until: (now: number) => number | 'always';
}[] => [
  { label: t('chat.muteHour'), until: (now) => now + HOUR },
  { label: t('chat.muteHours'), until: (now) => now + 8 * HOUR },
  { label: t('chat.muteWeek'), until: (now) => now + 7 * 24 * HOUR },
  { label: t('chat.muteAlways'), until: () => 'always' },
];

export function isMuted({ muted }: Pick<ChatSummary, 'muted'>, now: number): boolean {
  return muted !== undefined && (muted.until === undefined || muted.until > now);
}

/** Until when a chat is muted. */
export function mutedWords({ muted }: Pick<ChatSummary, 'muted'>, now: number): string {
  return muted?.until === undefined ? t('chat.muted') : t('chat.mutedUntil', { time: untilWords(muted.until, now) });
}

function untilWords(until: number, now: number): string {
  return new Date(until).toDateString() === new Date(now).toDateString()
    ? clockTime(until)
    : dayAndTime().format(until);
}
