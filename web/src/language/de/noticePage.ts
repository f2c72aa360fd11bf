import type { noticePage as source } from '../en/noticePage';
import type { Translated } from '../message';

export const noticePage = {
  none: 'Noch nichts. Wenn jemand dich nennt, dir antwortet, auf etwas von dir reagiert oder dich zu einer Gruppe hinzufügt, findest du es hier.',
} satisfies Translated<typeof source>;
