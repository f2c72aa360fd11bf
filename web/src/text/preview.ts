import type { AccountId, Message } from '@sotto/client';
import { groupChanges } from './group';

/** The longest beginning of a message that is shown or spoken where the message itself is not. */
const LENGTH = 300;

/** Instead of what somebody says whom one blocks. */
export const FROM_BLOCKED = 'From somebody you blocked';

/** What a message says, in short. `own`: who reads it. */
export function preview(message: Message, own: AccountId | undefined): string {
  if (message.fromBlocked) return FROM_BLOCKED;
  switch (message.body.kind) {
    case 'text':
      return message.body.text.slice(0, LENGTH);
    case 'group-changes':
      return groupChanges(message, message.body.changes, own).join(' ').slice(0, LENGTH);
    case 'unknown':
      return 'Sent by a newer version of Sotto';
  }
}
