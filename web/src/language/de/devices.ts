import type { devices as source } from '../en/devices';
import type { Translated } from '../message';

export const devices = {
  logOutEverywhere: 'Überall abmelden',
  logOutEverywhereTitle: 'Überall abmelden?',
  loggedOutEverywhere: 'Du bist auf allen deinen Geräten abgemeldet.',
  logOutEverywhereHint:
    'Alle deine Geräte werden sofort abgemeldet, auch dieses. Was sie gespeichert haben, bleibt verschlüsselt auf ihnen, bis du dich dort wieder anmeldest. Dafür brauchst du dein Passwort oder deinen Wiederherstellungscode.',
  changePasswordFirst:
    'Wenn jemand anders dein Passwort kennen könnte, ändere es zuerst: Wer es kennt, kann sich wieder anmelden.',
  thisDevice: 'Dieses Gerät',
  verified: 'Geprüft',
  new: 'Neu',
  newHint:
    'Dieses Gerät hat sich angemeldet, seit du zuletzt nachgesehen hast. Wenn es nicht deins ist, entferne es und ändere dein Passwort.',
  loggedIn: 'Angemeldet: {time}',
  loggedInAndSeen: 'Angemeldet: {enrolled}, zuletzt gesehen: {seen}',
  name: 'Name dieses Geräts',
  renameThis: '{name} umbenennen',
  codeOf: 'Code von {name}',
  code: 'Code',
  removeThis: '{name} entfernen',
  removeTitle: '{name} entfernen?',
  removeHint: 'Es wird sofort abgemeldet, verlässt alle deine Chats und liest nichts mehr, was ab jetzt gesagt wird.',
  compareThis: 'Vergleiche das mit dem, was dein anderes Gerät für dieses zeigt.',
  compareOther:
    'Öffne deine Geräte auf {name} und vergleiche das mit dem Code, den es für sich selbst zeigt. Wenn beide gleich sind, ist es das Gerät, für das du es hältst.',
  logInNew: 'Ein neues Gerät anmelden',
  isLoggedIn: '<name>{device}</name> ist angemeldet.',
  newDevice: 'Das neue Gerät',
  codeOver: 'Der Code ist abgelaufen. Schließe das und hole einen neuen.',
  codeHint:
    'Scanne das mit dem neuen Gerät, oder öffne dort diese Seite, wähle auf der Anmeldeseite „Code von einem anderen Gerät benutzen“ und füge den Code ein. Er gilt einmal, bis {time}.',
  codeForNew: 'Code für ein neues Gerät',
  codeWarning: 'Wer diesen Code bekommt, ist als du angemeldet. Zeige ihn niemandem und sende ihn niemandem.',
  copyCode: 'Code kopieren',
  makingCode: 'Ein Code wird erzeugt …',
  nameless: 'Ein Gerät ohne Namen',
  pageHint:
    'Überall, wo dein Konto angemeldet ist. Jedes Gerät hat seine eigenen Schlüssel; ihre Namen sind nur auf deinen Geräten lesbar.',
  reading: 'Die Liste wird gelesen …',
} satisfies Translated<typeof source>;
