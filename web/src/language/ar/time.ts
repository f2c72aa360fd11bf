import type { time as source } from '../en/time';
import type { Translated } from '../message';

export const time = {
  today: 'اليوم',
  yesterday: 'أمس',
  at: 'في {time}',
  yesterdayAt: 'أمس في {time}',
  onWeekday: 'يوم {day}',
  on: 'في {day}',
  dateAt: '{date} في {time}',
} satisfies Translated<typeof source>;
