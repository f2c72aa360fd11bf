/**
 * What the web app sees of Sotto. Every call goes to the one tab that runs the client; ids are base64url strings,
 * times are milliseconds since the Unix epoch.
 */

export type AccountId = string;
export type ChatId = string;
export type MessageId = string;
export type DeviceId = string;

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
}

export type ChatKind =
  | { kind: 'direct'; with: Person }
  /**
   * `title` is absent until another member has told it; who is no member any more can still read what was said.
   * `picture`: which one it has, for `groupPicture`.
   */
  | { kind: 'group'; title?: string; picture?: string; isMember: boolean }
  | { kind: 'notes' };

export interface ChatSummary {
  chat: ChatId;
  kind: ChatKind;
  last?: Message;
  unread: number;
  /** Entries that could not be decrypted. */
  undecryptable: number;
  /** How long messages are kept that are sent without saying so. */
  retention: Retention;
  /** The chat is paused: a change was made that its rules do not allow. It goes on when that is taken back. */
  isHalted: boolean;
  /** Who made it. */
  haltedBy?: string;
  /**
   * Somebody to whom this account has never written has begun it, or has brought this account in. Nothing is sent there, not
   * even that it was read, and `unread` is 0, until it is accepted. Writing accepts it.
   */
  request?: ContactRequest;
}

export interface ContactRequest {
  /** Who is behind it, as far as this device knows. */
  from?: Person;
}

/** How far a member is with what is said in a chat, as its devices have told: positions. 0 if they have not. */
export interface Receipt {
  /** Its `name` is empty until the profile was read. */
  who: Account;
  /** It came into the chat after this position: what was said before does not concern it. */
  since: number;
  delivered: number;
  read: number;
}

/** Whether somebody is there, or when they were last, in milliseconds since 1970; `unknown` if that is not told. */
export type Presence = { kind: 'online' } | { kind: 'last-seen'; at: number } | { kind: 'unknown' };

/** What this account's devices tell others. Whoever does not tell is not told either. */
export interface Privacy {
  deliveryReceipts: boolean;
  readReceipts: boolean;
  typing: boolean;
  presence: boolean;
}

export interface BlockedAccount {
  account: AccountId;
  /** Absent until the profile was read; the event `blocked` says when it is. */
  person?: Person;
}

/**
 * How large a group can become, for good. `normal`: the devices of 256 members, if each has one. `large`: 2,000, and **not**
 * protected against a later quantum computer: whoever makes such a group is to be told.
 */
export type GroupSize = 'normal' | 'large';

export interface NewGroup {
  /** 1 to 128 bytes of UTF-8, in one line. */
  title: string;
  /** At most 2,048 bytes. */
  description: string;
  size: GroupSize;
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
  /** Which picture it has, for `groupPicture`. */
  picture?: string;
  size: GroupSize;
  joinPolicy: JoinPolicy;
  isListed: boolean;
  retention: Retention;
  /** Absent if this account is in the group no more. */
  ownRole?: Role;
  /** How many accounts are in it. */
  members: number;
  /** How many accounts this device is still to add, of those that it was asked to. */
  adding: number;
  /** Accounts that do not come in again. */
  banned: AccountId[];
  /** Members whose identity key is not the one known before. Their `name` is empty until it was read. */
  doubted: Account[];
  /** Whether this device has the group's key, which the owner and the admins need to describe the group and to make invite links. It
   * comes to their devices by itself. */
  hasKey: boolean;
}

/** An invite link of a group that works. Its text is with whoever made it. */
export interface InviteLink {
  /** What names it: public. */
  key: string;
  /** Until when it works, in milliseconds since 1970. */
  expiresAt: number;
  /** How many accounts can come in by it. */
  uses: number;
}

/** What an invite link says. Its group's key has signed it; whether it still works is found by using it. */
export interface ReadInviteLink {
  group: ChatId;
  /** The group's title when the link was made, if that was known. */
  title?: string;
  expiresAt: number;
  uses: number;
  /** How many accounts are in the group; absent without a login. */
  members?: number;
  /** Whether this account is in the group already. */
  isMember: boolean;
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
  /** Which picture it has, if everybody may see it. */
  picture?: string;
  joinPolicy: JoinPolicy;
  members: number;
}

export interface GroupsPage {
  groups: PublicGroup[];
  next?: string;
}

/** A QR code as a drawing: the dark modules, as the `d` of an SVG `path` in a view box of `side` times `side`. */
export interface QrCode {
  side: number;
  path: string;
}

