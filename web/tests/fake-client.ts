import type {
  Account,
  AccountId,
  Ban,
  BlockedAccount,
  ChatId,
  ChatKind,
  ChatSummary,
  CommunityId,
  ConnectionState,
  FileInfo,
  Group,
  GroupChange,
  GroupSettings,
  GroupsPage,
  InviteLink,
  JoinRequest,
  MembersPage,
  Message,
  NewGroup,
  Person,
  Presence,
  Privacy,
  Progress,
  Safety,
  SafetyComparison,
  PublicGroup,
  QrCode,
  ReadInviteLink,
  Receipt,
  RegisterOptions,
  Sotto,
} from '@sotto/client';
import { problem } from './fake-calls';
import { FakeCommunities } from './fake-communities';
import { FakeGroup, type FakeGroupOptions } from './fake-group';
import type { FakeChat } from './fake-messages';
import { FakeReceipts } from './fake-receipts';

export { problem };

/** The browser package's interface over plain objects: what the pages are tried against when no server is wanted. */
export class FakeClient extends FakeCommunities implements Sotto {
  state: ConnectionState = 'online';
  /** What others tell beside messages. */
  readonly others = new FakeReceipts((event) => this.emit(event));

  /** The direct chats, by the name of the other one. */
  readonly #with = new Map<ChatId, string>();
  readonly #groups = new Map<ChatId, FakeGroup>();
  readonly #requests = new Map<ChatId, Person | undefined>();
  readonly #declined = new Set<ChatId>();
  readonly #blocked = new Set<AccountId>();
  #notes: ChatId | undefined;
  /** Chats that are paused, and whose change that was. */
  readonly halted = new Map<ChatId, string>();

  /** A person who can be found. */
  knows(name: string, more: Partial<Person> = {}): this {
    this.people.set(name, { account: `account-of-${name}`, name, displayName: '', identity: 'known', ...more });
    return this;
  }

  loggedInAs(name: string): this {
    this.me = { account: `account-of-${name}`, name };
    return this;
  }

  /** A group that is there; this account is in it if the group's roles name it. */
  hasGroup(id: ChatId, options: FakeGroupOptions): this {
    this.#groups.set(id, new FakeGroup(id, options));
    return this;
  }

