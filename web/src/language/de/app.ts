import type { app as source } from '../en/app';
import type { Translated } from '../message';

export const app = {
  notifications: 'Mitteilungen',
  groups: 'Gruppen',
  people: 'Personen',
  menu: 'Hauptmenü',
  unreadCount: { one: ', {count} ungelesen', other: ', {count} ungelesen' },
  newCount: { one: ', {count} neu', other: ', {count} neu' },
  about: 'Über Sotto',
  logIn: 'Anmelden',
  createAccount: 'Konto erstellen',
  storeFailed: 'In diesem Browser kann nichts mehr gespeichert werden. Ist noch Platz frei?',
  offline: 'Offline. Was du schreibst, wird gesendet, sobald du wieder verbunden bist.',
  connecting: 'Verbinden …',
  search: 'Suchen',
  newGroup: 'Neue Gruppe',
  joinGroup: 'Einer Gruppe beitreten',
  notFound: 'Nicht gefunden',
  aboutGroup: 'Über {group}',
  newDevice:
    'Ein neues Gerät hat sich bei deinem Konto angemeldet. Wenn es nicht deins ist, entferne es. <link>Deine Geräte ansehen</link>',
  skip: 'Zum Inhalt springen',
  yourChats: 'Deine Chats',
} satisfies Translated<typeof source>;
