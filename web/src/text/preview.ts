import type { Account, AccountId, Message } from '@sotto/client';
import { t } from '../language/catalogue';
import { fileWords } from './file';
import { withoutMarks } from './formatting';
import { groupChanges } from './group';

/** The longest beginning of a message that is shown or spoken where the message itself is not. */
const LENGTH = 300;

/** Instead of what somebody says whom one blocks. */
export const fromBlocked = (): string => t('previews.fromBlocked');

/** What a message says, in short and without marks. `own`: who reads it. */
export function preview(message: Message, own: AccountId | undefined): string {
  if (message.fromBlocked) return fromBlocked();
  switch (message.body.kind) {
    case 'text':
      return beginning(message.body.text);
    case 'file': {
      const { file, caption } = message.body;
      return [fileWords(file), ...(caption ? [beginning(caption)] : [])].join(' · ').slice(0, LENGTH);
    }
    case 'group-changes':
      return groupChanges(message, message.body.changes, own).join(' ').slice(0, LENGTH);
    case 'deleted':
      return deletedWords(message.body.by, own);
    case 'unknown':
      return t('previews.unknown');
  }
}

/** The beginning of a text without its marks. */
export function beginning(text: string): string {
  // The marks are not many more than what they are about.
  return withoutMarks(text.slice(0, 2 * LENGTH)).slice(0, LENGTH);
}

/** Who has deleted a message. */
export function deletedWords(by: Account, own: AccountId | undefined): string {
  return by.account === own
    ? t('previews.deletedByYou')
    : t('previews.deletedBy', { name: by.name || t('previews.somebody') });
}
