import type { reports as source } from '../en/reports';
import type { Translated } from '../message';

export const reports = {
  reportEllipsis: 'Melden …',
  messageTitle: 'Diese Nachricht melden?',
  personTitle: '{name} melden?',
  messageHint:
    'Wer sich um diesen Server kümmert, liest diese Nachricht und deine Worte und sieht, dass du sie meldest. Sonst ist von diesem Chat nichts zu lesen. Wer sie geschrieben hat, erfährt nichts davon.',
  personHint:
    'Wer sich um diesen Server kümmert, liest deine Worte und sieht, dass du meldest. Deine Nachrichten sind nicht zu lesen. {name} erfährt nichts davon.',
  groupTitle: 'Diese Gruppe melden?',
  groupHint:
    'Wer sich um diesen Server kümmert, liest deine Worte und sieht, dass du meldest. Was in der Gruppe gesagt wird, ist nicht zu lesen. Ihre Mitglieder erfahren nichts davon.',
  why: 'Was ist damit nicht in Ordnung?',
  comment: 'Was sollte man wissen?',
  commentHint: 'Du kannst das leer lassen.',
  send: 'Melden',
  sending: 'Wird gemeldet …',
  sent: 'Gemeldet. Wer sich um diesen Server kümmert, sieht es sich an.',
  sentUnproven:
    'Gemeldet. Der Server konnte nicht prüfen, dass das in der Nachricht steht, und sagt das denen, die die Meldung lesen.',
  spam: 'Unerwünschte Werbung',
  fraud: 'Betrug',
  harassment: 'Belästigung oder Drohung',
  hate: 'Hass',
  violence: 'Gewalt',
  sexual: 'Unerwünschte sexuelle Inhalte',
  'child-abuse': 'Missbrauch von Kindern',
  'self-harm': 'Selbstverletzung oder Suizid',
  illegal: 'Etwas anderes, das verboten ist',
  other: 'Etwas anderes',
} satisfies Translated<typeof source>;
