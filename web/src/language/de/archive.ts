import type { archive as source } from '../en/archive';
import type { Translated } from '../message';

export const archive = {
  rolledBack: 'Der Server zeigt einen älteren Verlauf, als deine Geräte dort gespeichert haben.',
  forked: 'Der Server zeigt deinen Geräten verschiedene Verläufe.',
  cut: 'Ein Teil des Verlaufs, den deine Geräte auf dem Server gespeichert haben, fehlt.',
  foreign: 'Was der Server als deinen Verlauf zeigt, haben deine Geräte nicht gespeichert.',
  aChat: 'Ein Chat',
  restoring: 'Deine früheren Nachrichten werden gelesen …',
  faultHint:
    'Die Nachrichten auf diesem Gerät sind, wie sie waren. Frage, wer den Server betreibt, wenn du das nicht erwartet hast.',
  seen: 'Ich habe es gesehen',
} satisfies Translated<typeof source>;
