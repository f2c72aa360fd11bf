import type { notificationSettings as source } from '../en/notificationSettings';
import type { Translated } from '../message';

export const notificationSettings = {
  example: 'So ungefähr sieht es aus:',
  now: 'jetzt',
  showsWords: 'Wer geschrieben hat, und was',
  showsNames: 'Wer geschrieben hat',
  showsNothing: 'Nur, dass es etwas Neues gibt',
  showsNothingHint: 'Wer deinen Bildschirm sieht, erfährt nicht mehr.',
  everyMessage: 'Jede Nachricht',
  onlyNamed: 'Nur wenn dich jemand nennt',
  exampleBody: 'Treffen wir uns um sieben am See?',
  exampleName: 'Ada',
} satisfies Translated<typeof source>;
