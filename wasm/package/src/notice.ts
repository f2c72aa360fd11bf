import type { Account, ChatId, DeviceId } from './api.js';
import type { CommunityId } from './community.js';
import type { Message } from './message.js';

/** Something that happened to this account, with a place to go to. Of messages that are not there any more there is none. */
export interface Notice {
  id: string;
  at: number;
  /** Nobody has looked at it: neither at the list since then nor, if it is about a message, at the chat up to there. */
  isNew: boolean;
  about: NoticeAbout;
}

export type NoticeAbout =
  /** A message names this account, or answers one of its messages. */
  | { kind: 'mention' | 'reply'; message: Message }
  /** To a message of this account. */
  | { kind: 'reaction'; message: Message; by: Account; emoji: string }
  /** Somebody has put this account into a group. */
  | { kind: 'added'; chat: ChatId; by?: Account }
  /** The first message of somebody to whom this account has never written. */
  | { kind: 'request'; chat: ChatId; by: Account }
  /** A device that nobody expected has logged in to this account. */
  | { kind: 'device'; device: DeviceId; name?: string }
  /** It was founded near where the own profile says that one is. */
  | { kind: 'community'; community: CommunityId };
