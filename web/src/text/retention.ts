import type { Retention } from '@sotto/client';
import { t } from '../language/catalogue';
import type { Option } from './option';

/** A retention that can be chosen. */
export type KeptOption = 'keep' | 'hour' | 'day' | 'week' | 'month' | 'never';
/** One of these, or any other that somebody has set elsewhere. */
export type Kept = KeptOption | 'other';

const SECONDS = { hour: 3600, day: 86_400, week: 604_800, month: 2_592_000 } as const;

/** What can be chosen. */
export const keptOptions = (): readonly Option<KeptOption>[] => [
  { value: 'keep', label: t('retention.keep') },
  { value: 'hour', label: t('retention.hour') },
  { value: 'day', label: t('retention.day') },
  { value: 'week', label: t('retention.week') },
  { value: 'month', label: t('retention.month') },
  { value: 'never', label: t('retention.never'), hint: t('retention.neverHint') },
];

export function keptOf(retention: Retention): Kept {
  if (retention.kind !== 'for') return retention.kind;
  const found = Object.entries(SECONDS).find(([, seconds]) => seconds === retention.seconds);
  return (found?.[0] as Kept | undefined) ?? 'other';
}

export function retentionOf(kept: KeptOption): Retention {
  switch (kept) {
    case 'keep':
    case 'never':
      return { kind: kept };
    default:
      return { kind: 'for', seconds: SECONDS[kept] };
  }
}

/** What becomes of messages, in a few words. */
export function kept(retention: Retention): string {
  switch (retention.kind) {
    case 'keep':
      return t('retention.kept');
    case 'for':
      return t('retention.deleted', { time: duration(retention.seconds) });
    case 'never':
      return t('retention.fleeting');
  }
}

/** What becomes of what is written next. */
export function keptNow(retention: Retention): string {
  switch (retention.kind) {
    case 'keep':
      return t('retention.nowKept');
    case 'for':
      return t('retention.nowDeleted', { time: duration(retention.seconds) });
    case 'never':
      return t('retention.nowFleeting');
  }
}

/** What becomes of the messages of a chat. */
export function keptHere(retention: Retention): string {
  switch (retention.kind) {
    case 'keep':
      return t('retention.hereKept');
    case 'for':
      return t('retention.hereDeleted', { time: duration(retention.seconds) });
    case 'never':
      return t('retention.hereFleeting');
  }
}

/** A choice to leave it as it is. */
export function keptAsIs(retention: Retention): string {
  switch (retention.kind) {
    case 'keep':
      return t('retention.asIsKept');
    case 'for':
      return t('retention.asIsDeleted', { time: duration(retention.seconds) });
    case 'never':
      return t('retention.asIsFleeting');
  }
}

const UNITS = [
  [86_400, 'retention.days'],
  [3600, 'retention.hours'],
  [60, 'retention.minutes'],
] as const;

/** A length of time, as words that follow "after". */
export function duration(seconds: number): string {
  const [length, unit] = UNITS.find(([length]) => seconds % length === 0) ?? ([1, 'retention.seconds'] as const);
  return t(unit, { count: seconds / length });
}

/** How long something is still there, in its largest unit, rounded up. */
export function timeLeft(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  if (seconds < 60) return t('retention.leftSeconds', { count: seconds });
  if (seconds < 3600) return t('retention.leftMinutes', { count: Math.ceil(seconds / 60) });
  if (seconds < 172_800) return t('retention.leftHours', { count: Math.ceil(seconds / 3600) });
  return t('retention.leftDays', { count: Math.ceil(seconds / 86_400) });
}

/** After how long what {@link timeLeft} says changes, in milliseconds. */
export function untilNext(milliseconds: number): number {
  const step = milliseconds <= 60_000 ? 1000 : milliseconds <= 3_600_000 ? 60_000 : 3_600_000;
  return Math.max(50, milliseconds % step || step);
}

/** Of a fleeting message: whom it has reached. */
export function reachedWords(reached: number): string {
  return reached === 0 ? t('retention.reachedNobody') : t('retention.reached', { count: reached });
}
