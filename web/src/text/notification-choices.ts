import type { NotificationChoices, Shows } from '../notifications/choices';
import type { NotificationContent } from '../notifications/content';
import type { Option } from './option';

export const SHOWS_OPTIONS: readonly Option<Shows>[] = [
  { value: 'words', label: 'Who wrote, and what they said' },
  { value: 'names', label: 'Who wrote' },
  { value: 'nothing', label: 'Only that there is something new', hint: 'Nobody who sees your screen learns more.' },
];

export const GROUP_OPTIONS: readonly Option<NotificationChoices['groups']>[] = [
  { value: 'everything', label: 'Every message' },
  { value: 'named', label: 'Only when somebody names you' },
];

/** What a notification looks like for each choice. */
export const EXAMPLES: Readonly<Record<Shows, NotificationContent>> = {
  words: { title: 'Ada', body: 'Shall we meet at the lake at seven?' },
  names: { title: 'Ada', body: 'New message' },
  nothing: { title: 'Sotto', body: 'New message' },
};
