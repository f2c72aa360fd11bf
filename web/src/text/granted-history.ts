import type { Account, AccountId, GrantedHistory } from '@sotto/client';
import { t } from '../language/catalogue';
import type { Option } from './option';
import { dayOf, dayStart } from './search-address';
import { clockTime, date } from './time';

/** What newcomers to a group can be given of what was said before they came. */
export type Granted = 'nothing' | 'everything' | 'since';

/** What can be chosen. */
export const grantedOptions = (): readonly Option<Granted>[] => [
  { value: 'nothing', label: t('group.grantNothing'), hint: t('group.grantNothingHint') },
  { value: 'everything', label: t('group.grantEverything') },
  { value: 'since', label: t('group.grantSince'), hint: t('group.grantSinceHint') },
];

/** What a group is to know before it gives its history on. */
export const grantedWarnings = (): readonly string[] => [
  t('group.grantWarning1'),
  t('group.grantWarning2'),
  t('group.grantWarning3'),
  t('group.grantWarning4'),
];

export function grantedOf(history: GrantedHistory): Granted {
  if (history === 'none') return 'nothing';
  return history.since.at === 0 ? 'everything' : 'since';
}

/** The day on which it begins, as a date field writes it; empty if it begins on none. */
export function grantedDay(history: GrantedHistory): string {
  return history === 'none' || history.since.at === 0 ? '' : dayOf(history.since.at);
}

/** `day`: as a date field writes it, in the reader's time zone. `undefined` if it is no day that has begun at `now`. */
export function historyOf(granted: Granted, day: string, now: number): GrantedHistory | undefined {
  switch (granted) {
    case 'nothing':
      return 'none';
    case 'everything':
      return { since: { at: 0 } };
    case 'since': {
      const at = dayStart(day);
      return at !== undefined && at > 0 && at <= now ? { since: { at } } : undefined;
    }
  }
}

/** What newcomers are given, in a few words. */
export function given(history: GrantedHistory): string {
  if (history === 'none') return t('group.givenNothing');
  if (history.since.at === 0) return t('group.givenEverything');
  return t('group.givenSince', { time: grantedSince(history.since.at) });
}

/** From when on, as words. Who sets it elsewhere in the world begins a day at another time. */
export function grantedSince(at: number): string {
  return dayStart(dayOf(at)) === at ? date(at) : t('time.dateAt', { date: date(at), time: clockTime(at) });
}

/** Who has told a message to a newcomer, by name. `own`: who reads it. */
export function tellerName({ account, name }: Account, own: AccountId | undefined): string {
  return account === own ? t('people.you') : name || t('group.aMember');
}
