import type { Account, AccountId } from '@sotto/client';
import { perLanguage, t } from '../language/catalogue';

/** What most people say most of the time. */
export const PALETTE = ['👍', '❤️', '😂', '😮', '😢', '🙏', '🎉', '👀'] as const;

/** More people than these are counted, not named. */
const NAMED = 12;

const list = perLanguage((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }));

/** Who has reacted; oneself first. `own`: who reads it. */
export function reactionNames(by: readonly Account[], own: AccountId | undefined): string {
  const others = by.filter(({ account }) => account !== own).map(({ name }) => name || t('people.somebody'));
  const names = by.length > others.length ? [t('people.you'), ...others] : others;
  if (names.length <= NAMED) return list().format(names);
  const shown = names.slice(0, NAMED - 1);
  return list().format([...shown, t('people.others', { count: names.length - shown.length })]);
}
