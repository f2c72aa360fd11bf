import type { deletion as source } from '../en/deletion';
import type { Translated } from '../message';

export const deletion = {
  exportRunning: 'Dein Export ist noch nicht fertig. Er ist verloren, wenn du das Konto jetzt löschst.',
  exportReady: 'Dein Export ist fertig. Speichere ihn zuerst: Er verschwindet mit dem Konto.',
  wrongName: 'Das ist nicht der Name dieses Kontos.',
  enterPassword: 'Bitte gib dein Passwort ein.',
  farewell: 'Das Konto „{name}“ ist gelöscht. In diesem Browser ist nichts davon übrig.',
  wrongPassword: 'Das ist nicht das Passwort dieses Kontos.',
  deleted: 'Was gelöscht wird',
  deleted1: 'Dein Profil. Dein Name wird niemandem mehr gegeben, auch dir nicht.',
  deleted2: 'Deine Schlüssel, mit den Kopien, die dein Passwort und dein Wiederherstellungscode öffnen.',
  deleted3: 'Deine Geräte: Alle werden sofort abgemeldet, und in diesem Browser bleibt nichts übrig.',
  deleted4: 'Das Archiv deines Verlaufs auf dem Server.',
  deleted5:
    'Die Dateien, die du gesendet hast. Andere behalten, was sie gespeichert haben, und können den Rest nicht mehr öffnen.',
  kept: 'Was nicht',
  kept1:
    'Was du geschrieben hast: Es bleibt bei denen, die in deinen Chats sind, mit deinem Namen, und verschlüsselt auf dem Server. Deine Notizen an dich selbst kann dann niemand mehr lesen.',
  kept2:
    'Die Gruppen, in denen du bist. Sie gehen ohne dich weiter. Wenn dir eine gehört, kann ein Admin sie übernehmen, oder jedes Mitglied, wenn sie keinen Admin hat. Wenn sie mit dir enden soll, lösche sie zuerst.',
  kept3: 'Was deine anderen Geräte gespeichert haben: Es bleibt verschlüsselt auf ihnen, bis du es dort löschst.',
  before: 'Bevor du gehst',
  beforeText: 'Dein Verlauf kann jetzt als Datei gespeichert werden, und nicht mehr, wenn das Konto weg ist.',
  exportHistory: 'Deinen Verlauf exportieren',
  deleteIt: 'Löschen',
  name: 'Name des Kontos',
  typeName: 'Gib hier „{name}“ ein, damit nichts aus Versehen gelöscht wird.',
  typeHint: 'Damit nichts aus Versehen gelöscht wird.',
  deleteEllipsis: 'Konto löschen …',
  lastTitle: '„{name}“ für immer löschen?',
  lastHint:
    'Das ist die letzte Frage. Das Konto und alles, was dazu gehört, wird sofort gelöscht und kann nicht zurückgeholt werden.',
  deleting: 'Wird gelöscht …',
  deleteForGood: 'Für immer löschen',
  keep: 'Behalten',
  forGood:
    'Das löscht <strong>{name}</strong> für immer. Niemand kann es zurückholen: du nicht, und nicht, wer diesen Server betreibt.',
  yoursForGood:
    'Das löscht dein Konto für immer. Niemand kann es zurückholen: du nicht, und nicht, wer diesen Server betreibt.',
} satisfies Translated<typeof source>;
