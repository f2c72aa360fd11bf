import type { notificationSettings as source } from '../en/notificationSettings';
import type { Translated } from '../message';

export const notificationSettings = {
  example: 'So ungefähr sieht es aus:',
  now: 'jetzt',
} satisfies Translated<typeof source>;
