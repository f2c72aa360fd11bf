import type { Account, Presence } from '@sotto/client';
import { t } from '../language/catalogue';
import { moment } from './time';

/** Who is typing; empty if nobody is. */
export function typingWords(people: readonly Account[]): string {
  const [one, other, ...more] = people.map(({ name }) => name || t('people.somebody'));
  if (one === undefined) return '';
  if (other === undefined) return t('chat.typingOne', { name: one });
  // More people than these are counted, not named.
  return more.length === 0 ? t('chat.typingTwo', { one, other }) : t('chat.typingMany', { count: people.length });
}

/** Whether somebody is there, or when they were; empty if that is not known. */
export function presenceWords(presence: Presence, now: number): string {
  switch (presence.kind) {
    case 'online':
      return t('chat.online');
    case 'last-seen':
      return t('chat.lastSeen', { time: moment(presence.at, now) });
    case 'unknown':
      return '';
  }
}
