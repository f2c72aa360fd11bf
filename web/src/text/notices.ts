import type { AccountId, ChatSummary, Notice } from '@sotto/client';
import { t } from '../language/catalogue';
import { chatName } from './chat-name';
import { preview } from './preview';

/** A notice in plain words. */
export interface NoticeWords {
  /** The message that says it. */
  readonly key: NoticeKey;
  /** Whom it is about; absent if that is not known, or nobody. */
  readonly who?: string;
  /** The group in which it was. */
  readonly where?: string;
  /** With what somebody has reacted. */
  readonly emoji?: string;
  /** What was said, or what there is to know beside it. */
  readonly excerpt?: string;
}

export type NoticeKey =
  | 'notices.mention'
  | 'notices.mentionIn'
  | 'notices.reply'
  | 'notices.replyIn'
  | 'notices.reaction'
  | 'notices.reactionIn'
  | 'notices.addedBy'
  | 'notices.added'
  | 'notices.request'
  | 'notices.device'
  | 'notices.community';

/** What a notice says. `summary`: the chat that it is about, if it is here; `own`: who reads it. */
export function noticeWords(
  { about }: Notice,
  summary: ChatSummary | undefined,
  own: AccountId | undefined,
): NoticeWords {
  const named = (name: string | undefined): string => name || t('actions.somebody');
  const group = summary?.kind.kind === 'group' ? { where: chatName(summary.kind) } : undefined;
  switch (about.kind) {
    case 'mention':
    case 'reply':
      return {
        key: group ? `notices.${about.kind}In` : `notices.${about.kind}`,
        who: named(about.message.from.name),
        ...group,
        excerpt: preview(about.message, own),
      };
    case 'reaction':
      return {
        key: group ? 'notices.reactionIn' : 'notices.reaction',
        who: named(about.by.name),
        emoji: about.emoji,
        ...group,
        excerpt: preview(about.message, own),
      };
    case 'added': {
      const excerpt = summary ? chatName(summary.kind) : t('notices.notInIt');
      return about.by
        ? { key: 'notices.addedBy', who: named(about.by.name), excerpt }
        : { key: 'notices.added', excerpt };
    }
    case 'request':
      return { key: 'notices.request', who: named(about.by.name), excerpt: t('notices.requestHint') };
    case 'device':
      return {
        key: 'notices.device',
        excerpt:
          about.name === undefined ? t('notices.deviceHint') : t('notices.deviceNamedHint', { device: about.name }),
      };
    case 'community':
      return { key: 'notices.community', excerpt: t('notices.communityHint') };
  }
}