  /** Puts a message into the chat with `name`, as if it had arrived or been sent. */
  said(name: string, text: string, more: Partial<Message> = {}): Message {
    return this.saidIn(this.#chatWith(name), name, text, more);
  }

  /** The same, with a file. */
  filed(
    name: string,
    file: Partial<FileInfo>,
    content: Blob,
    more: Partial<Message> & { caption?: string } = {},
  ): Message {
    return this.filedIn(this.#chatWith(name), name, file, content, more);
  }

  /** The chat with `name` waits as a request. */
  requested(name: string): ChatId {
    const chat = this.#chatWith(name);
    this.#requests.set(chat, this.personNamed(name));
    this.emit({ kind: 'chat', chat });
    return chat;
  }

  /** The group waits as a request of whoever has added this account, as far as that is known. */
  requestedIn(group: ChatId, from?: string): this {
    this.#requests.set(group, from === undefined ? undefined : this.personNamed(from));
    return this;
  }

  blocks(name: string): this {
    this.#blocked.add(this.accountOf(name).account);
    return this;
  }

  /** Something that was asked for in a group before a restart cannot be done. */
  failsIn(group: ChatId, code: string): void {
    this.emit({ kind: 'intent-failed', chat: group, error: problem(code) });
  }

  seen(name: string): this {
    return this.seenIn(this.#chatWith(name));
  }

  /** The disk is full. */
  storeFails(): void {
    this.emit({ kind: 'store-failed' });
  }

  goes(state: ConnectionState): void {
    this.state = state;
    this.emit({ kind: 'connection', state });
  }

  changesIdentity(name: string): void {
    const person = { ...this.personNamed(name), identity: 'changed' as const };
    this.people.set(name, person);
    this.emit({ kind: 'identity-changed', account: person.account });
  }

  async account(): Promise<Account | null> {
    return this.me;
  }

  async connection(): Promise<ConnectionState> {
    return this.state;
  }

  async register(
    name: string,
    _password: string,
    options?: RegisterOptions,
    onProgress?: (progress: Progress) => void,
  ) {
    await this.#steps('register', onProgress);
    this.admit(options);
    if (this.people.has(name)) throw problem('name-taken');
    this.enter(name);
    return { recoveryCode: WORDS.join(' ') };
  }

  async logIn(name: string, _password: string, onProgress?: (progress: Progress) => void): Promise<void> {
    await this.#steps('logIn', onProgress);
    this.enter(name);
  }

  async chats(): Promise<ChatSummary[]> {
    this.called('chats');
    if (!this.me) throw problem('unauthenticated');
    const kinds: [ChatId, ChatSummary['kind']][] = [
      ...[...this.#with].map(([chat, name]) => [chat, { kind: 'direct', with: this.personNamed(name) }] as const),
      ...[...this.#groups.values()]
        .filter((group) => group.isKnown)
        .map((group) => [group.id, group.kind(this.me?.account)] as const),
      ...(this.#notes === undefined ? [] : [[this.#notes, { kind: 'notes' }] as const]),
    ].map(([chat, kind]) => [chat, kind]);
    const isShown = ([chat, kind]: [ChatId, ChatSummary['kind']]) =>
      !this.#declined.has(chat) && !(kind.kind === 'direct' && this.#blocked.has(kind.with.account));
    const summaries = kinds.filter(isShown).map(([chat, kind]) => {
      const last = this.logOf(chat).newest;
      const from = this.#requests.get(chat);
      const request = this.#requests.has(chat) ? { request: from ? { from } : {} } : undefined;
      const haltedBy = this.halted.get(chat);
      const halted = { isHalted: haltedBy !== undefined, ...(haltedBy && { haltedBy }) };
      return {
        chat,
        kind,
        ...this.historyOf(chat),
        ...(request && { unread: 0, unreadMentions: 0 }),
        undecryptable: 0,
        retention: this.retentionOf(chat, this.#groups.get(chat)?.retention),
        ...halted,
        ...(last && { last }),
        ...request,
      };
    });
    return summaries.sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0));
  }

  async notes(): Promise<ChatId> {
    this.called('notes');
    this.#notes ??= this.id('notes');
    this.emit({ kind: 'chat', chat: this.#notes });
    return this.#notes;
  }

  async createGroup(group: NewGroup): Promise<ChatId> {
    this.called('createGroup', JSON.stringify(structuredClone(group)));
    const id = this.id('group');
    const { members, ...options } = group;
    const roles = Object.fromEntries(members.map((name) => [this.personNamed(name).name, 'member' as const]));
    this.hasGroup(id, { ...options, roles: { [this.me?.name ?? '']: 'owner', ...roles } });
    this.emit({ kind: 'chat', chat: id });
    return id;
  }

  async group(group: ChatId): Promise<Group> {
    this.called('group');
    const state = this.#group(group);
    const doubted = [...this.people.values()]
      .filter(({ account, identity }) => identity === 'changed' && state.roles.has(account))
      .map(({ account, name }) => ({ account, name }));
    return { ...state.shown(this.me?.account), doubted };
  }

  async groupMembers(group: ChatId, skip: number, limit: number, text = ''): Promise<MembersPage> {
    this.called('groupMembers', `${skip} ${limit}`);
    const isSought = (account: AccountId): boolean => {
      const { name = '', displayName = '' } = this.#personOf(account) ?? {};
      return text === '' || `${name} ${displayName}`.toLowerCase().includes(text.toLowerCase());
    };
    const { members, total } = this.#group(group).page(skip, Math.min(limit, 200), isSought);
    return {
      members: members.map(({ account, role }) => {
        const person = this.#personOf(account);
        return { account, role, devices: 1, ...(person && { person }) };
      }),
      total,
    };
  }

  async addToGroup(group: ChatId, names: string[]): Promise<void> {
    this.called('addToGroup', structuredClone(names).join(' '));
    const added = names.map((name) => this.accountOf(this.personNamed(name).name));
    for (const { account } of added) this.#group(group).roles.set(account, 'member');
    this.#say(
      group,
      added.map((who) => ({ kind: 'added', who })),
    );
  }

  async removeFromGroup(group: ChatId, accounts: AccountId[], bans: boolean): Promise<void> {
    this.called('removeFromGroup', `${structuredClone(accounts).join(' ')} ${bans}`);
    const state = this.#group(group);
    for (const account of accounts) {
      state.roles.delete(account);
      if (bans) state.banned.add(account);
    }
    this.#say(
      group,
      accounts.map((account) => ({ kind: 'removed', who: { account, name: this.#personOf(account)?.name ?? '' } })),
    );
  }

  async setGroup(group: ChatId, settings: GroupSettings): Promise<void> {
    this.called('setGroup', JSON.stringify(structuredClone(settings)));
    this.#group(group).set(settings);
    this.emit({ kind: 'chat', chat: group });
  }

  async describeGroup(group: ChatId, title: string, description: string): Promise<void> {
    this.called('describeGroup', `${title} / ${description}`);
    this.#group(group).describe(title, description);
    this.#say(group, [{ kind: 'title', title }]);
  }

  async groupPicture(group: ChatId): Promise<Blob | undefined> {
    return this.#group(group).picture;
  }

  async setGroupPicture(group: ChatId, picture: Uint8Array | undefined): Promise<void> {
    this.called('setGroupPicture', picture ? `${picture.length} bytes` : 'none');
    this.#group(group).picture = picture && new Blob([picture as Uint8Array<ArrayBuffer>], { type: 'image/webp' });
    this.#say(group, [{ kind: 'picture' }]);
  }

  async leaveGroup(group: ChatId): Promise<void> {
    this.called('leaveGroup');
    this.#group(group).roles.delete(this.me?.account ?? '');
    this.emit({ kind: 'chat', chat: group });
  }

  async deleteGroup(group: ChatId): Promise<void> {
    this.called('deleteGroup');
    this.#group(group).roles.delete(this.me?.account ?? '');
    this.emit({ kind: 'chat', chat: group });
  }

  async joinGroup(group: ChatId): Promise<ChatId> {
    this.called('joinGroup', group);
    const state = this.#groups.get(group);
    if (!state) throw problem('group-not-found');
    if (state.joinPolicy.kind !== 'open') throw problem('invalid-request');
    state.isKnown = true;
    state.roles.set(this.me?.account ?? '', 'member');
    this.emit({ kind: 'chat', chat: group });
    return group;
  }

  async createInviteLink(group: ChatId, expiresInSeconds: number, uses: number): Promise<string> {
    this.called('createInviteLink', `${expiresInSeconds} ${uses}`);
    const state = this.#group(group);
    const key = this.id('link');
    state.links.push({ key, expiresAt: Date.now() + expiresInSeconds * 1000, uses });
    this.emit({ kind: 'chat', chat: group });
    return `code-of-${key}`;
  }

  async inviteLinks(group: ChatId): Promise<InviteLink[]> {
    return structuredClone(this.#group(group).links);
  }

  async revokeInviteLink(group: ChatId, key: string): Promise<void> {
    this.called('revokeInviteLink', key);
    const state = this.#group(group);
    state.links = state.links.filter((link) => link.key !== key);
    this.emit({ kind: 'chat', chat: group });
  }

  async readInviteLink(link: string): Promise<ReadInviteLink> {
    this.called('readInviteLink', link);
    const group = this.#linked(link);
    const state = this.#groups.get(group);
    if (!state) throw problem('invalid-invite-link');
    return {
      group,
      ...(state.title !== undefined && { title: state.title }),
      expiresAt: Date.now() + 7_200_000,
      uses: 10,
      ...(this.me && { members: state.roles.size }),
      isMember: this.me !== null && state.roles.has(this.me.account),
    };
  }

  async joinByInviteLink(link: string): Promise<ChatId> {
    this.called('joinByInviteLink', link);
    const group = this.#linked(link);
    const state = this.#groups.get(group);
    if (!state) throw problem('invitation-refused');
    state.isKnown = true;
    state.roles.set(this.me?.account ?? '', 'member');
    this.emit({ kind: 'chat', chat: group });
    return group;
  }

  async inviteQrCode(): Promise<QrCode> {
    return { side: 29, path: 'M4 4h7v1h-7z' };
  }

  /** The fake's links are `to-` and the group. */
  #linked(link: string): ChatId {
    return link.replace(/^to-/, '');
  }

  async askToJoin(group: ChatId): Promise<void> {
    this.called('askToJoin', group);
    if (!this.#groups.has(group)) throw problem('group-not-found');
  }

  async withdrawJoinRequest(group: ChatId): Promise<void> {
    this.called('withdrawJoinRequest', group);
  }

  async joinRequests(group: ChatId): Promise<JoinRequest[]> {
    this.called('joinRequests');
    return [...this.#group(group).requests].map(([account, approvals]) => {
      const person = this.#personOf(account);
      return {
        account,
        at: 0,
        approvals: approvals.size,
        isApprovedHere: approvals.has(this.me?.account ?? ''),
        ...(person && { person }),
      };
    });
  }

  async approveJoinRequest(group: ChatId, account: AccountId): Promise<void> {
    this.called('approveJoinRequest', account);
    const state = this.#group(group);
    if (state.approve(account, this.me?.account ?? '')) {
      this.#say(group, [{ kind: 'added', who: { account, name: this.#personOf(account)?.name ?? '' } }]);
    }
    this.emit({ kind: 'join-requests', chat: group });
  }

  async declineJoinRequest(group: ChatId, account: AccountId): Promise<void> {
    this.called('declineJoinRequest', account);
    this.#group(group).requests.delete(account);
    this.emit({ kind: 'join-requests', chat: group });
  }

  /** Somebody asks to be let into a group. */
  asks(name: string, group: ChatId): this {
    this.#group(group).requests.set(this.accountOf(name).account, new Set());
    this.emit({ kind: 'join-requests', chat: group });
    return this;
  }

  async searchGroups(query: string, after?: string): Promise<GroupsPage> {
    this.called('searchGroups', query);
    const found = [...this.#groups.values()].filter((group) => group.isFoundBy(query));
    const from = after === undefined ? 0 : Number(after);
    const next = from + 20 < found.length ? { next: String(from + 20) } : {};
    return { groups: found.slice(from, from + 20).map((group) => group.public()), ...next };
  }

  /** Of each community, and under '' of the whole server. */
  readonly broadcasts = new Map<CommunityId, ChatId>();

  async broadcast(community?: CommunityId): Promise<{ group?: PublicGroup }> {
    this.called('broadcast', community);
    const group = this.#groups.get(this.broadcasts.get(community ?? '') ?? '');
    return group ? { group: group.public() } : {};
  }

  async startBroadcast(community: CommunityId | undefined, title: string, description: string): Promise<ChatId> {
    this.called('startBroadcast', `${community ?? ''} ${title} / ${description}`);
    const group = `broadcast-of-${community ?? 'all'}`;
    const own = this.me?.name ?? '';
    this.hasGroup(group, {
      title,
      description,
      isListed: true,
      isBroadcast: true,
      joinPolicy: { kind: 'open' },
      roles: { [own]: 'owner' },
      ...(community !== undefined && { community }),
    });
    this.broadcasts.set(community ?? '', group);
    return group;
  }

  async stopBroadcast(community?: CommunityId): Promise<void> {
    this.called('stopBroadcast', community);
    this.broadcasts.delete(community ?? '');
  }

  async communityGroups(community: CommunityId): Promise<GroupsPage> {
    this.called('communityGroups', community);
    const groups = [...this.#groups.values()].filter((group) => group.isListed && group.community === community);
    return { groups: groups.map((group) => group.public()) };
  }

  async startChat(name: string): Promise<ChatId> {
    this.called('startChat', name);
    const chat = this.#chatWith(name);
    this.emit({ kind: 'chat', chat });
    return chat;
  }

  async receipts(chat: ChatId): Promise<Receipt[]> {
    this.called('receipts');
    return this.others.receipts(chat, this.#membersBeside(chat));
  }

  async setTyping(chat: ChatId, isTyping: boolean): Promise<void> {
    this.called('setTyping', `${chat} ${isTyping}`);
  }

  async presence(account: AccountId): Promise<Presence> {
    this.called('presence');
    return this.others.presence(account);
  }

  async privacy(): Promise<Privacy> {
    this.called('privacy');
    return this.others.privacy;
  }

  async setPrivacy(privacy: Privacy): Promise<void> {
    this.called('setPrivacy', JSON.stringify(privacy));
    this.others.set(privacy);
  }

  async setActive(isActive: boolean): Promise<void> {
    this.called('setActive', String(isActive));
  }

  async acceptIdentity(account: AccountId): Promise<void> {
    this.called('acceptIdentity', account);
    for (const [name, person] of this.people) {
      if (person.account === account) this.people.set(name, { ...person, identity: 'known' });
    }
  }

  async acceptRequest(chat: ChatId): Promise<void> {
    this.called('acceptRequest', chat);
    this.#requests.delete(chat);
    this.emit({ kind: 'chat', chat });
  }

  async declineRequest(chat: ChatId): Promise<void> {
    this.called('declineRequest', chat);
    this.#declined.add(chat);
    this.emit({ kind: 'chat', chat });
  }

  async block(account: AccountId): Promise<void> {
    this.called('block', account);
    this.#blocked.add(account);
    this.emit({ kind: 'blocked' });
  }

  async unblock(account: AccountId): Promise<void> {
    this.called('unblock', account);
    this.#blocked.delete(account);
    this.emit({ kind: 'blocked' });
  }

  async blocked(): Promise<BlockedAccount[]> {
    return [...this.#blocked].map((account) => {
      const person = this.#personOf(account);
      return { account, ...(person && { person }) };
    });
  }

  async safetyNumber(): Promise<string> {
    this.called('safetyNumber');
    return '04819 33027 71560 92284 10937 55821 68340 27719 43065 81926 30578 99142';
  }

  readonly verified = new Set<AccountId>();

  async safety(account: AccountId): Promise<Safety> {
    this.called('safety');
    const number = await this.safetyNumber();
    const qr = { side: 9, path: 'M4 4h1v1h-1z' };
    return { number, code: 'sotto-safety:own', qr, isVerified: this.verified.has(account) };
  }

  async compareSafetyCode(account: AccountId, code: string): Promise<SafetyComparison> {
    this.called('compareSafetyCode', code);
    if (!code.startsWith('sotto-safety:')) throw problem('invalid-safety-code');
    if (code === 'sotto-safety:theirs') {
      this.verified.add(account);
      return 'same';
    }
    return code === 'sotto-safety:another-chat' ? 'other-accounts' : 'other-keys';
  }

  async confirmSafetyNumber(account: AccountId): Promise<void> {
    this.called('confirmSafetyNumber');
    this.verified.add(account);
  }

  async #steps(method: 'register' | 'logIn', onProgress?: (progress: Progress) => void): Promise<void> {
    const first = method === 'register' ? (['proof-of-work'] as const) : [];
    for (const step of [...first, 'password', 'server', 'keys'] as const) {
      onProgress?.(step);
      await Promise.resolve();
    }
    this.called(method);
    onProgress?.('done');
  }

  protected override enter(name: string): void {
    this.loggedInAs(name);
    this.emit({ kind: 'account', account: this.me });
  }

  /** The server puts the account out. */
  isBanned(ban: Ban): void {
    this.emit({ kind: 'banned', ban });
    this.leave(false);
  }

  protected override leave(erases: boolean): void {
    this.me = null;
    if (erases) {
      this.forgetMessages();
      this.#with.clear();
      this.#groups.clear();
      this.#notes = undefined;
    }
    this.emit({ kind: 'account', account: null });
  }

  protected override get isOnline(): boolean {
    return this.state === 'online';
  }

  protected override writable(chat: ChatId): FakeChat {
    const group = this.#groups.get(chat);
    const ownRole = group?.roles.get(this.me?.account ?? '');
    if (group && !ownRole) throw problem('not-a-member');
    if (!group && !this.#with.has(chat) && chat !== this.#notes) throw problem('chat-not-found');
    const retention = this.retentionOf(chat, group?.retention);
    return { retention, ownRole, isGroup: group !== undefined };
  }

  protected override chatOfKind(chat: ChatId, kind: ChatKind): ChatId {
    switch (kind.kind) {
      case 'direct':
        return this.#chatWith(kind.with.name);
      case 'group':
        // One that this device does not have was left.
        if (!this.#groups.has(chat)) this.hasGroup(chat, { ...(kind.title !== undefined && { title: kind.title }) });
        return chat;
      case 'notes':
        return (this.#notes ??= chat);
    }
  }

  /** An account by its name, whether or not it can be found. */
  override accountOf(name: string): Account {
    return { account: this.people.get(name)?.account ?? `account-of-${name}`, name };
  }

  /** What a profile says; one's own is known too. */
  #personOf(account: AccountId): Person | undefined {
    const known = [...this.people.values()].find((person) => person.account === account);
    if (known || account !== this.me?.account) return known;
    return { ...this.me, displayName: '', identity: 'known' };
  }

  /** A group that this account is in, or was. */
  #group(id: ChatId): FakeGroup {
    const group = this.#groups.get(id);
    if (!group?.isKnown) throw problem('group-not-found');
    return group;
  }

  /** The members of a chat but this account. */
  #membersBeside(chat: ChatId): Account[] {
    const person = this.#with.get(chat);
    const ofTwo = person === undefined ? [] : [this.accountOf(person).account];
    const accounts = [...(this.#groups.get(chat)?.roles.keys() ?? ofTwo)];
    return accounts
      .filter((account) => account !== this.me?.account)
      .map((account) => ({ account, name: this.#personOf(account)?.name ?? '' }));
  }

  /** Notes in a group's history what this account has changed. */
  #say(group: ChatId, changes: GroupChange[]): void {
    this.changed(group, this.me?.name ?? '', changes);
    this.emit({ kind: 'chat', chat: group });
  }

  #chatWith(name: string): ChatId {
    this.personNamed(name);
    for (const [chat, other] of this.#with) if (other === name) return chat;
    const chat = this.id('chat');
    this.#with.set(chat, name);
    return chat;
  }
}

/** Twenty-four words of the BIP-39 list, different from each other. */
export const WORDS: readonly string[] =
  'abandon breeze canyon damp eagle fabric galaxy harbor iron jungle kitten lumber marble nephew olive pepper quiet river sail timber uncle velvet winter zebra'.split(
    ' ',
  );
