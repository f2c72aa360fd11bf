import type { passkeys as source } from '../en/passkeys';
import type { Translated } from '../message';

export const passkeys = {
  title: 'Passkeys',
  hint: 'Mit einem Passkey meldest du dich ohne dein Passwort an: Dein Gerät oder ein Sicherheitsschlüssel fragt nach deinem Finger, deinem Gesicht oder seiner PIN. Er öffnet dein Konto wie das Passwort, und der Server bekommt nie, was es öffnet.',
  off: 'Dieser Server nimmt keine Passkeys an.',
  unsupported: 'Dieser Browser kann keine Passkeys.',
  none: 'Du hast noch keinen Passkey.',
  list: 'Deine Passkeys',
  added: 'Hinzugefügt {added}, noch nicht benutzt',
  addedAndUsed: 'Hinzugefügt {added}, zuletzt benutzt {used}',
  add: 'Passkey hinzufügen',
  name: 'Name des Passkeys',
  nameHint: 'Damit du ihn wiedererkennst, zum Beispiel „Telefon“. Nur deine Geräte können ihn lesen.',
  passwordHint: 'Nur du kannst einen Passkey hinzufügen: Das Passwort zeigt, dass du es bist.',
  recoveryHint:
    'Nur du kannst einen Passkey hinzufügen: Der Code, den du aufgeschrieben hast, zeigt, dass du es bist. Alle 24 Wörter in ihrer Reihenfolge, mit Leerzeichen dazwischen.',
  addIt: 'Hinzufügen',
  adding: 'Der Browser fragt dich jetzt …',
  renameThis: '{name} umbenennen',
  removeThis: '{name} entfernen',
  removeTitle: '{name} entfernen?',
  removeHint:
    'Niemand kann sich mehr damit anmelden. Angemeldete Geräte bleiben es. Dein Browser bietet ihn vielleicht weiter an: Lösche ihn auch dort.',
  nameless: 'Ein Passkey ohne Namen',
  logIn: 'Mit einem Passkey anmelden',
  asking: 'Der Browser fragt nach deinem Passkey …',
  settingsHint: 'Melde dich ohne Passwort an: mit deinem Finger, deinem Gesicht oder einem Sicherheitsschlüssel.',
  reading: 'Die Liste wird gelesen …',
} satisfies Translated<typeof source>;
