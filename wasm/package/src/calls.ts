import type {
  ArchiveStatus,
  Account,
  AccountId,
  BlockedAccount,
  ChatId,
  ChatSummary,
  ConnectionState,
  DeviceId,
  DeviceLinkOffer,
  Draft,
  Group,
  GroupSettings,
  GroupsPage,
  InviteLink,
  JoinRequest,
  Location,
  MembersPage,
  Mention,
  Message,
  MessageId,
  NewGroup,
  NewsItem,
  NewsPage,
  Notice,
  OidcIdentity,
  OidcLogin,
  OwnDevice,
  OwnerProof,
  OwnPasskey,
  PasskeyId,
  PeoplePage,
  PeopleQuery,
  Person,
  PictureId,
  Presence,
  Privacy,
  Profile,
  ProfileUpdate,
  Progress,
  PublicGroup,
  QrCode,
  ReadInviteLink,
  Receipt,
  RegisterOptions,
  Report,
  Reported,
  ReportOutcome,
  ReportReason,
  Reports,
  ReportsPage,
  Retention,
  Safety,
  SafetyComparison,
  SearchCursor,
  SearchPage,
  SearchQuery,
  SendOptions,
  ServerInfo,
  SitePage,
  SitePageName,
  WakeUpAddress,
} from './api.js';
import type {
  AccountFilter,
  AuditLog,
  AuditPage,
  Invite,
  InviteCreated,
  ListedAccount,
  ListedAccounts,
  NewInvite,
  OwnRole,
  Permission,
  ServerRole,
  StorageTotals,
} from './admin.js';
import type {
  CommunitiesPage,
  Community,
  CommunityBan,
  CommunityId,
  CommunityMembersPage,
  CommunityQuery,
  CommunityRole,
  CommunityUpdate,
  JoinedCommunity,
  ListedCommunity,
  NewCommunity,
} from './community.js';
import type { FileLimits, NewFile, Transfer } from './file.js';
import type { Exported, ExportOptions, ExportProgress, Imported, ImportProgress } from './history.js';

/**
 * What a tab can ask of the leading tab's client: arguments and result, all structured-cloneable. A file crosses as a `Blob`, which
 * is a reference: its bytes stay where they are until the worker reads slices of it.
 */
