import type { Account, AccountId, ChatId, GrantedHistory, JoinPolicy, MessageId, Retention, Role } from './api.js';
import type { FileInfo } from './file.js';

/** Something that the message's sender has changed in the group. The `name` of `who` is empty until it was read. */
export type GroupChange =
  | { kind: 'added'; who: Account }
  /** The sender, by itself. */
  | { kind: 'joined'; who: Account }
  | { kind: 'removed'; who: Account }
  /** By itself; the sender has only taken its devices out of the group. */
  | { kind: 'left'; who: Account }
  | { kind: 'role'; who: Account; role: Role }
  | { kind: 'join-policy'; joinPolicy: JoinPolicy }
  | { kind: 'listed'; isListed: boolean }
  | { kind: 'retention'; retention: Retention }
  | { kind: 'history'; history: GrantedHistory }
  | { kind: 'banned'; who: Account }
  | { kind: 'unbanned'; who: Account }
  | { kind: 'title'; title: string }
  /** Another one, or none any more. */
  | { kind: 'picture' }
  /** What the sender had changed was taken back: others could not accept it. */
  | { kind: 'refused' }
  /** The sender's device could not follow the chat any more, and has joined anew. */
  | { kind: 'rejoined' }
  /** There is a new invite link. */
  | { kind: 'link-made' }
  /** An invite link does not work any more, before its time. */
  | { kind: 'link-revoked' };

/** A place in a text that names somebody: UTF-16 indices, as JavaScript counts. The places of a text do not overlap. */
export interface Mention {
  start: number;
  /** Behind the last of it. */
  end: number;
  account: AccountId;
}

export type Body =
  | {
      kind: 'text';
      text: string;
      /** Whom it names, in the order of their places. */
      mentions?: Mention[];
      /** Somebody else has said it first, in another chat. */
      isForwarded?: boolean;
    }
  | {
      kind: 'file';
      file: FileInfo;
      /** What is said about it; empty if nothing is. */
      caption: string;
      /** Whom the caption names, in the order of their places. */
      mentions?: Mention[];
      /** Somebody else has sent it first, in another chat. */
      isForwarded?: boolean;
    }
  | { kind: 'group-changes'; changes: GroupChange[] }
  /** What it said is shown to nobody any more. `by`: its author, or in a group somebody who holds an office. */
  | { kind: 'deleted'; by: Account }
  | { kind: 'unknown' };

export interface Message {
  id: MessageId;
  chat: ChatId;
  /** Orders the messages of a chat; pass it to `messages` to page. A queued message gets its last one when it is accepted. */
  position: number;
  /** Its `name` is empty until the sender's profile was read. */
  from: Account;
  /**
   * The member who has told it to this account, which came into the group after it was said. That it was said so, at that time and by
   * `from`, is this member's word: nobody can check it. Absent if the message came from its sender.
   */
  toldBy?: Account;
  own: boolean;
  /** It is from somebody whom this account blocks: not to be shown unless that is wanted. */
  fromBlocked?: boolean;
  body: Body;
  at: number;
  /** `queued`: not yet accepted by the server. `relayed`: of a fleeting message of this tab's account, passed on. */
  state: 'queued' | 'accepted' | 'failed' | 'received' | 'relayed';
  /** Why the server refused it for good, if it `failed`: a problem code. */
  problem?: string;
  /** Of a fleeting message that was passed on: how many devices were there to get it. */
  reached?: number;
  /** How long it is kept. A `never` one is fleeting: it is in no history, and gone when it is not shown any more. */
  retention: Retention;
  /** When it vanishes everywhere, in milliseconds since 1970; absent while it is queued, and if it does not. */
  expiresAt?: number;
  /** What it answers, by what its author says: the message itself, if it is here, says it better. */
  replyTo?: Quote;
  /** All that it has said, the first text first and the last one as in `body`; absent if it was never edited. */
  editions?: { text: string; at: number }[];
  /** What is thought of it, the first reaction first. */
  reactions?: { emoji: string; by: Account[] }[];
  /** It names this account. */
  mentionsOwn?: boolean;
  /** This account has marked it, for itself alone, on all of its devices. */
  isStarred?: boolean;
}

export interface Quote {
  message: MessageId;
  /** Its `name` is empty until the profile was read. */
  from: Account;
  /** The beginning of what it said, at most 256 bytes of UTF-8; empty if it was no text, or is not kept for good. */
  text: string;
}

/** What else is wanted of a message that is sent. */
export interface SendOptions {
  /** If absent, it is kept as long as the chat's messages are. */
  retention?: Retention;
  /** A message of the same chat that it answers. */
  replyTo?: MessageId;
  /** At most 64. */
  mentions?: Mention[];
}

/** What was begun to be written in a chat. Up to 4 KiB of UTF-8 are shared with the account's other devices; longer stays here. */
export interface Draft {
  text: string;
  mentions?: Mention[];
  /** The message that it is to answer. */
  replyTo?: MessageId;
}

/** What is sought among the messages that this device has. */
export interface SearchQuery {
  /** May be empty if anything else is given. */
  text: string;
  chat?: ChatId;
  from?: AccountId;
  /** Said at this time or later, in milliseconds since 1970. */
  since?: number;
  /** Said before this time. */
  until?: number;
  kind?: 'text' | 'link' | 'image' | 'video' | 'voice' | 'file';
}

/** Where a search goes on. */
export type SearchCursor = string;

export interface SearchPage {
  /** Newest first. */
  found: FoundMessage[];
  next?: SearchCursor;
}

export interface FoundMessage {
  message: Message;
  /** The places of its text that matched, in their order: UTF-16 indices, `end` behind the last of it. */
  marks: { start: number; end: number }[];
}
