import type { AccountId, ChatSummary, Message } from '@sotto/client';
import { t } from '../language/catalogue';
import { chatName } from '../text/chat-name';
import { authorOf } from '../text/group';
import { isMuted } from '../text/muting';
import { preview } from '../text/preview';
import type { NotificationChoices } from './choices';

/** What a notification says. */
export interface NotificationContent {
  readonly title: string;
  readonly body: string;
}

const APP = 'Sotto';

/** Where nothing is known of what has come, or nothing is to be said of it. */
export const plain = (): NotificationContent => ({ title: APP, body: t('notifications.some') });

/** Whether somebody wants to hear of a message at all. `summary`: its chat, as the client has it now. */
export function isWanted(message: Message, summary: ChatSummary, choices: NotificationChoices, now: number): boolean {
  if (!choices.isOn || message.own || message.fromBlocked || message.state !== 'received') return false;
  const { body, retention, expiresAt, mentionsOwn, toldBy } = message;
  // It was said before this account came into the group.
  if (toldBy) return false;
  // What was changed in a group stands among the notices, if it is about this account.
  if (body.kind === 'group-changes' || body.kind === 'deleted') return false;
  if (expiresAt !== undefined && expiresAt <= now) return false;
  if (retention.kind !== 'never' && message.position <= summary.readTo) return false;
  if (mentionsOwn) return true;
  return !isMuted(summary, now) && !(summary.kind.kind === 'group' && choices.groups === 'named');
}

/** What the notification of a chat says: its latest message that is wanted, and how many nobody has read. */
export function contentOf(
  message: Message,
  summary: ChatSummary,
  { shows, groups }: NotificationChoices,
  own: AccountId | undefined,
  now: number,
): NotificationContent {
  const namedAlone = isMuted(summary, now) || (summary.kind.kind === 'group' && groups === 'named');
  const count = namedAlone ? summary.unreadMentions : summary.unread;
  if (shows === 'nothing') return { title: APP, body: countWords(count) };
  const title = chatName(summary.kind);
  const author = summary.kind.kind === 'group' ? authorOf(message) : undefined;
  // Strangers do not choose what stands on somebody's screen.
  if (summary.request) {
    return { title, body: author === undefined ? t('notifications.request') : t('notifications.groupRequest') };
  }
  if (shows === 'names') {
    if (author === undefined) return { title, body: namedAlone ? namedWords(count) : countWords(count) };
    const body = namedAlone
      ? t('notifications.namedBy', { name: author, count: Math.max(1, count) })
      : t('notifications.newFrom', { name: author, count: Math.max(1, count) });
    return { title, body };
  }
  const said =
    author === undefined ? words(message, own) : t('notifications.said', { name: author, said: words(message, own) });
  return { title, body: count > 1 ? `${said}\n${countWords(count)}` : said };
}

/** What is gone later is not given to the system, which may keep what it has shown. */
function words(message: Message, own: AccountId | undefined): string {
  switch (message.retention.kind) {
    case 'never':
      return t('notifications.fleeting');
    case 'for':
      return t('notifications.timed');
    case 'keep':
      return preview(message, own);
  }
}

function countWords(count: number): string {
  return count > 1 ? t('notifications.count', { count }) : t('notifications.new');
}

function namedWords(count: number): string {
  return t('notifications.named', { count: Math.max(1, count) });
}
