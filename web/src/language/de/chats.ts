import type { chats as source } from '../en/chats';
import type { Translated } from '../message';

export const chats = {
  title: 'Chats',
  searchMessages: 'Nachrichten durchsuchen',
  starred: 'Markierte Nachrichten',
  notes: 'Notizen an dich selbst',
  findPeople: 'Personen finden',
  requests: 'Anfragen',
  archived: 'Archiviert',
  none: 'Noch keine Chats.',
  noneHint: 'Finde jemanden beim Namen und sag hallo.',
  noMessages: 'Noch keine Nachrichten',
  draft: 'Entwurf:',
  waiting: 'Wartet aufs Senden:',
  notSent: 'Nicht gesendet:',
  you: 'Du:',
  named: { one: 'Du wurdest genannt', other: 'Du wurdest {count}-mal genannt' },
  unread: '{number}<hidden> ungelesen</hidden>',
} satisfies Translated<typeof source>;
