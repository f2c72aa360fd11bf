/**
 * What the web app sees of Sotto. Every call goes to the one tab that runs the client; ids are base64url strings,
 * times are milliseconds since the Unix epoch.
 */

import type { Administration, Ban } from './admin.js';
import type { Broadcasts } from './broadcast.js';
import type { Communities, CommunityId } from './community.js';
import type { FileLimits, NewFile, Transfer } from './file.js';
import type { Exported, ExportOptions, ExportProgress, Imported, ImportProgress } from './history.js';
import type { Draft, Mention, Message, SearchCursor, SearchPage, SearchQuery, SendOptions } from './message.js';
import type { Notice } from './notice.js';
import type { Reported, ReportReason } from './report.js';
import type { Accent, NewsItem, NewsPage, SitePage, SitePageName } from './site.js';

export type * from './admin.js';
export type * from './broadcast.js';
export type * from './community.js';
export type * from './file.js';
export type * from './history.js';
export type * from './message.js';
export type * from './notice.js';
export type * from './report.js';
export type * from './site.js';

export type AccountId = string;
export type ChatId = string;
export type MessageId = string;
export type DeviceId = string;
export type PasskeyId = string;

export interface Account {
  account: AccountId;
  name: string;
}

/** What a server says to everybody, without a login. */
export interface ServerInfo {
  /** Who may make an account: anyone, whoever has an invite code, or nobody. */
  registration: 'open' | 'invited' | 'closed';
  /** What the server is called; `Sotto` if its operator has not said. */
  name: string;
  /** The operator's colours, if there are any. */
  accent?: Accent;
  /** Whether there is a logo, at `/v1/site/logo`. */
  logo: boolean;
  /** Whether what `sitePage('about')` says is the operator's own. */
  about: boolean;
  /** Whether there is a `sitePage('landing')`. */
  landing: boolean;
  /** Whether there is any news. */
  news: boolean;
  /** Whether accounts can have passkeys there. */
  passkeys: boolean;
  /** The OpenID provider at which people can log in, if there is one. */
  oidc?: OidcInfo;
  /** What communities there can be about. */
  topics: string[];
}

/** A server's OpenID provider. It says who somebody is, and opens no account. */
export interface OidcInfo {
  /** How the operator calls it. */
  name: string;
  /** Whether who is known there may make an account without an invite, also where nobody else may. */
  registration: boolean;
  /** Whether an account that is linked takes a login there each time. */
  required: boolean;
}

/** A login at the provider that has begun. */
export interface OidcLogin {
  /** Where the browser is to go. */
  authorizationUrl: string;
  /** What `finishOidcLogin` needs: to be kept where only this page reads it, as `sessionStorage` is. */
  pending: string;
}

/** Who has logged in at the provider. */
export interface OidcIdentity {
  /** The account that is linked, if one is: the one to log in to. */
  account?: string;
  /** How a new account might be called. */
  suggestedName?: string;
  /** Whether a new account needs no invite, also where nobody else may make one. */
  registration: boolean;
}

export interface RegisterOptions {
  /** The invite code, where the server takes the invited alone; elsewhere it counts for nothing. */
  invite?: string;
}

export interface Person {
  account: AccountId;
  name: string;
  displayName: string;
  /** `changed`: the account's identity key is not the one known before; nothing is sent until it is accepted. */
  identity: 'new' | 'known' | 'changed';
}

/** A picture of a profile. Anyone gets it by `GET /v1/picture/{id}` from the server, as an `<img>` does: a JPEG that never changes. */
export type PictureId = string;

/** A place in degrees. Whoever gives one may give it as closely as they know it: it is rounded to 0.1° (about 11 km) before it leaves. */
export interface Location {
  latitude: number;
  longitude: number;
}

