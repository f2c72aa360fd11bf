import type { notificationSettings as source } from '../en/notificationSettings';
import type { Translated } from '../message';

export const notificationSettings = {
  example: 'يبدو هكذا تقريبًا:',
  now: 'الآن',
  showsWords: 'من كتب وماذا قال',
  showsNames: 'من كتب',
  showsNothing: 'فقط أن هناك جديدًا',
  showsNothingHint: 'لا يعرف من يرى شاشتك أكثر من ذلك.',
  everyMessage: 'كل رسالة',
  onlyNamed: 'فقط عندما يذكرك أحد',
  exampleBody: 'هل نلتقي عند البحيرة في السابعة؟',
  exampleName: 'آدا',
} satisfies Translated<typeof source>;
