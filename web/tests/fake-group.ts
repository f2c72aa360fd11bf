import type {
  AccountId,
  ChatId,
  ChatKind,
  GrantedHistory,
  Group,
  GroupSettings,
  GroupSize,
  InviteLink,
  JoinPolicy,
  PublicGroup,
  Retention,
  Role,
} from '@sotto/client';

export interface FakeGroupOptions {
  title?: string;
  description?: string;
  size?: GroupSize;
  /** How many are still to be added. */
  adding?: number;
  joinPolicy?: JoinPolicy;
  isListed?: boolean;
  retention?: Retention;
  history?: GrantedHistory;
  /** Who is in it, by name. */
  roles?: Readonly<Record<string, Role>>;
  banned?: readonly string[];
  community?: string;
  isBroadcast?: boolean;
  /** `false`: this account has never been in it, and can find it only by search. */
  isKnown?: boolean;
  /** `false`: this device does not have the group's key. */
  hasKey?: boolean;
}

const RANK: Readonly<Record<Role, number>> = { owner: 0, admin: 1, member: 2 };

/** A group of the fake client. Nobody's rights are checked: that is the real client's business. */
export class FakeGroup {
  title: string | undefined;
  description: string | undefined;
  picture: Blob | undefined;
  readonly size: GroupSize;
  adding: number;
  joinPolicy: JoinPolicy;
  isListed: boolean;
  retention: Retention;
  history: GrantedHistory;
  readonly community: string | undefined;
  readonly isBroadcast: boolean;
  isKnown: boolean;
  readonly hasKey: boolean;
  readonly roles: Map<AccountId, Role>;
  readonly banned: Set<AccountId>;
  /** Who asks to be let in, and who has approved. */
  readonly requests = new Map<AccountId, Set<AccountId>>();
  links: InviteLink[] = [];

  constructor(
    readonly id: ChatId,
    options: FakeGroupOptions,
  ) {
    this.title = options.title;
    this.description = options.description;
    this.size = options.size ?? 'normal';
    this.adding = options.adding ?? 0;
    this.joinPolicy = options.joinPolicy ?? { kind: 'invite', by: 'admins' };
    this.isListed = options.isListed ?? false;
    this.retention = options.retention ?? { kind: 'keep' };
    this.history = options.history ?? 'none';
    this.community = options.community;
    this.isBroadcast = options.isBroadcast ?? false;
    this.isKnown = options.isKnown ?? true;
    this.hasKey = options.hasKey ?? true;
    this.roles = new Map(Object.entries(options.roles ?? {}).map(([name, role]) => [`account-of-${name}`, role]));
    this.banned = new Set((options.banned ?? []).map((name) => `account-of-${name}`));
  }

  describe(title: string, description: string): void {
    this.title = title;
    this.description = description;
  }

  set({ joinPolicy, isListed, retention, history, roles, unbanned }: GroupSettings): void {
    this.joinPolicy = joinPolicy ?? this.joinPolicy;
    this.isListed = isListed ?? this.isListed;
    this.retention = retention ?? this.retention;
    this.history = history ?? this.history;
    for (const { account, role } of roles ?? []) {
      if (role === 'owner')
        for (const [other, held] of this.roles) if (held === 'owner') this.roles.set(other, 'admin');
      this.roles.set(account, role);
    }
    for (const account of unbanned ?? []) this.banned.delete(account);
  }

  /** Notes an approval. Returns whether it lets the account in. */
  approve(account: AccountId, by: AccountId): boolean {
    const approvals = this.requests.get(account)?.add(by);
    const policy = this.joinPolicy;
    const needed = policy.kind === 'approval' && policy.by.kind === 'members' ? policy.by.count : 1;
    if (!approvals || approvals.size < needed) return false;
    this.requests.delete(account);
    this.roles.set(account, 'member');
    return true;
  }

  kind(own: AccountId | undefined): ChatKind {
    const isMember = own !== undefined && this.roles.has(own);
    return { kind: 'group', isMember, isBroadcast: this.isBroadcast, ...this.#looks() };
  }

  shown(own: AccountId | undefined): Group {
    const ownRole = own === undefined ? undefined : this.roles.get(own);
    return {
      group: this.id,
      ...this.#looks(),
      ...(this.description !== undefined && { description: this.description }),
      size: this.size,
      joinPolicy: this.joinPolicy,
      isListed: this.isListed,
      retention: this.retention,
      history: this.history,
      ...(this.community !== undefined && { community: this.community }),
      isBroadcast: this.isBroadcast,
      ...(ownRole && { ownRole }),
      members: this.roles.size,
      adding: this.adding,
      banned: [...this.banned],
      doubted: [],
      hasKey: this.hasKey,
    };
  }

  #looks(): { title?: string; picture?: string } {
    return {
      ...(this.title !== undefined && { title: this.title }),
      ...(this.picture && { picture: `picture-of-${this.picture.size}-bytes` }),
    };
  }

  page(
    skip: number,
    limit: number,
    isSought: (account: AccountId) => boolean,
  ): { members: { account: AccountId; role: Role }[]; total: number } {
    const all = [...this.roles].filter(([account]) => isSought(account)).map(([account, role]) => ({ account, role }));
    all.sort((one, other) => RANK[one.role] - RANK[other.role]);
    return { members: all.slice(skip, skip + limit), total: all.length };
  }

  isFoundBy(query: string): boolean {
    const text = `${this.title ?? ''} ${this.description ?? ''}`.toLowerCase();
    return this.isListed && text.includes(query.toLowerCase());
  }

  public(): PublicGroup {
    return {
      group: this.id,
      title: this.title ?? '',
      description: this.description ?? '',
      joinPolicy: this.joinPolicy,
      members: this.roles.size,
    };
  }
}
