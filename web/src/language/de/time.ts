import type { time as source } from '../en/time';
import type { Translated } from '../message';

export const time = {
  today: 'Heute',
  yesterday: 'Gestern',
  at: 'um {time}',
  yesterdayAt: 'gestern um {time}',
  onWeekday: 'am {day}',
  on: 'am {day}',
  dateAt: '{date} um {time}',
} satisfies Translated<typeof source>;
