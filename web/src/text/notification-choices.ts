import { t } from '../language/catalogue';
import type { NotificationChoices, Shows } from '../notifications/choices';
import type { NotificationContent } from '../notifications/content';
import type { Option } from './option';

/** How much a notification can show. */
export const showsOptions = (): readonly Option<Shows>[] => [
  { value: 'words', label: t('notificationSettings.showsWords') },
  { value: 'names', label: t('notificationSettings.showsNames') },
  { value: 'nothing', label: t('notificationSettings.showsNothing'), hint: t('notificationSettings.showsNothingHint') },
];

/** What can be told of groups. */
export const groupOptions = (): readonly Option<NotificationChoices['groups']>[] => [
  { value: 'everything', label: t('notificationSettings.everyMessage') },
  { value: 'named', label: t('notificationSettings.onlyNamed') },
];

/** What a notification looks like for each choice. */
export const examples = (): Readonly<Record<Shows, NotificationContent>> => ({
  words: { title: t('notificationSettings.exampleName'), body: t('notificationSettings.exampleBody') },
  names: { title: t('notificationSettings.exampleName'), body: t('notifications.new') },
  nothing: { title: 'Sotto', body: t('notifications.new') },
});
