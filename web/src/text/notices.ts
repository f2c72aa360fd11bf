import type { AccountId, ChatSummary, Notice } from '@sotto/client';
import { chatName } from './chat-name';
import { preview } from './preview';

/** A notice in plain words. */
export interface NoticeWords {
  /** Whom it is about; absent if that is not known, or nobody. */
  readonly who?: string;
  /** What follows the name, or all of it. */
  readonly what: string;
  /** The group in which it was. */
  readonly where?: string;
  /** What was said, or what there is to know beside it. */
  readonly excerpt?: string;
}

/** What a notice says. `summary`: the chat that it is about, if it is here; `own`: who reads it. */
export function noticeWords(
  { about }: Notice,
  summary: ChatSummary | undefined,
  own: AccountId | undefined,
): NoticeWords {
  const named = (name: string | undefined): string => name || 'Somebody';
  switch (about.kind) {
    case 'mention':
    case 'reply':
      return {
        who: named(about.message.from.name),
        what: about.kind === 'mention' ? 'named you' : 'answered you',
        ...inGroup(summary),
        excerpt: preview(about.message, own),
      };
    case 'reaction':
      return {
        who: named(about.by.name),
        what: `reacted with ${about.emoji} to your message`,
        ...inGroup(summary),
        excerpt: preview(about.message, own),
      };
    case 'added':
      return about.by
        ? { who: named(about.by.name), what: 'put you into a group:', ...titled(summary) }
        : { what: 'You were put into a group:', ...titled(summary) };
    case 'request':
      return {
        who: named(about.by.name),
        what: 'wants to write to you',
        excerpt: 'They learn nothing of you until you accept.',
      };
    case 'device':
      return {
        what: 'A new device has logged in to your account',
        excerpt: `${about.name === undefined ? '' : `${about.name}. `}If it is not yours, remove it.`,
      };
  }
}

function inGroup(summary: ChatSummary | undefined): Pick<NoticeWords, 'where'> {
  return summary?.kind.kind === 'group' ? { where: chatName(summary.kind) } : {};
}

function titled(summary: ChatSummary | undefined): Pick<NoticeWords, 'excerpt'> {
  return { excerpt: summary ? chatName(summary.kind) : 'You are in it no more.' };
}
