import type { oidc as source } from '../en/oidc';
import type { Translated } from '../message';

export const oidc = {
  title: 'Anmeldung anderswo',
  settingsHint: 'Verknüpfe dein Konto mit der Anmeldung, die du bei {provider} hast.',
  logInAt: 'Bei {provider} anmelden',
  continueAt: 'Weiter bei {provider}',
  finishing: 'Einen Moment',
  finishingHint: 'Was zurückkam, wird geprüft …',
  failed: 'Das hat nicht geklappt',
  cancelled: 'Du hast dich dort nicht angemeldet. Es hat sich nichts geändert.',
  notBegun: 'Diese Anmeldung wurde nicht in diesem Tab begonnen. Bitte fang von vorne an.',
  unknown: 'Du bist neu hier',
  unknownHint: '{provider} kennt dich, und kein Konto hier ist schon mit dir verknüpft.',
  haveAccount: 'Ich habe hier ein Konto',
  haveAccountHint: 'Nachdem du dich angemeldet hast, kannst du dein Konto in den Einstellungen verknüpfen.',
  welcome: '{provider} kennt dich als {name}. Dein Konto kann es nicht öffnen: Zeige, was nur du hast.',
  madeThere: 'Wer eine Anmeldung bei {provider} hat, kann trotzdem eins erstellen.',
  suggested:
    '{provider} kennt dich, daher brauchst du keine Einladung. Deine Schlüssel entstehen hier, und dein Passwort verlässt dieses Gerät nie.',
  linkTitle: 'Mit {provider} verknüpfen',
  linkHint: 'Dein Konto {name} wird mit der Anmeldung verknüpft, die du gerade benutzt hast.',
  linkPasswordHint: 'Nur du kannst dein Konto verknüpfen: Das Passwort zeigt, dass du es bist.',
  linkRecoveryHint:
    'Nur du kannst dein Konto verknüpfen: Der Code, den du aufgeschrieben hast, zeigt, dass du es bist. Alle 24 Wörter in ihrer Reihenfolge, mit Leerzeichen dazwischen.',
  link: 'Verknüpfen',
  linkWith: 'Mit {provider} verknüpfen',
  linkedAlready: 'Dein Konto ist schon mit dieser Anmeldung verknüpft.',
  linkedWith: 'Diese Anmeldung ist mit einem anderen Konto verknüpft: {name}.',
  linkedSince: 'Verknüpft: {since}',
  notLinked: 'Dein Konto ist mit keiner Anmeldung bei {provider} verknüpft.',
  off: 'Dieser Server nimmt keine Anmeldungen von anderswo an.',
  required: 'Dieser Server will, dass jede Anmeldung bei {provider} beginnt; deshalb bleibt die Verknüpfung.',
  unlink: 'Verknüpfung aufheben',
  unlinkTitle: 'Verknüpfung aufheben?',
  unlinkHint:
    'Du meldest dich dann mit deinem Namen an. Dein Passwort, dein Wiederherstellungscode und deine Geräte bleiben, wie sie sind.',
  reading: 'Der Server wird gefragt …',
} as const satisfies Translated<typeof source>;
