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

export type Body = { kind: 'text'; text: string } | { kind: 'unknown' };

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

export interface ChatSummary {
  chat: ChatId;
  with: Person;
  last?: Message;
  unread: number;
  /** Entries that could not be decrypted. */
  undecryptable: number;
}

export type ConnectionState = 'offline' | 'connecting' | 'online';

export type SottoEvent =
  | { kind: 'connection'; state: ConnectionState }
  | { kind: 'account'; account: Account | null }
  | { kind: 'chat'; chat: ChatId }
  | { kind: 'message'; message: Message }
  | { kind: 'identity-changed'; account: AccountId }
  /** This device's store is full or broken: the client is offline, and tries again by itself. */
  | { kind: 'store-failed' }
  /** Events may have been missed: another tab took over the client, for instance. Ask again for what is shown. */
  | { kind: 'reset' };

/**
 * What a call throws, as a `SottoError`. `code` is a problem code of the server, or one of the client's own; among them
 * - `interrupted`: the tab that ran the client went away, and whether the call was done is not known;
 * - `crashed`: the client stopped, repeatedly;
 * - `not-loaded`, `unsupported`: the client cannot run in this browser or page;
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
  /** The newest messages before a position (or of all), oldest first. */
  messages(chat: ChatId, limit: number, before?: number): Promise<Message[]>;
  send(chat: ChatId, text: string): Promise<MessageId>;
  markRead(chat: ChatId, position: number): Promise<void>;
  acceptIdentity(account: AccountId): Promise<void>;
  safetyNumber(account: AccountId): Promise<string>;
  subscribe(listener: (event: SottoEvent) => void): () => void;
}
