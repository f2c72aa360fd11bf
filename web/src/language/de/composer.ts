import type { composer as source } from '../en/composer';
import type { Translated } from '../message';

export const composer = {
  edit: 'Bearbeiten',
  answerTo: 'Antwort an {name}',
  answerToYourself: 'Antwort an dich selbst',
  notAnswer: 'Nicht auf diese Nachricht antworten',
  notEdit: 'Diese Nachricht nicht bearbeiten',
  tooLong:
    'Diese Nachricht hat {size} KiB; die längste, die gesendet werden kann, hat {most} KiB. Kürze sie oder sende sie in Teilen.',
  membersFit: {
    one: '1 Mitglied passt. Pfeiltasten wählen, Eingabe übernimmt.',
    other: '{count} Mitglieder passen. Pfeiltasten wählen, Eingabe übernimmt.',
  },
  membersToName: 'Mitglieder zum Nennen',
} satisfies Translated<typeof source>;