/** A device of this account. */
export interface OwnDevice {
  device: DeviceId;
  /** Sealed by the account's devices for each other; absent if it has none. */
  name?: string;
  /** Eight groups of five digits, the same wherever the device is shown. */
  code: string;
  isThis: boolean;
  /** Known here to be what it seems: it came by a code that one of the two showed, or its code was compared. */
  isVerified: boolean;
  /** It has come since `acknowledgeDevices` was called last. */
  isNew: boolean;
  enrolledAt: number;
  /** To the hour. */
  lastSeenAt: number;
}

/** What lets a new device in, once. */
export interface DeviceLinkOffer {
  code: string;
  /** The address of the login page with the code behind it. */
  qr?: QrCode;
  /** The device that comes by it. */
  device: DeviceId;
  expiresAt: number;
}

/** What two people compare. */
export interface Safety {
  /** Twelve groups of five digits. */
  number: string;
  /** For the other person's device to compare by itself. */
  code: string;
  qr?: QrCode;
  /** Whether this was done, and the identity key is the same still. */
  isVerified: boolean;
}

/**
 * `same`: nobody is in between. `other-accounts`: it is the code of another chat, or the server shows one of the two
 * somebody else. `other-keys`: somebody is in between.
 */
export type SafetyComparison = 'same' | 'other-accounts' | 'other-keys';

export type ConnectionState = 'offline' | 'connecting' | 'online';

export type SottoEvent =
  | { kind: 'connection'; state: ConnectionState }
  | { kind: 'account'; account: Account | null }
  | { kind: 'chat'; chat: ChatId }
  | { kind: 'message'; message: Message }
  /** A message's time is over: it is not to be shown any longer. */
  | { kind: 'message-removed'; chat: ChatId; message: MessageId }
  | { kind: 'identity-changed'; account: AccountId }
  /** The devices of this account are others now. */
  | { kind: 'devices' }
  /** A new device has logged in to this account. `isExpected`: by a code that this one has shown. */
  | { kind: 'device-added'; device: DeviceId; isExpected: boolean }
  /** Somebody asks to be let into a group, does so no more, or was approved. */
  | { kind: 'join-requests'; chat: ChatId }
  /** Something that was asked for in a group before the client was started again cannot be done. */
  | { kind: 'intent-failed'; chat: ChatId; error: SottoErrorShape }
  /** This device's store is full or broken: the client is offline, and tries again by itself. */
  | { kind: 'store-failed' }
  /** Events may have been missed: another tab took over the client, for instance. Ask again for what is shown. */
  | { kind: 'reset' }
  /** Whom this account blocks, or what is known of them, is different now. */
  | { kind: 'blocked' }
  /** A member is further with what is said in the chat, or tells it no more. */
  | { kind: 'receipts'; chat: ChatId }
  /** Somebody types, or has ceased to. It ends by itself: the client says so after a few seconds without a sign. */
  | { kind: 'typing'; chat: ChatId; who: Account; isTyping: boolean }
  | { kind: 'presence'; account: AccountId }
  /** What is told to others was changed, here or on another device. */
  | { kind: 'privacy' };

