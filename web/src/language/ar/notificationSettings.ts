import type { notificationSettings as source } from '../en/notificationSettings';
import type { Translated } from '../message';

export const notificationSettings = {
  example: 'يبدو هكذا تقريبًا:',
  now: 'الآن',
} satisfies Translated<typeof source>;
