import type { Ban } from '@sotto/client';
import { t } from '../language/catalogue';
import { fullTime } from './time';

/** Why somebody is banned, and until when. */
export function banWords({ reason, until }: Ban): string {
  return until === undefined
    ? t('problems.bannedForGood', { reason })
    : t('problems.bannedUntil', { reason, until: fullTime(until) });
}
