import type { notifications as source } from '../en/notifications';
import type { Translated } from '../message';

export const notifications = {
  new: 'رسالة جديدة',
  some: 'رسائل جديدة',
  request: 'يريد مراسلتك',
  groupRequest: 'أُضفت إلى هذه المجموعة',
  said: '{name}: {said}',
  fleeting: 'رسالة عابرة',
  timed: 'رسالة ستختفي',
  count: {
    zero: '{count} رسالة جديدة',
    one: 'رسالة جديدة',
    two: 'رسالتان جديدتان',
    few: '{count} رسائل جديدة',
    many: '{count} رسالة جديدة',
    other: '{count} رسالة جديدة',
  },
  newFrom: {
    zero: '{name}: {count} رسالة جديدة',
    one: '{name}: رسالة جديدة',
    two: '{name}: رسالتان جديدتان',
    few: '{name}: {count} رسائل جديدة',
    many: '{name}: {count} رسالة جديدة',
    other: '{name}: {count} رسالة جديدة',
  },
  named: {
    zero: 'لم تُذكر',
    one: 'ذُكرت',
    two: 'ذُكرت مرتين',
    few: 'ذُكرت {count} مرات',
    many: 'ذُكرت {count} مرة',
    other: 'ذُكرت {count} مرة',
  },
  namedBy: {
    zero: '{name}: لم تُذكر',
    one: '{name}: ذُكرت',
    two: '{name}: ذُكرت مرتين',
    few: '{name}: ذُكرت {count} مرات',
    many: '{name}: ذُكرت {count} مرة',
    other: '{name}: ذُكرت {count} مرة',
  },
} satisfies Translated<typeof source>;
