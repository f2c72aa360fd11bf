import type { account as source } from '../en/account';
import type { Translated } from '../message';

export const account = {
  wrongPassword: 'Das bisherige Passwort ist falsch.',
  passwordChanged: 'Dein Passwort wurde geändert.',
  changePasswordHint:
    'Deine anderen Geräte bleiben angemeldet, wenn du es änderst. Dein Wiederherstellungscode bleibt derselbe.',
  currentPassword: 'Bisheriges Passwort',
  changePassword: 'Passwort ändern',
  passwordTooShort: 'Das Passwort ist zu kurz.',
  passwordsDiffer: 'Die beiden Passwörter sind nicht gleich.',
  newPassword: 'Neues Passwort',
  newPasswordAgain: 'Neues Passwort, noch einmal',
  passphrasesDiffer: 'Die beiden Passphrasen sind nicht gleich.',
  passphrase: 'Passphrase',
  passphraseAgain: 'Passphrase, noch einmal',
  passphraseHint:
    'Mindestens {length} Zeichen: ein paar Wörter, die du auch in Jahren noch weißt. Ohne sie öffnet niemand die Datei, weder du noch wer den Server betreibt, und sie lassen sich nicht zurücksetzen. Wenn du sie aufschreibst, bewahre sie dort auf, wo die Datei nicht ist.',
  showPassword: 'Passwort zeigen',
  showPassphrase: 'Passphrase zeigen',
  recoveryCode: 'Wiederherstellungscode',
  yourRecoveryCode: 'Dein Wiederherstellungscode',
  recoveryHint: {
    one: 'Wenn du dein Passwort vergisst, kann nur dieses {count} Wort dein Konto wieder öffnen. Niemand sonst hat es, und es wird nur jetzt gezeigt. Schreibe es auf Papier und bewahre das Papier sicher auf. Auf der Anmeldeseite benutzt du es statt des Passworts.',
    other:
      'Wenn du dein Passwort vergisst, können nur diese {count} Wörter dein Konto wieder öffnen. Niemand sonst hat sie, und sie werden nur jetzt gezeigt. Schreibe sie in dieser Reihenfolge auf Papier und bewahre das Papier sicher auf. Auf der Anmeldeseite benutzt du sie statt des Passworts.',
  },
  writtenDown: 'Ich habe sie aufgeschrieben',
  checkCopy: 'Prüfe deine Abschrift',
  readBack: 'Bitte lies zwei der Wörter von deinem Papier ab.',
  word: 'Wort {number}',
  wrongWord: 'Das ist nicht Wort {number}. Bitte sieh noch einmal nach.',
  check: 'Prüfen',
  showWordsAgain: 'Die Wörter noch einmal zeigen',
  whatOthersSee: 'Was andere sehen',
  tellDelivery: 'Welche Nachrichten bei dir angekommen sind',
  tellDeliveryHint: 'Wer eine geschrieben hat, sieht zwei Häkchen daneben.',
  tellRead: 'Welche Nachrichten du gelesen hast',
  tellReadHint: 'Die zwei Häkchen werden fett.',
  tellTyping: 'Wann du schreibst',
  tellTypingHint: 'Nicht was du schreibst, und nur solange du schreibst.',
  tellPresence: 'Wann du online bist und zuletzt warst',
  tellPresenceHint: 'Unter deinem Namen, in Chats zu zweit.',
  tellNothing:
    'Wer nichts sagt, dem wird auch nichts gesagt: Was du für dich behältst, siehst du auch von anderen nicht.',
  progress: 'Fortschritt',
  stepRobot: 'Es wird geprüft, dass du kein Roboter bist …',
  stepPassword: 'Dein Passwort wird gestreckt, damit Raten langsam ist …',
  stepServer: 'Es wird mit dem Server gesprochen …',
  stepKeys: 'Die Schlüssel dieses Geräts werden erzeugt …',
  stepDone: 'Fertig.',
} satisfies Translated<typeof source>;