/** A public profile. */
export interface Profile extends Person {
  /** Whether a program speaks for it, and no person. */
  isBot?: boolean;
  /** What they say about themselves; empty if nothing. */
  about: string;
  /** Where they say that they are, in their own words; empty if nowhere. */
  place: string;
  /** Roughly where they are, if they have said. */
  location?: Location;
  /** Whether searches find them. */
  isListed: boolean;
  /** 512 pixels wide and high, and 96. */
  picture?: { large: PictureId; small: PictureId };
  /** 1,500 pixels wide and 500 high. */
  cover?: PictureId;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** What changes of one's own profile. What is absent stays. */
export interface ProfileUpdate {
  displayName?: string;
  about?: string;
  place?: string;
  /** `null` takes away the one that is there. */
  location?: Location | null;
  isListed?: boolean;
}

/** Who is looked for: by a text, near a place, or both. */
export interface PeopleQuery {
  /** Part of a name, of a display name, or of what people say of themselves and of where they are. */
  text?: string;
  /** The server is told of it to 0.1°, and keeps it nowhere. */
  near?: Location;
  /** 10 to 500; 50 if it is absent. */
  withinKm?: number;
}

/** Somebody whom a search has found. */
export interface FoundPerson extends Person {
  /** Whether a program speaks for it, and no person. */
  isBot?: boolean;
  /** What they say about themselves, or the beginning of it. */
  about?: string;
  /** Where they say that they are. */
  place?: string;
  /** In the small size. */
  picture?: PictureId;
  /** In whole kilometres and at least 10, if the search is about a place. */
  distanceKm?: number;
}

export interface PeoplePage {
  /**
   * Those first whose name begins with the text, then those whose display name has it in it, then those whose name does, then those
   * who say it of themselves; near a place, the nearest first.
   */
  people: FoundPerson[];
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

/**
 * What newcomers to a group are given of what was said before they came: nothing, or what was said at a time and after it, in
 * milliseconds since the Unix epoch; 0 is everything. What vanishes is never given on.
 */
export type GrantedHistory = 'none' | { since: { at: number } };

export type ChatKind =
  | { kind: 'direct'; with: Person }
  /**
   * `title` is absent until another member has told it; who is no member any more can still read what was said.
   * `picture`: which one it has, for `groupPicture`. `isBroadcast`: its owner and its admins write there, and everyone else reads.
   */
  | { kind: 'group'; title?: string; picture?: string; isMember: boolean; isBroadcast: boolean }
  | { kind: 'notes' };

export interface ChatSummary {
  chat: ChatId;
  kind: ChatKind;
  last?: Message;
  unread: number;
  /** How far this account has read: a position. 0: nothing. */
  readTo: number;
  /** Of the unread messages, those that name this account. */
  unreadMentions: number;
  /** The beginning (at most 200 characters) of what was begun to be written here. */
  draft?: string;
  /** Nothing here calls for attention; `until`: until then, else until it is taken back. */
  muted?: { until?: number };
  /** Put away: not among the others in the list. A new message brings it back, unless the chat is muted. */
  isArchived: boolean;
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
  /** The community that it is of, for good: nobody comes in who is not in that. */
  community?: string;
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
  /** The community that it is of. */
  community?: string;
  /** Whether its owner and its admins write there, and everyone else reads. */
  isBroadcast: boolean;
  retention: Retention;
  history: GrantedHistory;
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
  history?: GrantedHistory;
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

/** How one shows to be the account's owner, and not somebody who has found a device of it. */
export type OwnerProof = { password: string } | { recoveryCode: string };

/** A passkey of this account. */
export interface OwnPasskey {
  passkey: PasskeyId;
  /** Sealed by the account's devices for each other; absent if none of them has given it. */
  name?: string;
  addedAt: number;
  /** When somebody logged in by it last. */
  usedAt?: number;
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

/** Where the browser's push service wakes this device. */
export interface WakeUpAddress {
  endpoint: string;
  /** The browser's public key for it: 65 bytes. */
  p256dh: Uint8Array;
  /** The secret that goes with it: 16 bytes. */
  auth: Uint8Array;
}

export type ConnectionState = 'offline' | 'connecting' | 'online';

export type SottoEvent =
  | { kind: 'connection'; state: ConnectionState }
  | { kind: 'account'; account: Account | null }
  | { kind: 'chat'; chat: ChatId }
  /** One that is new, or has changed: it was sent, edited or deleted, or somebody has reacted. */
  | { kind: 'message'; message: Message }
  /** A message's time is over, or it was deleted here: it is not to be shown any longer. */
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
  | { kind: 'privacy' }
  /** A file is further on its way: at most ten times a second for each. */
  | { kind: 'transfer'; transfer: Transfer }
  /** What was begun to be written in the chat was changed by another device or tab. */
  | { kind: 'draft'; chat: ChatId }
  /** Other messages are starred now. */
  | { kind: 'starred' }
  /** There are other notices than before, or they have been looked at. */
  | { kind: 'notices' }
  /** Messages came out of the archive that this device did not have. */
  | { kind: 'history'; chat: ChatId }
  /** The archive stands otherwise. */
  | { kind: 'archive' }
  /** The server has banned the account; `account` with `null` follows. What is stored here stays. */
  | { kind: 'banned'; ban: Ban }
  /** The account may do something else on the server than before: `ownRole` says what. */
  | { kind: 'role' };

/**
 * What a call throws, as a `SottoError`. `code` is a problem code of the server, or one of the client's own; among them
 * - `invite-required`, `invite-invalid`: the server takes the invited alone, and no code was given; the code is unknown, used up or over;
 * - `registration-closed`: the server takes no new accounts;
 * - `captcha-required`, `captcha-invalid`: the proof of work is missing; it is wrong, was used or is over;
 * - `banned`: the server lets this account in no more, for now or for good; `ban` says why and until when;
 * - `forbidden`, `permission-exceeded`: the account's role does not permit it; it reaches beyond what the role permits;
 * - `last-administrator`: nobody else would administer;
 * - `role-not-found`, `role-in-use`, `invite-not-found`, `too-many-roles`, `too-many-invites`: what their names say;
 * - `wrong-credentials`: the name, the password or the recovery code is wrong, which one is not said;
 * - `interrupted`: the tab that ran the client went away, and whether the call was done is not known;
 * - `crashed`: the client stopped, repeatedly;
 * - `not-loaded`, `unsupported`: the client cannot run in this browser or page;
 * - `not-a-member`: this account is in the group no more;
 * - `no-voice`: in a broadcast its owner and its admins alone write;
 * - `group-not-found`, `not-a-group`: no group has this id, or none that this account was ever in; the chat is no group;
 * - `blocked`: this account blocks the other one;
 * - `group-full`: the group would have more devices than it can;
 * - `membership-refused`: the group's rules do not allow this to this account;
 * - `invalid-recovery-code`, `invalid-device-link-code`, `invalid-safety-code`: the text is no such code;
 * - `device-link-refused`: the code of the other device is wrong, was used, or is too old;
 * - `passkeys-off`: the server has none, or not for this page's address; `passkeys-unsupported`: this browser or machine has none;
 * - `passkey-without-prf`: the authenticator cannot give the secret that seals the account: it takes another one;
 * - `passkey-refused`: the server does not know the passkey, or not any more; `passkey-taken`: it is there already;
 * - `passkey-unusable`, `passkey-failed`: the authenticator's answer is none; `passkey-expired`: it took too long: begin anew;
 * - `passkey-not-found`, `too-many-passkeys`, `invalid-passkey-name`: there is none such; there are 16; a name has 1 to 64 bytes in one line;
 * - `oidc-off`, `oidc-unavailable`: the server has no OpenID provider, or it does not answer as it should;
 * - `oidc-refused`: what came back from the provider does not hold, or answers a login that was begun elsewhere;
 * - `oidc-expired`: nobody has logged in at the provider, or too long ago; `oidc-required`: this login has to begin there;
 * - `oidc-taken`: that login of the provider is linked with another account, or this account with another;
 * - `community-not-found`, `not-in-community`, `community-banned`, `founder-stays`, `too-many-communities`, `community-full`: what their
 *   names say;
 * - `message-not-found`: no message has this id here;
 * - `message-refused`: that cannot be done with this message: it is somebody else's, for instance, or was deleted;
 * - `not-sent-yet`: the server does not have the message yet;
 * - `invalid-mention`: somebody is named where the text has nothing, or too many are;
 * - `invalid-reaction`: the reaction is empty, too long, or has control characters in it;
 * - `file-differs`: it is not the file that was begun to be uploaded;
 * - `file-unreadable`: the browser does not let it be read any more: it was moved, changed or deleted;
 * - `file-damaged`: what the server sent does not open: it was altered;
 * - `file-gone`: it was deleted, or its time is over;
 * - `file-too-large`: it is too large to be read in one piece;
 * - `invalid-picture`: the image cannot be cleaned, as it is not what it says to be;
 * - `endpoint-refused`: the server sends nothing to this push service;
 * - `offline`: there is no connection to the server;
 * - `too-many-stars`: as many messages are starred as can be;
 * - `passphrase-length`: the passphrase of an export is shorter than 12 characters, or longer than 1,024 bytes;
 * - `wrong-passphrase`: it does not open the export;
 * - `not-an-export`: the file is no encrypted export, or one of a newer version;
 * - `export-damaged`: it was cut or altered: what was read before that is kept, and nothing after it used;
 * - `another-accounts-export`: it is of another account;
 * - `cancelled`: the caller, or its user, has stopped it;
 * - `internal`: a defect of the client.
 */
export interface SottoErrorShape {
  code: string;
  message: string;
  /** With `banned`. */
  ban?: Ban;
}

/** How far `register` and `logIn` are: the proof of work of a registration, and key stretching, take a moment. */
export type Progress = 'proof-of-work' | 'password' | 'server' | 'keys' | 'done';

/** How the archive of the account's history stands, which its new devices read. */
export interface ArchiveStatus {
  /** History that is being read from it: so many parts of so many. */
  restoration?: { done: number; of: number };
  /** Chats of which something is to be archived. */
  waiting: number;
  /** Why the server takes nothing more: 'archive-full' and its like. */
  refused?: string;
  faulty: FaultyArchive[];
}

/**
 * An archive that the server shows otherwise than the account's devices have written it: older than it was; another than other
 * devices are shown; with parts missing; or one that none of them has written.
 */
export interface FaultyArchive {
  chat: ChatId;
  fault: 'rolled-back' | 'forked' | 'cut' | 'foreign';
}

export interface Sotto extends Administration, Broadcasts, Communities {
  account(): Promise<Account | null>;
  connection(): Promise<ConnectionState>;
  serverInfo(): Promise<ServerInfo>;
  /** What the operator has written; `null` if there is no such page. There is always one about the server. */
  sitePage(name: SitePageName): Promise<SitePage | null>;
  /** The operator's news, the latest first. `before`: `next` of the page before. */
  news(before?: string): Promise<NewsPage>;
  /** `null` if there is no such item. */
  newsItem(slug: string): Promise<NewsItem | null>;
  register(
    name: string,
    password: string,
    options?: RegisterOptions,
    onProgress?: (progress: Progress) => void,
  ): Promise<{ recoveryCode: string }>;
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
  /**
   * Has the browser make a passkey, which logs in and opens the account without name and password, and adds it under a name of 1 to 64 bytes
   * for the account's own devices to see. The browser may ask twice: many authenticators give what seals the account only when the passkey is
   * used. Call it from a click. Codes: `passkey-without-prf`: this authenticator cannot be used; `passkey-taken`: it holds one of this
   * account already; `passkeys-unsupported`; `passkeys-off`; `too-many-passkeys`; `cancelled`; `passkey-expired`: begin anew;
   * `wrong-credentials`, of the proof.
   */
  addPasskey(name: string, proof: OwnerProof): Promise<PasskeyId>;
  /** With whichever passkey its owner chooses. Codes as of `addPasskey`, and `passkey-refused`: the server does not know it, or not any more. */
  logInByPasskey(): Promise<void>;
  /** For whoever has lost the password. The other devices stay logged in. */
  setPasswordByPasskey(next: string): Promise<void>;
  /** The passkeys of this account, oldest first. */
  passkeys(): Promise<OwnPasskey[]>;
  renamePasskey(passkey: PasskeyId, name: string): Promise<void>;
  /** Nobody logs in by it any more. Devices that have, stay: see `removeDevice`. */
  removePasskey(passkey: PasskeyId): Promise<void>;
  /**
   * Begins a login at the server's OpenID provider, which sends the browser back to `redirectUri`: `/login/oidc` of this origin. It says who
   * somebody is; an account is opened by its password, recovery code or passkey as before.
   */
  oidcLogin(redirectUri: string): Promise<OidcLogin>;
  /**
   * With the address to which the provider has sent back; its query is enough. For ten minutes the client then shows the provider's ticket
   * where an account is registered or logged in to. Codes: `oidc-refused`, `oidc-expired`, `oidc-unavailable`; `cancelled`: there.
   */
  finishOidcLogin(pending: string, address: string): Promise<OidcIdentity>;
  /** Somebody else goes on here, or without it. */
  forgetOidcLogin(): Promise<void>;
  /** Links this account with who has just logged in at the provider. Codes: `oidc-expired`, `oidc-taken`, `wrong-credentials`. */
  linkOidc(proof: OwnerProof): Promise<void>;
  /** Since when this account is linked; `null` if it is not. */
  oidcLinkedAt(): Promise<number | null>;
  /** Code: `oidc-required`: the server wants logins to begin at the provider. */
  unlinkOidc(): Promise<void>;
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
  /** Ends all sessions of the account, this one included. What the devices have stored stays there, as after `logOut`. */
  logOutEverywhere(): Promise<void>;
  /**
   * Deletes the account and all that belongs to it, and everything that is stored in this browser. The name is given to nobody again.
   * `wrong-credentials`: it is not the account's password.
   */
  deleteAccount(password: string): Promise<void>;
  /** Who is not listed is not found. A string is a text. */
  searchPeople(query: string | PeopleQuery, after?: string): Promise<PeoplePage>;
  person(name: string): Promise<Person>;
  /** As it is on the server now; one's own too. */
  profile(name: string): Promise<Profile>;
  updateProfile(update: ProfileUpdate): Promise<Profile>;
  /**
   * A JPEG, PNG, WebP or GIF of at most 8 MiB and 25 million pixels; `undefined` takes it away. What is not drawn of the file stays
   * here. The server cuts a square out of its middle and makes it anew. `invalid-picture`, `too-many-pixels`.
   */
  setPicture(picture: Uint8Array | undefined): Promise<Profile>;
  /** As `setPicture`, three times as wide as high. */
  setCover(cover: Uint8Array | undefined): Promise<Profile>;
  /** For pages that another server has given: those of the server itself can name its address. `picture-not-found`. */
  profilePicture(picture: PictureId): Promise<Blob>;
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
  /** The first messages after a position, oldest first. */
  messagesAfter(chat: ChatId, limit: number, after: number): Promise<Message[]>;
  /** The position of the first message at or after a time (of the last one, if all are earlier); `undefined` in an empty chat. */
  positionAt(chat: ChatId, at: number): Promise<number | undefined>;
  /** Newest first. */
  search(query: SearchQuery, limit: number, before?: SearchCursor): Promise<SearchPage>;
  /** A message of the chat, if it is here. */
  message(chat: ChatId, message: MessageId): Promise<Message | undefined>;
  /** 1 byte to 64 KiB of UTF-8. Resolves when it is in the client's hands: it goes out as soon as it can. */
  send(chat: ChatId, text: string, options?: SendOptions): Promise<MessageId>;
  /** Has a message of this account say something else, on every device. What it said before can be read still. */
  edit(chat: ChatId, message: MessageId, text: string, mentions?: Mention[]): Promise<void>;
  /** For everybody: a message of this account, or in a group, for the owner and the admins, any. */
  deleteMessage(chat: ChatId, message: MessageId): Promise<void>;
  /** On this device alone. One that is still queued cannot be: `deleteMessage` takes it back. */
  deleteMessageHere(chat: ChatId, message: MessageId): Promise<void>;
  /** Says what this account thinks of a message, or that it does not any more: 1 to 64 bytes of UTF-8. */
  react(chat: ChatId, message: MessageId, emoji: string, isSet: boolean): Promise<void>;
  /** Has a message shown above the others, for everybody in the chat. In a group the owner and the admins do that. */
  pin(chat: ChatId, message: MessageId, isPinned: boolean): Promise<void>;
  /** The messages that are shown above the others, the latest pinned last. The event `chat` says when they are others. */
  pinned(chat: ChatId): Promise<Message[]>;
  /** Marks a message for this account alone, on all of its devices, or takes the mark away. At most 1,000 in all. */
  star(chat: ChatId, message: MessageId, isStarred: boolean): Promise<void>;
  /** The latest starred first. Those that this device does not have are left out. */
  starred(limit: number, skip: number): Promise<Message[]>;
  /** What was begun to be written in the chat. */
  draft(chat: ChatId): Promise<Draft | undefined>;
  /** `undefined` takes it away; so does sending. Never to be called with what is to be sent as fleeting. */
  setDraft(chat: ChatId, draft: Draft | undefined): Promise<void>;
  /** `until`: a time, or 'always'; `undefined` ends it. On all devices. */
  muteChat(chat: ChatId, until: number | 'always' | undefined): Promise<void>;
  archiveChat(chat: ChatId, isArchived: boolean): Promise<void>;
  /** Sends what a message says to another chat, as something that was said before. Only of what is kept for good. A file is not uploaded again. */
  forward(from: ChatId, message: MessageId, to: ChatId): Promise<MessageId>;
  /**
   * Sends a file. Resolves when it is in the client's hands: the message is `queued` while the file is uploaded, and `transfer`
   * says how far that is. A JPEG, PNG or WebP is cleaned of Exif and the like; everything else is sent as it is.
   */
  sendFile(chat: ChatId, file: NewFile, options?: SendOptions): Promise<MessageId>;
  fileLimits(): Promise<FileLimits>;
  /** How far a message's file is, if it is on its way now. */
  transfer(chat: ChatId, message: MessageId): Promise<Transfer | undefined>;
  /** Stops an upload and takes its message back, as `deleteMessage` does, or stops a download. */
  cancelTransfer(chat: ChatId, message: MessageId): Promise<void>;
  /** Goes on with an upload whose file is not at hand any more, as the tab that had it was closed. */
  resumeFile(chat: ChatId, message: MessageId, content: Blob): Promise<void>;
  /** The whole file, of at most 64 MiB. */
  readFile(chat: ChatId, message: MessageId): Promise<Blob>;
  /** The bytes from `start` to before `end`, at most 4 MiB of them. */
  readFilePart(chat: ChatId, message: MessageId, start: number, end: number): Promise<Uint8Array>;
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
  /**
   * Reports a message of somebody else, with what it says and has said, to those who look after the server: they can read that from
   * then on, and nothing else of the chat. The server checks that it was said so; if it has the message no more, the report goes
   * without proof. `already-reported`; `report-refused`: its sender never said so, as a member who has told it may have made it up.
   */
  reportMessage(chat: ChatId, message: MessageId, reason: ReportReason, comment: string): Promise<Reported>;
  /** Reports what this device shows and has in no store, as a fleeting message, by one's word alone. */
  reportUnproven(
    chat: ChatId,
    message: MessageId,
    from: AccountId,
    text: string,
    reason: ReportReason,
    comment: string,
  ): Promise<Reported>;
  reportPerson(account: AccountId, reason: ReportReason, comment: string): Promise<Reported>;
  reportGroup(group: ChatId, reason: ReportReason, comment: string): Promise<Reported>;
  /** Reports a community of somebody else. Codes: `community-not-found`, `already-reported`. */
  reportCommunity(community: CommunityId, reason: ReportReason, comment: string): Promise<Reported>;
  /** What a subscription to the browser's push service is bound to (`applicationServerKey`): 65 bytes. */
  wakeUpKey(): Promise<Uint8Array>;
  /**
   * From now on this device is woken when something comes while it is not connected. The client keeps the address, and tells the
   * server again after a login, and which chats are muted.
   */
  setWakeUpAddress(address: WakeUpAddress): Promise<void>;
  /** It is woken no more. */
  removeWakeUpAddress(): Promise<void>;
  /** The endpoint of the address that was set last, if the server is told one. */
  wakeUpEndpoint(): Promise<string | undefined>;
  /**
   * Resolves when all that the server had for this device when the connection was made is processed and stored. Rejects as `offline`
   * if there is no connection within the time that the client gives it.
   */
  catchUp(): Promise<void>;
  /** What happened to this account, the latest first; `before`: the id of the last one that is known. At most 500 are kept. */
  notices(limit: number, before?: string): Promise<Notice[]>;
  /** All that there are have been looked at. */
  markNoticesSeen(): Promise<void>;
  /** Brings all history that is here into the archive, and waits for it. It happens by itself, too. */
  archiveNow(): Promise<void>;
  archiveStatus(): Promise<ArchiveStatus>;
  /** The user has seen what is wrong with archives. */
  acknowledgeArchiveFaults(): Promise<void>;
  /**
   * Writes the account's whole local history into a file, but what vanishes by itself: a file cannot forget. Codes: `passphrase-length`;
   * `cancelled`, once `signal` is aborted.
   */
  exportHistory(
    options: ExportOptions,
    onProgress?: (progress: ExportProgress) => void,
    signal?: AbortSignal,
  ): Promise<Exported>;
  /**
   * Reads an encrypted export of this account: what this device does not have comes from it, and what is here stays as it is. Codes:
   * `passphrase-length`; `wrong-passphrase`; `not-an-export`, also of a newer version; `another-accounts-export`; `export-damaged`, when it
   * was cut or altered, and `cancelled`: what was read before is kept.
   */
  importHistory(
    file: Blob,
    passphrase: string,
    onProgress?: (progress: ImportProgress) => void,
    signal?: AbortSignal,
  ): Promise<Imported>;
  subscribe(listener: (event: SottoEvent) => void): () => void;
}
