import type { settings as source } from '../en/settings';
import type { Translated } from '../message';

export const settings = {
  about: 'Über Sotto',
  account: 'Konto',
  accountHint: 'Unter diesem Namen finden dich andere.',
  browser: 'Dieser Browser',
  browserHint:
    'Deine Nachrichten und Schlüssel sind in diesem Browser gespeichert, verschlüsselt. Deine anderen Geräte haben ihre eigenen.',
  browserLanguage: 'Wie in diesem Browser',
  deleteAccount: 'Konto löschen',
  deleteAccountHint: 'Lösche dein Konto und alles, was dazu gehört, für immer.',
  deleteYourAccount: 'Dein Konto löschen',
  devices: 'Deine Geräte',
  devicesHint: 'Sieh nach, wo dein Konto benutzt wird, melde ein neues Gerät an oder entferne ein verlorenes.',
  history: 'Dein Verlauf',
  historyHint:
    'Speichere alle deine Nachrichten als Datei, zum Aufbewahren oder zum Lesen, oder hole sie aus einer Datei zurück.',
  language: 'Sprache',
  languageHint: 'Die Sprache der Seiten in diesem Browser. Nachrichten bleiben, wie sie geschrieben wurden.',
  logOut: 'Abmelden',
  logOutAndErase: 'Abmelden und hier alles löschen',
  logOutHint:
    'Was hier gespeichert ist, kann verschlüsselt bleiben, bis du dich wieder anmeldest. Wenn auch andere diesen Browser benutzen, lösche es: Nachrichten, die auf keinem deiner anderen Geräte sind, sind dann weg.',
  logOutTitle: 'In diesem Browser abmelden?',
  notifications: 'Benachrichtigungen',
  notificationsHint: 'Was dir dieser Browser über neue Nachrichten sagt, und wie viel er davon zeigt.',
  notificationsOfBrowser: 'Benachrichtigungen dieses Browsers',
  password: 'Passwort',
  title: 'Einstellungen',
} satisfies Translated<typeof source>;
