import type { group as source } from '../en/group';
import type { Translated } from '../message';

export const group = {
  foundCount: { one: '1 Gruppe gefunden', other: '{count} Gruppen gefunden' },
  foundOrMore: { one: '{count} oder mehr Gruppen gefunden', other: '{count} oder mehr Gruppen gefunden' },
  foundNone: 'Keine Gruppe für „{sought}“ gefunden.',
} satisfies Translated<typeof source>;