export interface Calls {
  account(): Account | null;
  connection(): ConnectionState;
  serverInfo(): ServerInfo;
  sitePage(name: SitePageName): SitePage | null;
  news(before: string | undefined): NewsPage;
  newsItem(slug: string): NewsItem | null;
  ownRole(): OwnRole;
  listAccounts(filter: AccountFilter | undefined): ListedAccounts;
  listedAccount(account: AccountId): ListedAccount;
  setRole(account: AccountId, role: string, reason: string): void;
  banAccount(account: AccountId, reason: string, until: number | undefined): void;
  unbanAccount(account: AccountId, reason: string): void;
  listInvites(): Invite[];
  createInvite(invite: NewInvite): InviteCreated;
  revokeInvite(invite: string, reason: string): void;
  listRoles(): ServerRole[];
  putRole(role: string, permissions: Permission[], reason: string): void;
  deleteRole(role: string, reason: string): void;
  storageTotals(): StorageTotals;
  auditLog(page: AuditPage | undefined): AuditLog;
  listReports(page: ReportsPage): Reports;
  readReport(report: string): Report;
  handleReport(report: string, outcome: ReportOutcome, note: string): Report;
  searchCommunities(query: CommunityQuery, after: string | undefined): CommunitiesPage;
  newCommunities(near: Location, since: number, withinKm: number | undefined): ListedCommunity[];
  joinedCommunities(): JoinedCommunity[];
  community(community: CommunityId): Community;
  foundCommunity(what: NewCommunity): Community;
  updateCommunity(community: CommunityId, update: CommunityUpdate): Community;
  setCommunityPicture(community: CommunityId, picture: Uint8Array | undefined): Community;
  setCommunityCover(community: CommunityId, cover: Uint8Array | undefined): Community;
  deleteCommunity(community: CommunityId): void;
  joinCommunity(community: CommunityId): Community;
  leaveCommunity(community: CommunityId): void;
  communityMembers(community: CommunityId, after: string | undefined): CommunityMembersPage;
  communityGroups(community: CommunityId, after: string | undefined): GroupsPage;
  setCommunityRole(community: CommunityId, account: AccountId, role: CommunityRole): void;
  removeFromCommunity(community: CommunityId, account: AccountId): void;
  banFromCommunity(community: CommunityId, account: AccountId): void;
  unbanFromCommunity(community: CommunityId, account: AccountId): void;
  communityBans(community: CommunityId): CommunityBan[];
  deleteCommunityOfOthers(community: CommunityId, reason: string): void;
  broadcast(community: CommunityId | undefined): { group?: PublicGroup };
  startBroadcast(community: CommunityId | undefined, title: string, description: string): ChatId;
  stopBroadcast(community: CommunityId | undefined): void;
  register(name: string, password: string, options: RegisterOptions | undefined): { recoveryCode: string };
  logIn(name: string, password: string): void;
  logInByRecoveryCode(name: string, words: string): void;
  logInByDeviceLink(code: string): void;
  readDeviceLink(code: string): { name: string; server: string };
  changePassword(current: string, next: string): void;
  setPasswordByRecoveryCode(words: string, next: string): void;
  /** What the browser is to be asked for, as JSON. */
  passkeyRegistration(proof: OwnerProof): string;
  /** What it answered, as JSON, and apart from it what the authenticator's PRF gave. */
  addPasskey(name: string, credential: string, secret: Uint8Array): PasskeyId;
  passkeyLogin(): string;
  logInByPasskey(credential: string, secret: Uint8Array): void;
  setPasswordByPasskey(credential: string, secret: Uint8Array, next: string): void;
  passkeys(): OwnPasskey[];
  renamePasskey(passkey: PasskeyId, name: string): void;
  removePasskey(passkey: PasskeyId): void;
  oidcLogin(redirectUri: string): OidcLogin;
  finishOidcLogin(pending: string, address: string): OidcIdentity;
  forgetOidcLogin(): void;
  linkOidc(proof: OwnerProof): void;
  oidcLinkedAt(): number | null;
  unlinkOidc(): void;
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
  logOutEverywhere(): void;
  deleteAccount(password: string): void;
  searchPeople(query: string | PeopleQuery, after: string | undefined): PeoplePage;
  person(name: string): Person;
  profile(name: string): Profile;
  updateProfile(update: ProfileUpdate): Profile;
  setPicture(picture: Uint8Array | undefined): Profile;
  setCover(cover: Uint8Array | undefined): Profile;
  profilePicture(picture: PictureId): Blob;
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
  messagesAfter(chat: ChatId, limit: number, after: number): Message[];
  positionAt(chat: ChatId, at: number): number | undefined;
  search(query: SearchQuery, limit: number, before: SearchCursor | undefined): SearchPage;
  message(chat: ChatId, message: MessageId): Message | undefined;
  send(chat: ChatId, id: MessageId, text: string, options: SendOptions | undefined): void;
  edit(chat: ChatId, message: MessageId, text: string, mentions: Mention[] | undefined): void;
  deleteMessage(chat: ChatId, message: MessageId): void;
  deleteMessageHere(chat: ChatId, message: MessageId): void;
  react(chat: ChatId, message: MessageId, emoji: string, isSet: boolean): void;
  pin(chat: ChatId, message: MessageId, isPinned: boolean): void;
  pinned(chat: ChatId): Message[];
  star(chat: ChatId, message: MessageId, isStarred: boolean): void;
  starred(limit: number, skip: number): Message[];
  draft(chat: ChatId): Draft | undefined;
  setDraft(chat: ChatId, draft: Draft | undefined): void;
  muteChat(chat: ChatId, until: number | 'always' | undefined): void;
  archiveChat(chat: ChatId, isArchived: boolean): void;
  forward(from: ChatId, message: MessageId, to: ChatId): MessageId;
  sendFile(chat: ChatId, id: MessageId, file: NewFile, options: SendOptions | undefined): void;
  fileLimits(): FileLimits;
  transfer(chat: ChatId, message: MessageId): Transfer | undefined;
  cancelTransfer(chat: ChatId, message: MessageId): void;
  resumeFile(chat: ChatId, message: MessageId, content: Blob): void;
  readFile(chat: ChatId, message: MessageId): Blob;
  readFilePart(chat: ChatId, message: MessageId, start: number, end: number): Uint8Array;
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
  reportMessage(chat: ChatId, message: MessageId, reason: ReportReason, comment: string): Reported;
  reportUnproven(
    chat: ChatId,
    message: MessageId,
    from: AccountId,
    text: string,
    reason: ReportReason,
    comment: string,
  ): Reported;
  reportPerson(account: AccountId, reason: ReportReason, comment: string): Reported;
  reportGroup(group: ChatId, reason: ReportReason, comment: string): Reported;
  reportCommunity(community: CommunityId, reason: ReportReason, comment: string): Reported;
  wakeUpKey(): Uint8Array;
  setWakeUpAddress(address: WakeUpAddress): void;
  removeWakeUpAddress(): void;
  wakeUpEndpoint(): string | undefined;
  catchUp(): void;
  notices(limit: number, before: string | undefined): Notice[];
  markNoticesSeen(): void;
  archiveNow(): void;
  archiveStatus(): ArchiveStatus;
  acknowledgeArchiveFaults(): void;
  /** `task`: chosen by the tab, for `cancelTask`. */
  exportHistory(task: string, options: ExportOptions): Exported;
  importHistory(task: string, file: Blob, passphrase: string): Imported;
  cancelTask(task: string): void;
}

