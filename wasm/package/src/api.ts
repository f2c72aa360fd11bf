/**
 * What the web app sees of Sotto. Every call goes to the one tab that runs the client; ids are base64url strings,
 * times are milliseconds since the Unix epoch.
 */

export type AccountId = string;
export type ChatId = string;
export type MessageId = string;

export interface Account {
  account: AccountId;
  name: string;
}

export interface Person {
  account: AccountId;
  name: string;
  displayName: string;
  /** `changed`: the account's identity key is not the one known before; nothing is sent until it is accepted. */
  identity: 'new' | 'known' | 'changed';
}

export interface PeoplePage {
  people: Person[];
  next?: string;
}

/** The owner and the admins hold an office: they change the group's rules, and remove members who hold none. */
export type Role = 'owner' | 'admin' | 'member';

/** How a newcomer gets into a group. */
export type JoinPolicy =
  /** A member adds them. */
  | { kind: 'invite'; by: 'admins' | 'members' }
  /** They ask, and are added when enough have approved. */
  | { kind: 'approval'; by: Approvers }
  /** They join alone. */
  | { kind: 'open' };

/** Whose approval a newcomer needs: the owner's or one admin's, one member's, or that of 2 to 32 members. */
export type Approvers = { kind: 'any-admin' } | { kind: 'any-member' } | { kind: 'members'; count: number };

/** What becomes of messages: kept, deleted after a time, or relayed to who is there and written nowhere. */
export type Retention = { kind: 'keep' } | { kind: 'for'; seconds: number } | { kind: 'never' };

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
  | { kind: 'banned'; who: Account }
  | { kind: 'unbanned'; who: Account }
  | { kind: 'title'; title: string };

export type Body =
  | { kind: 'text'; text: string }
  | { kind: 'group-changes'; changes: GroupChange[] }
  | { kind: 'unknown' };

export interface Message {
  id: MessageId;
  chat: ChatId;
  /** Orders the messages of a chat; pass it to `messages` to page. A queued message gets its last one when it is accepted. */
  position: number;
  /** Its `name` is empty until the sender's profile was read. */
  from: Account;
  own: boolean;
  body: Body;
  at: number;
  /** `queued`: not yet accepted by the server. */
  state: 'queued' | 'accepted' | 'failed' | 'received';
  /** Why the server refused it for good, if it `failed`: a problem code. */
  problem?: string;
}

export type ChatKind =
  | { kind: 'direct'; with: Person }
  /** `title` is absent until another member has told it; who is no member any more can still read what was said. */
  | { kind: 'group'; title?: string; isMember: boolean }
  | { kind: 'notes' };

export interface ChatSummary {
  chat: ChatId;
  kind: ChatKind;
  last?: Message;
  unread: number;
  /** Entries that could not be decrypted. */
  undecryptable: number;
}

export interface NewGroup {
  /** 1 to 128 bytes of UTF-8, in one line. */
  title: string;
  /** At most 2,048 bytes. */
  description: string;
  joinPolicy: JoinPolicy;
  /** Whether anyone can find it and read its title and description. If not, the server does not know them. */
  isListed: boolean;
  retention: Retention;
  /** Names of those who are in it from the beginning, beside its founder. */
  members: string[];
}

export interface Group {
  group: ChatId;
  /** Absent until another member has told it to this device; so is `description`. */
  title?: string;
  description?: string;
  joinPolicy: JoinPolicy;
  isListed: boolean;
  retention: Retention;
  /** Absent if this account is in the group no more. */
  ownRole?: Role;
  /** How many accounts are in it. */
  members: number;
  /** Accounts that do not come in again. */
  banned: AccountId[];
}

export interface GroupMember {
  account: AccountId;
  /** Absent until the member's profile was read; the event `chat` says when it is. */
  person?: Person;
  role: Role;
  /** How many devices it has in the group. */
  devices: number;
}

export interface MembersPage {
  /** The owner, then admins, then all others. */
  members: GroupMember[];
  /** How many there are in all. */
  total: number;
}

/** What to change of a group; what is absent stays as it is. */
export interface GroupSettings {
  joinPolicy?: JoinPolicy;
  isListed?: boolean;
  retention?: Retention;
  /** Whoever makes another the owner becomes an admin. */
  roles?: { account: AccountId; role: Role }[];
  /** Accounts that may come in again. */
  unbanned?: AccountId[];
}

/** Somebody who asks to be let into a group. */
export interface JoinRequest {
  account: AccountId;
  /** Absent until the profile was read. */
  person?: Person;
  at: number;
  /** How many members have approved. */
  approvals: number;
  /** Whether this account is one of them. */
  isApprovedHere: boolean;
}

/** A group that others can see. */
export interface PublicGroup {
  group: ChatId;
  /** Absent, as `description`, if the group is not listed. */
  title?: string;
  description?: string;
  joinPolicy: JoinPolicy;
  members: number;
}

export interface GroupsPage {
  groups: PublicGroup[];
  next?: string;
}

export type ConnectionState = 'offline' | 'connecting' | 'online';