/**
 * What a call throws, as a `SottoError`. `code` is a problem code of the server, or one of the client's own; among them
 * - `interrupted`: the tab that ran the client went away, and whether the call was done is not known;
 * - `crashed`: the client stopped, repeatedly;
 * - `not-loaded`, `unsupported`: the client cannot run in this browser or page;
 * - `not-a-member`: this account is in the group no more;
 * - `group-not-found`, `not-a-group`: no group has this id, or none that this account was ever in; the chat is no group;
 * - `blocked`: this account blocks the other one;
 * - `group-full`: the group would have more devices than it can;
 * - `membership-refused`: the group's rules do not allow this to this account;
 * - `invalid-recovery-code`, `invalid-device-link-code`, `invalid-safety-code`: the text is no such code;
 * - `device-link-refused`: the code of the other device is wrong, was used, or is too old;
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
  /** The password stays as it is: see `setPasswordByRecoveryCode`. */
  logInByRecoveryCode(name: string, words: string): Promise<void>;
  /** With the code that a device of the account shows. */
  logInByDeviceLink(code: string): Promise<void>;
  /** Whose code it is, and the origin of the server that it is of: it is good there alone. */
  readDeviceLink(code: string): Promise<{ name: string; server: string }>;
  /** The other devices stay logged in. */
  changePassword(current: string, next: string): Promise<void>;
  setPasswordByRecoveryCode(words: string, next: string): Promise<void>;
  /** The devices of this account, oldest first. */
  devices(): Promise<OwnDevice[]>;
  /** Whether a device has come since `acknowledgeDevices` was called last. */
  hasNewDevices(): Promise<boolean>;
  /** 1 to 64 bytes of UTF-8, in one line. */
  renameDevice(device: DeviceId, name: string): Promise<void>;
  /** The user has compared the device's code on both, and it was the same. */
  confirmDevice(device: DeviceId): Promise<void>;
  /** The user knows of every device that there is now. */
  acknowledgeDevices(): Promise<void>;
  /** Ends its session at once, and takes it out of every chat. */
  removeDevice(device: DeviceId): Promise<void>;
  /** A code to show to a new device, in place of an earlier one. */
  offerDeviceLink(): Promise<DeviceLinkOffer>;
  withdrawDeviceLink(code: string): Promise<void>;
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
  /**
   * At most `limit` members, and at most 200, after the first `skip`. With `text`, of those whose name or display name has it
   * in it: only names that are known here are found. The others are read, some at a time, and the event `chat` says when.
   */
  groupMembers(group: ChatId, skip: number, limit: number, text?: string): Promise<MembersPage>;
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
  /** Of a group that this account is in, or of a listed one. From the local store if it was read before. */
  groupPicture(group: ChatId): Promise<Blob | undefined>;
  /** A JPEG, PNG or WebP of at most 256 KiB; `undefined` takes it away. Whatever is not drawn is removed from the file. */
  setGroupPicture(group: ChatId, picture: Uint8Array | undefined): Promise<void>;
  /** Once it resolves, it goes on as soon as it can. What was said before stays here. */
  leaveGroup(group: ChatId): Promise<void>;
  /** For everyone, as its owner. */
  deleteGroup(group: ChatId): Promise<void>;
  /** Joins an open group. */
  joinGroup(group: ChatId): Promise<ChatId>;
  /**
   * Makes an invite link, for the owner and the admins: the code that goes behind `/join#`. Whoever has it can join. It cannot be read
   * again.
   */
  createInviteLink(group: ChatId, expiresInSeconds: number, uses: number): Promise<string>;
  /** The invite links of a group that work. */
  inviteLinks(group: ChatId): Promise<InviteLink[]>;
  /** Makes an invite link useless, by its `key`. */
  revokeInviteLink(group: ChatId, key: string): Promise<void>;
  /** Reads an invite link, or its code. */
  readInviteLink(link: string): Promise<ReadInviteLink>;
  /** Joins the group that an invite link leads to. */
  joinByInviteLink(link: string): Promise<ChatId>;
  /** Draws an invite link. */
  inviteQrCode(link: string): Promise<QrCode>;
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
  /** Without `retention` it is kept as long as the chat's messages are. */
  send(chat: ChatId, text: string, retention?: Retention): Promise<MessageId>;
  /** How long messages are kept from now on that are sent without saying so. In a group its rules say who may. */
  setRetention(chat: ChatId, retention: Retention): Promise<void>;
  markRead(chat: ChatId, position: number): Promise<void>;
  /** Of the other members. In large groups (more than 64 members) nothing is told, and this is empty. */
  receipts(chat: ChatId): Promise<Receipt[]>;
  /**
   * Tells the chat's other members, for a few seconds, that something is being typed; repeated every 4 seconds while it is.
   * Not kept; nothing without a connection.
   */
  setTyping(chat: ChatId, isTyping: boolean): Promise<void>;
  presence(account: AccountId): Promise<Presence>;
  privacy(): Promise<Privacy>;
  setPrivacy(privacy: Privacy): Promise<void>;
  /** Whether a person is at this tab: this account is shown as online to others while somebody is at one of its tabs. */
  setActive(isActive: boolean): Promise<void>;
  acceptIdentity(account: AccountId): Promise<void>;
  safetyNumber(account: AccountId): Promise<string>;
  safety(account: AccountId): Promise<Safety>;
  /** Holds what the other person's device shows against what is known here. Only `same` verifies the account. */
  compareSafetyCode(account: AccountId, code: string): Promise<SafetyComparison>;
  /** The user has compared the safety number with the other person, and it was the same. */
  confirmSafetyNumber(account: AccountId): Promise<void>;
  /** The chat is one like any other from now on, on all devices. */
  acceptRequest(chat: ChatId): Promise<void>;
  /** The chat is not among the chats any more, on no device, whatever else is sent there. A group is left. */
  declineRequest(chat: ChatId): Promise<void>;
  /** Their chat is not among the chats any more, and the server takes nothing more from them there. */
  block(account: AccountId): Promise<void>;
  /** They can write again, and are accepted. */
  unblock(account: AccountId): Promise<void>;
  blocked(): Promise<BlockedAccount[]>;
  subscribe(listener: (event: SottoEvent) => void): () => void;
}
