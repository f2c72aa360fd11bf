import type { Retention } from '@sotto/client';
import type { Option } from './option';

/** A retention that can be chosen. */
export type KeptOption = 'keep' | 'hour' | 'day' | 'week' | 'month' | 'never';
/** One of these, or any other that somebody has set elsewhere. */
export type Kept = KeptOption | 'other';

const SECONDS = { hour: 3600, day: 86_400, week: 604_800, month: 2_592_000 } as const;

export const KEPT_OPTIONS: readonly Option<KeptOption>[] = [
  { value: 'keep', label: 'Kept' },
  { value: 'hour', label: 'Deleted after an hour' },
  { value: 'day', label: 'Deleted after a day' },
  { value: 'week', label: 'Deleted after a week' },
  { value: 'month', label: 'Deleted after 30 days' },
  { value: 'never', label: 'Fleeting', hint: 'Shown to whoever is there at this moment, and kept nowhere.' },
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

/** What becomes of messages, as words that follow "messages are". */
export function kept(retention: Retention): string {
  switch (retention.kind) {
    case 'keep':
      return 'kept';
    case 'for':
      return `deleted after ${duration(retention.seconds)}`;
    case 'never':
      return 'fleeting: shown to whoever is there, and kept nowhere';
  }
}

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
] as const;

function duration(seconds: number): string {
  const [length, unit] = UNITS.find(([length]) => seconds % length === 0) ?? [1, 'second'];
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** How long something is still there, in its largest unit, rounded up. */
export function timeLeft(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.ceil(seconds / 3600)} h`;
  return `${Math.ceil(seconds / 86_400)} d`;
}

/** After how long what {@link timeLeft} says changes, in milliseconds. */
export function untilNext(milliseconds: number): number {
  const step = milliseconds <= 60_000 ? 1000 : milliseconds <= 3_600_000 ? 60_000 : 3_600_000;
  return Math.max(50, milliseconds % step || step);
}

/** Of a fleeting message: whom it has reached. */
export function reachedWords(reached: number): string {
  if (reached === 0) return 'Nobody was there to see it';
  return reached === 1 ? 'Reached 1 device' : `Reached ${reached} devices`;
}
