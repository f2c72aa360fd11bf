import type { searching as source } from '../en/searching';
import type { Translated } from '../message';

export const searching = {
  none: 'Keine Nachricht gefunden.',
  furtherBack: 'Es wird weiter zurück gesucht…',
  only: 'Nur',
  chat: 'Chat',
  allChats: 'Alle Chats',
  missingChat: 'Ein Chat, der nicht hier ist',
  from: 'Von',
  anybody: 'Alle',
  kind: 'Art',
  any: 'Alle',
  since: 'Seit',
  until: 'Bis',
  found: 'Gefundene Nachrichten',
  hint: 'Durchsucht wird nur, was dieses Gerät hat, und nur hier: Der Server kann deine Nachrichten nicht lesen.',
  in: 'Suchen in {chat}',
  count: { one: '1 Nachricht gefunden', other: '{count} Nachrichten gefunden' },
  orMore: { one: '{count} oder mehr Nachrichten gefunden', other: '{count} oder mehr Nachrichten gefunden' },
  noStars:
    'Nichts ist markiert. Markiere eine Nachricht in ihrem Menü, dann findest du sie hier, auf allen deinen Geräten. Niemand sonst sieht es.',
  kindText: 'Text',
  kindLink: 'Links',
  kindImage: 'Bilder',
  kindVideo: 'Videos',
  kindVoice: 'Sprachnotizen',
  kindFile: 'Dateien',
} satisfies Translated<typeof source>;