export type Method = keyof Calls;

/** The calls that report how far they are, and what they report. */
export interface ProgressReports {
  register: Progress;
  logIn: Progress;
  exportHistory: ExportProgress;
  importHistory: ImportProgress;
}

export type ProgressMethod = keyof ProgressReports;

/** What a call reports, if it does. */
export type ProgressOf<M extends Method> = M extends ProgressMethod ? ProgressReports[M] : never;

/** The client that the leading tab's worker holds. */
export type Client = {
  [M in Method]: (
    ...args: M extends ProgressMethod
      ? [...Parameters<Calls[M]>, (progress: ProgressReports[M]) => void]
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
 * and changes nothing where it is so; what is said of a message, a chat or a draft says how it is to be, too. (To delete what is deleted can
 * fail as `message-not-found`.) Registering or logging in twice would make a second device, creating a group twice a
 * second group, forwarding twice a second message, as the client chooses its id; a password that was changed is not the
 * current one any more, and an account that was deleted has none; what was reported cannot be reported again. What waits for a
 * passkey waits in the leader that has asked for it; a login at a provider ends once, and the leader that has ended it holds what it gave.
 */
export const repeatable: Readonly<Record<Method, boolean>> = {
  account: true,
  connection: true,
  serverInfo: true,
  sitePage: true,
  news: true,
  newsItem: true,
  searchCommunities: true,
  newCommunities: true,
  joinedCommunities: true,
  community: true,
  foundCommunity: false,
  updateCommunity: true,
  setCommunityPicture: true,
  setCommunityCover: true,
  deleteCommunity: false,
  joinCommunity: true,
  leaveCommunity: true,
  communityMembers: true,
  broadcast: true,
  startBroadcast: true,
  stopBroadcast: true,
  communityGroups: true,
  setCommunityRole: true,
  removeFromCommunity: false,
  banFromCommunity: true,
  unbanFromCommunity: true,
  communityBans: true,
  deleteCommunityOfOthers: false,
  register: false,
  logIn: false,
  logInByRecoveryCode: false,
  logInByDeviceLink: false,
  readDeviceLink: true,
  changePassword: false,
  setPasswordByRecoveryCode: true,
  passkeyRegistration: true,
  addPasskey: false,
  passkeyLogin: true,
  logInByPasskey: false,
  setPasswordByPasskey: false,
  passkeys: true,
  renamePasskey: true,
  removePasskey: true,
  oidcLogin: true,
  finishOidcLogin: false,
  forgetOidcLogin: true,
  linkOidc: false,
  oidcLinkedAt: true,
  unlinkOidc: true,
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
  logOutEverywhere: true,
  deleteAccount: false,
  searchPeople: true,
  person: true,
  profile: true,
  updateProfile: true,
  setPicture: true,
  setCover: true,
  profilePicture: true,
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
  messagesAfter: true,
  positionAt: true,
  search: true,
  message: true,
  send: true,
  ownRole: true,
  listAccounts: true,
  listedAccount: true,
  setRole: true,
  banAccount: true,
  unbanAccount: true,
  listInvites: true,
  // Done twice, there would be two.
  createInvite: false,
  // The second time there is none.
  revokeInvite: false,
  listRoles: true,
  putRole: true,
  deleteRole: false,
  storageTotals: true,
  auditLog: true,
  listReports: true,
  readReport: true,
  // Handled twice it stays as it was handled first.
  handleReport: true,
  edit: true,
  deleteMessage: true,
  deleteMessageHere: true,
  react: true,
  pin: true,
  pinned: true,
  star: true,
  starred: true,
  draft: true,
  setDraft: true,
  muteChat: true,
  archiveChat: true,
  forward: false,
  sendFile: true,
  fileLimits: true,
  transfer: true,
  cancelTransfer: true,
  resumeFile: true,
  readFile: true,
  readFilePart: true,
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
  reportMessage: false,
  reportUnproven: false,
  reportPerson: false,
  reportGroup: false,
  reportCommunity: false,
  wakeUpKey: true,
  setWakeUpAddress: true,
  removeWakeUpAddress: true,
  wakeUpEndpoint: true,
  catchUp: true,
  notices: true,
  markNoticesSeen: true,
  archiveNow: true,
  archiveStatus: true,
  acknowledgeArchiveFaults: true,
  exportHistory: true,
  importHistory: true,
  cancelTask: true,
};

/** Guards the leader against a method name that is not one, `constructor` for instance. */
export function isMethod(name: string): name is Method {
  return Object.hasOwn(repeatable, name);
}

const reporting: ReadonlySet<Method> = new Set<ProgressMethod>(['register', 'logIn', 'exportHistory', 'importHistory']);

export function reportsProgress(method: Method): method is ProgressMethod {
  return reporting.has(method);
}
