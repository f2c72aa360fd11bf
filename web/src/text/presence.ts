import type { Account, Presence } from '@sotto/client';
import { moment } from './time';

/** More people than these are counted, not named. */
const NAMED = 2;

/** Who is typing; empty if nobody is. */
export function typingWords(people: readonly Account[]): string {
  const names = people.map(({ name }) => name || 'somebody');
  if (names.length === 0) return '';
  if (names.length > NAMED) return `${names.length} people are typing…`;
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing…`;
}

/** Whether somebody is there, or when they were; empty if that is not known. */
export function presenceWords(presence: Presence, now: number): string {
  switch (presence.kind) {
    case 'online':
      return 'online';
    case 'last-seen':
      return `last seen ${moment(presence.at, now)}`;
    case 'unknown':
      return '';
  }
}
