import type { directory as source } from '../en/directory';
import type { Translated } from '../message';

export const directory = {
  searchGroups: 'Gelistete Gruppen suchen',
  groupsFound: 'Gefundene Gruppen',
  yourGroups: 'Deine Gruppen',
  noGroups: 'Du bist noch in keiner Gruppe. Erstelle eine, oder suche eine gelistete.',
  searchPeople: 'Personen nach Namen suchen',
  youTalkWith: 'Du sprichst mit',
  askFriends: 'Frage deine Freunde nach ihren Namen hier, und nenne ihnen deinen: {name}',
  notReachable: 'Eine dieser Personen ist noch nicht erreichbar. Füge sie hinzu, wenn sie online war.',
  descriptionHint: 'Worum es geht. Du kannst das leer lassen.',
  howLongKept: 'Wie lange werden Nachrichten aufbewahrt?',
  howLarge: 'Wie groß kann sie werden?',
  creating: 'Wird erstellt …',
  create: 'Gruppe erstellen',
} satisfies Translated<typeof source>;
