import { perLanguage, t } from '../language/catalogue';

/** How long a new invite link may work. */
export const durations = () => [
  { value: '3600', label: t('group.oneHour') },
  { value: '86400', label: t('group.oneDay') },
  { value: '604800', label: t('group.oneWeek') },
  { value: '2592000', label: t('group.thirtyDays') },
];

/** For how many people a new invite link may be. */
export const uses = () => [
  { value: '1', label: t('group.onePerson') },
  { value: '10', label: t('group.tenPeople') },
  { value: '100', label: t('group.hundredPeople') },
];

const HOUR = 60 * 60 * 1000;
const relative = perLanguage((locale) => new Intl.RelativeTimeFormat(locale));

/** When a link is over, as "in 3 days". */
export function over(expiresAt: number, now: number): string {
  const hours = Math.floor((expiresAt - now) / HOUR);
  if (hours < 0) return t('group.linkOver');
  if (hours < 1) return t('group.linkOverSoon');
  if (hours < 48) return t('group.linkOverIn', { time: relative().format(hours, 'hour') });
  return t('group.linkOverIn', { time: relative().format(Math.floor(hours / 24), 'day') });
}

/** For how many people a link is. */
export function forPeople(uses: number): string {
  return t('group.linkFor', { count: uses });
}
