import type { notifications as source } from '../en/notifications';
import type { Translated } from '../message';

export const notifications = {
  new: 'Neue Nachricht',
  some: 'Neue Nachrichten',
  request: 'Möchte dir schreiben',
  groupRequest: 'Du wurdest zu dieser Gruppe hinzugefügt',
  said: '{name}: {said}',
  fleeting: 'Flüchtige Nachricht',
  timed: 'Nachricht, die verschwindet',
  count: { one: '{count} neue Nachricht', other: '{count} neue Nachrichten' },
  newFrom: { one: '{name}: neue Nachricht', other: '{name}: {count} neue Nachrichten' },
  named: { one: 'Du wurdest genannt', other: 'Du wurdest {count}-mal genannt' },
  namedBy: { one: '{name}: du wurdest genannt', other: '{name}: du wurdest {count}-mal genannt' },
} satisfies Translated<typeof source>;