export type SottoEvent =
  | { kind: 'connection'; state: ConnectionState }
  | { kind: 'account'; account: Account | null }
  | { kind: 'chat'; chat: ChatId }
  | { kind: 'message'; message: Message }
  | { kind: 'identity-changed'; account: AccountId }
  /** The devices of this account are others now. */
  | { kind: 'devices' }
  /** Somebody asks to be let into a group, does so no more, or was approved. */
  | { kind: 'join-requests'; chat: ChatId }
  /** Something that was asked for in a group before the client was started again cannot be done. */
  | { kind: 'intent-failed'; chat: ChatId; error: SottoErrorShape }
  /** This device's store is full or broken: the client is offline, and tries again by itself. */
  | { kind: 'store-failed' }
  /** Events may have been missed: another tab took over the client, for instance. Ask again for what is shown. */
  | { kind: 'reset' };

/**
 * What a call throws, as a `SottoError`. `code` is a problem code of the server, or one of the client's own; among them
 * - `interrupted`: the tab that ran the client went away, and whether the call was done is not known;
 * - `crashed`: the client stopped, repeatedly;
 * - `not-loaded`, `unsupported`: the client cannot run in this browser or page;
 * - `not-a-member`: this account is in the group no more;
 * - `group-not-found`, `not-a-group`: no group has this id, or none that this account was ever in; the chat is no group;
 * - `membership-refused`: the group's rules do not allow this to this account;
 * - `internal`: a defect of the client.
 */
export interface SottoErrorShape {
  code: string;
  message: string;
}

/** How far `register` and `logIn` are: key stretching takes a moment. */
export type Progress = 'password' | 'server' | 'keys' | 'done';

export interface Sotto {
  account(): Promise<Account | null>;
  connection(): Promise<ConnectionState>;
  register(name: string, password: string, onProgress?: (progress: Progress) => void): Promise<{ recoveryCode: string }>;
  logIn(name: string, password: string, onProgress?: (progress: Progress) => void): Promise<void>;
  /** Ends the session. What is stored stays, sealed: logging in again with this account continues with it. */
  logOut(): Promise<void>;
  /** Logs out and deletes everything that is stored in this browser, this device's keys among it. */
  erase(): Promise<void>;
  searchPeople(query: string, after?: string): Promise<PeoplePage>;
  person(name: string): Promise<Person>;
  /** The latest active first. */
  chats(): Promise<ChatSummary[]>;
  /** The direct chat with this person, begun if there is none. */
  startChat(name: string): Promise<ChatId>;
  /** The chat with oneself, begun if there is none. */
  notes(): Promise<ChatId>;
  /** Begins a group, which this account owns. */
  createGroup(group: NewGroup): Promise<ChatId>;
  /** A group that this account is in, or was. */
  group(group: ChatId): Promise<Group>;
  /** At most `limit` members, and at most 200, after the first `skip`. */
  groupMembers(group: ChatId, skip: number, limit: number): Promise<MembersPage>;
  /**
   * Resolves when they are in it. What was asked for is kept and goes on after a restart; if it turns out then that it
   * cannot be, the event `intent-failed` says so.
   */
  addToGroup(group: ChatId, names: string[]): Promise<void>;
  /** As `addToGroup`. `bans`: and they do not come in again. */
  removeFromGroup(group: ChatId, accounts: AccountId[], bans: boolean): Promise<void>;
  /** As `addToGroup`. */
  setGroup(group: ChatId, settings: GroupSettings): Promise<void>;
  describeGroup(group: ChatId, title: string, description: string): Promise<void>;
  /** Once it resolves, it goes on as soon as it can. What was said before stays here. */
  leaveGroup(group: ChatId): Promise<void>;
  /** For everyone, as its owner. */
  deleteGroup(group: ChatId): Promise<void>;
  /** Joins an open group. */
  joinGroup(group: ChatId): Promise<ChatId>;
  /** Asks to be let into a group. If its members agree, it appears among the chats. */
  askToJoin(group: ChatId): Promise<void>;
  /** Asks no more. */
  withdrawJoinRequest(group: ChatId): Promise<void>;
  /** Who asks to be let into a group of this account, oldest first. */
  joinRequests(group: ChatId): Promise<JoinRequest[]>;
  /** Lets them in if no more approvals are needed, and else tells the other members; resolves when one or the other is done. */
  approveJoinRequest(group: ChatId, account: AccountId): Promise<void>;
  declineJoinRequest(group: ChatId, account: AccountId): Promise<void>;
  /** Listed groups whose title or description contains the text. */
  searchGroups(query: string, after?: string): Promise<GroupsPage>;
  /** The newest messages before a position (or of all), oldest first. */
  messages(chat: ChatId, limit: number, before?: number): Promise<Message[]>;
  send(chat: ChatId, text: string): Promise<MessageId>;
  markRead(chat: ChatId, position: number): Promise<void>;
  acceptIdentity(account: AccountId): Promise<void>;
  safetyNumber(account: AccountId): Promise<string>;
  subscribe(listener: (event: SottoEvent) => void): () => void;
}
