import type { Account, AccountId, GrantedHistory } from '@sotto/client';
import type { Option } from './option';
import { dayOf, dayStart } from './search-address';
import { clockTime, date } from './time';

/** What newcomers to a group can be given of what was said before they came. */
export type Granted = 'nothing' | 'everything' | 'since';

export const GRANTED_OPTIONS: readonly Option<Granted>[] = [
  { value: 'nothing', label: 'Nothing', hint: 'Recommended: what is said stays among those who were there.' },
  { value: 'everything', label: 'Everything' },
  { value: 'since', label: 'From a date', hint: 'What was said on that day and after it.' },
];

/** What a group is to know before it gives its history on. */
export const GRANTED_WARNINGS: readonly string[] = [
  'Whoever wrote while another rule held has not reckoned with newcomers reading it.',
  'Every member sees in the chat that you have changed this.',
  'Messages that vanish after a time, and fleeting ones, are never given on.',
  'What newcomers are given is a member’s word: nobody can check that it was said so.',
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

/** What newcomers are given, as words that follow "newcomers see". */
export function given(history: GrantedHistory): string {
  if (history === 'none') return 'nothing that was said before they came';
  return history.since.at === 0 ? 'everything that was said' : `what was said since ${beginning(history.since.at)}`;
}

/** Who sets it elsewhere in the world begins a day at another time. */
function beginning(at: number): string {
  return dayStart(dayOf(at)) === at ? date(at) : `${date(at)} at ${clockTime(at)}`;
}

/** Who has told a message to a newcomer, by name. `own`: who reads it. */
export function tellerName({ account, name }: Account, own: AccountId | undefined): string {
  return account === own ? 'you' : name || 'a member';
}
