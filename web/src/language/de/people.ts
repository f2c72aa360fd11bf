import type { people as source } from '../en/people';
import type { Translated } from '../message';

export const people = {
  blocked: 'Blockierte Personen',
  blockNobody: 'Du blockierst niemanden.',
  unblockThis: '{name} nicht mehr blockieren',
  unblock: 'Nicht mehr blockieren',
  add: 'Personen hinzufügen',
  adding: 'Wird hinzugefügt …',
  addNobody: 'Hinzufügen',
  addCount: { one: '1 Person hinzufügen', other: '{count} Personen hinzufügen' },
  toAdd: 'Personen, die hinzugefügt werden',
  doNotAdd: '{name}<hidden> nicht hinzufügen</hidden>',
  searchToAdd: 'Personen zum Hinzufügen suchen',
  searchByName: 'Nach Namen suchen',
  youTalkWith: 'Personen, mit denen du sprichst',
  found: 'Gefundene Personen',
  banned: 'gesperrt',
  liftBanOn: 'Sperre von {name} aufheben',
  liftBan: 'Sperre aufheben',
  chosen: 'Gewählt<hidden>: {name} nicht hinzufügen</hidden>',
  addThis: '<hidden>{name} </hidden>Hinzufügen',
  foundCount: { one: '1 Person gefunden', other: '{count} Personen gefunden' },
  foundOrMore: { one: '{count} oder mehr Personen gefunden', other: '{count} oder mehr Personen gefunden' },
  foundNobody: 'Niemand für „{sought}“ gefunden.',
} satisfies Translated<typeof source>;
