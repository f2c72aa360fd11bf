/** Days and moments. */
export const time = {
  today: 'Today',
  yesterday: 'Yesterday',
  at: 'at {time}',
  yesterdayAt: 'yesterday at {time}',
  onWeekday: 'on {day}',
  on: 'on {day}',
  dateAt: '{date} at {time}',
} as const;
