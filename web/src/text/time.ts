const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const shortWeekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const shortDayAndYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

/** Calendar days between two moments, in the reader's time zone. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000);
}

export function clockTime(at: number): string {
  return time.format(at);
}

export function fullTime(at: number): string {
  return full.format(at);
}

/** A day with its year. */
export function date(at: number): string {
  return dayAndYear.format(at);
}

/** The heading of a day in a conversation. */
export function dayHeading(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const days = daysBetween(then, today);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return weekday.format(then);
  return then.getFullYear() === today.getFullYear() ? day.format(then) : dayAndYear.format(then);
}

/** The time of a chat's last message in the list: as short as it can be said. */
export function listTime(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const days = daysBetween(then, today);
  if (days <= 0) return time.format(then);
  if (days === 1) return 'Yesterday';
  if (days < 7) return shortWeekday.format(then);
  return then.getFullYear() === today.getFullYear() ? shortDay.format(then) : shortDayAndYear.format(then);
}

/** A moment that is past, within a sentence. */
export function moment(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const days = daysBetween(then, today);
  if (days <= 0) return `at ${time.format(then)}`;
  if (days === 1) return `yesterday at ${time.format(then)}`;
  if (days < 7) return `on ${weekday.format(then)}`;
  return `on ${(then.getFullYear() === today.getFullYear() ? shortDay : shortDayAndYear).format(then)}`;
}
