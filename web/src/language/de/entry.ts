import type { entry as source } from '../en/entry';
import type { Translated } from '../message';

export const entry = {
  wrongRecovery: 'Es gibt kein Konto mit diesem Namen und diesem Wiederherstellungscode. Bitte prüfe beides.',
  usePassword: 'Dein Passwort benutzen',
  useRecovery: 'Wiederherstellungscode benutzen',
  useCode: 'Code von einem anderen Gerät benutzen',
  choosePassword: 'Wähle ein neues Passwort',
  loggedInHint:
    'Du bist angemeldet. Deine anderen Geräte bleiben auch angemeldet, und dein Wiederherstellungscode bleibt derselbe.',
  setPassword: 'Passwort festlegen',
  keepOld: 'Das alte behalten',
  welcome: 'Willkommen zurück',
  recoveryHint:
    'Die 24 Wörter, die du aufgeschrieben hast, als du dein Konto erstellt hast, öffnen es ohne das Passwort.',
  allWords: 'Alle 24 Wörter in ihrer Reihenfolge, mit Leerzeichen dazwischen.',
  codeHint:
    'Öffne auf einem Gerät, auf dem du angemeldet bist, die Einstellungen, dann „Deine Geräte“, und wähle „Ein neues Gerät anmelden“. Scanne den Code, den es zeigt, oder kopiere ihn hierher. Du brauchst weder Namen noch Passwort.',
  codeBegins: 'Er beginnt mit {code} und gilt einmal, fünf Minuten lang.',
  otherServer: 'Dieser Code gehört zu {server}. Öffne diese Adresse hier und benutze ihn dort.',
  name: 'Name',
  codeOf: 'Dieser Code meldet dich als {name} an.',
  newHere: 'Neu hier? <link>Konto erstellen</link>',
  loggedIn: 'Du bist angemeldet',
  openChats: 'Deine Chats öffnen',
  noAccounts: 'Keine neuen Konten',
  noAccountsHint: 'Dieser Server nimmt keine neuen Konten an. Wenn du hier eines hast, kannst du dich anmelden.',
  nameHint: 'So finden dich andere. Kleine Buchstaben, Ziffern, Punkte, Bindestriche und Unterstriche.',
  passwordAgain: 'Passwort, noch einmal',
  inviteCode: 'Einladungscode',
  inviteHint: 'Dieser Server nimmt neue Konten mit Einladung an. Wer ihn betreibt, gibt die Codes aus.',
  passwordHint:
    'Das Passwort verlässt dieses Gerät nie. Der Server kann es nicht zurücksetzen; der Wiederherstellungscode, den du als Nächstes bekommst, kann es.',
  create: 'Konto erstellen',
  youAre: 'Du bist hier {name}. Um ein anderes Konto zu erstellen, melde dich zuerst ab.',
  anyoneCanRun: 'Jeder kann einen Server betreiben. <link>Wie es funktioniert</link>',
  haveAccount: 'Hast du ein Konto? <link>Anmelden</link>',
} satisfies Translated<typeof source>;
