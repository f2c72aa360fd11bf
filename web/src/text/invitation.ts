/** How long a new invite link may work. */
export const DURATIONS = [
  { value: '3600', label: 'One hour' },
  { value: '86400', label: 'One day' },
  { value: '604800', label: 'One week' },
  { value: '2592000', label: '30 days' },
] as const;

/** For how many people a new invite link may be. */
export const USES = [
  { value: '1', label: 'One person' },
  { value: '10', label: '10 people' },
  { value: '100', label: '100 people' },
] as const;

const HOUR = 60 * 60 * 1000;
const relative = new Intl.RelativeTimeFormat('en');
const counted = new Intl.NumberFormat('en');

/** When a link is over, as "in 3 days". */
export function over(expiresAt: number, now: number): string {
  const hours = Math.floor((expiresAt - now) / HOUR);
  if (hours < 0) return 'over';
  if (hours < 1) return 'over in less than an hour';
  if (hours < 48) return `over ${relative.format(hours, 'hour')}`;
  return `over ${relative.format(Math.floor(hours / 24), 'day')}`;
}

/** For how many people a link is. */
export function forPeople(uses: number): string {
  return uses === 1 ? 'for one person' : `for ${counted.format(uses)} people`;
}
