import { perLanguage, t } from '../language/catalogue';

const time = perLanguage((locale) => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }));
const weekday = perLanguage((locale) => new Intl.DateTimeFormat(locale, { weekday: 'long' }));
const shortWeekday = perLanguage((locale) => new Intl.DateTimeFormat(locale, { weekday: 'short' }));
const day = perLanguage(
  (locale) => new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }),
);
const dayAndYear = perLanguage(
  (locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' }),
);
const dayOfCalendar = perLanguage(
  (locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }),
);
const shortDay = perLanguage((locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }));
const shortDayAndYear = perLanguage(
  (locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' }),
);
const full = perLanguage((locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' }));

/** Calendar days between two moments, in the reader's time zone. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000);
}

export function clockTime(at: number): string {
  return time().format(at);
}

export function fullTime(at: number): string {
  return full().format(at);
}

/** A day with its year. */
export function date(at: number): string {
  return dayAndYear().format(at);
}

/** A calendar day, written as `2026-11-20`: the same everywhere. */
export function calendarDay(day: string): string {
  return dayOfCalendar().format(new Date(`${day}T00:00:00Z`));
}

/** The day of a moment of which nothing but its day in UTC is known. */
export function dayInUtc(at: number): string {
  return dayOfCalendar().format(at);
}

/** The heading of a day in a conversation. */
export function dayHeading(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const days = daysBetween(then, today);
  if (days === 0) return t('time.today');
  if (days === 1) return t('time.yesterday');
  if (days > 1 && days < 7) return weekday().format(then);
  return then.getFullYear() === today.getFullYear() ? day().format(then) : dayAndYear().format(then);
}

/** The time of a chat's last message in the list: as short as it can be said. */
export function listTime(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const days = daysBetween(then, today);
  if (days <= 0) return time().format(then);
  if (days === 1) return t('time.yesterday');
  if (days < 7) return shortWeekday().format(then);
  return then.getFullYear() === today.getFullYear() ? shortDay().format(then) : shortDayAndYear().format(then);
}

/** A moment that is past, within a sentence. */
export function moment(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const days = daysBetween(then, today);
  if (days <= 0) return t('time.at', { time: time().format(then) });
  if (days === 1) return t('time.yesterdayAt', { time: time().format(then) });
  if (days < 7) return t('time.onWeekday', { day: weekday().format(then) });
  return t('time.on', {
    day: (then.getFullYear() === today.getFullYear() ? shortDay() : shortDayAndYear()).format(then),
  });
}
