import type {
  Account,
  AccountId,
  BlockedAccount,
  ChatId,
  ChatSummary,
  ConnectionState,
  DeviceId,
  DeviceLinkOffer,
  Group,
  GroupSettings,
  GroupsPage,
  InviteLink,
  JoinRequest,
  MembersPage,
  Message,
  MessageId,
  NewGroup,
  OwnDevice,
  PeoplePage,
  Person,
  Presence,
  Privacy,
  Progress,
  QrCode,
  ReadInviteLink,
  Receipt,
  Retention,
  Safety,
  SafetyComparison,
} from './api.js';

/** What a tab can ask of the leading tab's client: arguments and result, all structured-cloneable. */
export interface Calls {
  account(): Account | null;
  connection(): ConnectionState;
  register(name: string, password: string): { recoveryCode: string };
  logIn(name: string, password: string): void;
  logInByRecoveryCode(name: string, words: string): void;
  logInByDeviceLink(code: string): void;
  readDeviceLink(code: string): { name: string; server: string };
  changePassword(current: string, next: string): void;
  setPasswordByRecoveryCode(words: string, next: string): void;
  devices(): OwnDevice[];
  hasNewDevices(): boolean;
  renameDevice(device: DeviceId, name: string): void;
  confirmDevice(device: DeviceId): void;
  acknowledgeDevices(): void;
  removeDevice(device: DeviceId): void;
  offerDeviceLink(): DeviceLinkOffer;
  withdrawDeviceLink(code: string): void;
  logOut(): void;
  erase(): void;
  searchPeople(query: string, after: string | undefined): PeoplePage;
  person(name: string): Person;
  chats(): ChatSummary[];
  startChat(name: string): ChatId;
  notes(): ChatId;
  createGroup(group: NewGroup): ChatId;
  group(group: ChatId): Group;
  groupMembers(group: ChatId, skip: number, limit: number, text?: string): MembersPage;
  addToGroup(group: ChatId, names: string[]): void;
  removeFromGroup(group: ChatId, accounts: AccountId[], bans: boolean): void;
  setGroup(group: ChatId, settings: GroupSettings): void;
  describeGroup(group: ChatId, title: string, description: string): void;
  groupPicture(group: ChatId): Blob | undefined;
  setGroupPicture(group: ChatId, picture: Uint8Array | undefined): void;
  leaveGroup(group: ChatId): void;
  deleteGroup(group: ChatId): void;
  joinGroup(group: ChatId): ChatId;
  createInviteLink(group: ChatId, expiresInSeconds: number, uses: number): string;
  inviteLinks(group: ChatId): InviteLink[];
  revokeInviteLink(group: ChatId, key: string): void;
  readInviteLink(link: string): ReadInviteLink;
  joinByInviteLink(link: string): ChatId;
  inviteQrCode(link: string): QrCode;
  askToJoin(group: ChatId): void;
  withdrawJoinRequest(group: ChatId): void;
  joinRequests(group: ChatId): JoinRequest[];
  approveJoinRequest(group: ChatId, account: AccountId): void;
  declineJoinRequest(group: ChatId, account: AccountId): void;
  searchGroups(query: string, after: string | undefined): GroupsPage;
  messages(chat: ChatId, limit: number, before: number | undefined): Message[];
  send(chat: ChatId, id: MessageId, text: string, retention: Retention | undefined): void;
  setRetention(chat: ChatId, retention: Retention): void;
  markRead(chat: ChatId, position: number): void;
  receipts(chat: ChatId): Receipt[];
  setTyping(chat: ChatId, isTyping: boolean): void;
  presence(account: AccountId): Presence;
  privacy(): Privacy;
  setPrivacy(privacy: Privacy): void;
  acceptIdentity(account: AccountId): void;
  safetyNumber(account: AccountId): string;
  safety(account: AccountId): Safety;
  compareSafetyCode(account: AccountId, code: string): SafetyComparison;
  confirmSafetyNumber(account: AccountId): void;
  acceptRequest(chat: ChatId): void;
  declineRequest(chat: ChatId): void;
  block(account: AccountId): void;
  unblock(account: AccountId): void;
  blocked(): BlockedAccount[];
}

export type Method = keyof Calls;

/** The calls that report how far they are. */
export type ProgressMethod = 'register' | 'logIn';

/** The client that the leading tab's worker holds. */
export type Client = {
  [M in Method]: (
    ...args: M extends ProgressMethod
      ? [...Parameters<Calls[M]>, (progress: Progress) => void]
      : Parameters<Calls[M]>
  ) => Promise<ReturnType<Calls[M]>>;
} & {
  /** Whether a person is at any tab: no tab can say that alone. */
  setActive(isActive: boolean): Promise<void>;
};

/**
 * Whether a call may be made again when the leader went away before it answered: the first one may or may not have
 * had its effect. A message carries an id of its caller's choosing, so sending it twice is sending it once; a direct
 * chat exists once per pair of accounts, and notes once per account; what is asked for in a group says how it is to be,
 * and changes nothing where it is so. Registering or logging in twice would make a second device, creating a group
 * twice a second group; a password that was changed is not the current one any more.
 */
export const repeatable: Readonly<Record<Method, boolean>> = {
  account: true,
  connection: true,
  register: false,
  logIn: false,
  logInByRecoveryCode: false,
  logInByDeviceLink: false,
  readDeviceLink: true,
  changePassword: false,
  setPasswordByRecoveryCode: true,
  devices: true,
  hasNewDevices: true,
  renameDevice: true,
  confirmDevice: true,
  acknowledgeDevices: true,
  removeDevice: true,
  offerDeviceLink: true,
  withdrawDeviceLink: true,
  logOut: true,
  erase: true,
  searchPeople: true,
  person: true,
  chats: true,
  startChat: true,
  notes: true,
  createGroup: false,
  group: true,
  groupMembers: true,
  addToGroup: true,
  removeFromGroup: true,
  setGroup: true,
  describeGroup: true,
  groupPicture: true,
  setGroupPicture: true,
  leaveGroup: true,
  deleteGroup: true,
  joinGroup: true,
  createInviteLink: false,
  inviteLinks: true,
  revokeInviteLink: true,
  readInviteLink: true,
  joinByInviteLink: true,
  inviteQrCode: true,
  askToJoin: true,
  withdrawJoinRequest: true,
  joinRequests: true,
  approveJoinRequest: true,
  declineJoinRequest: true,
  searchGroups: true,
  messages: true,
  send: true,
  setRetention: true,
  markRead: true,
  receipts: true,
  setTyping: true,
  presence: true,
  privacy: true,
  setPrivacy: true,
  acceptIdentity: true,
  safetyNumber: true,
  safety: true,
  compareSafetyCode: true,
  confirmSafetyNumber: true,
  acceptRequest: true,
  declineRequest: true,
  block: true,
  unblock: true,
  blocked: true,
};

/** Guards the leader against a method name that is not one, `constructor` for instance. */
export function isMethod(name: string): name is Method {
  return Object.hasOwn(repeatable, name);
}

export function reportsProgress(method: Method): method is ProgressMethod {
  return method === 'register' || method === 'logIn';
}
