import type { ChatKind } from '@sotto/client';
import { t } from '../language/catalogue';
import { untitled } from './group';

/** What a chat is called. */
export function chatName(kind: ChatKind): string {
  switch (kind.kind) {
    case 'direct':
      return kind.with.displayName || kind.with.name;
    case 'group':
      return kind.title ?? untitled();
    case 'notes':
      return t('chats.notes');
  }
}
