import type { previews as source } from '../en/previews';
import type { Translated } from '../message';

export const previews = {
  fileName: 'Datei',
  voice: 'Sprachnachricht',
  voiceOf: 'Sprachnachricht ({length})',
  picture: 'Bild',
  video: 'Video',
  videoOf: 'Video ({length})',
  untitled: 'Gruppe',
  somebody: 'Jemand',
  fromBlocked: 'Von jemandem, den du blockiert hast',
  unknown: 'Von einer neueren Version von Sotto gesendet',
  deletedByYou: 'Du hast diese Nachricht gelöscht',
  deletedBy: '{name} hat diese Nachricht gelöscht',
} satisfies Translated<typeof source>;
