import type { AccountId, ChatId, Group, GroupMember, GroupSettings, Role, Sotto, SottoEvent } from '@sotto/client';
import { codeOf, explain } from '../text/problems';
import { Rereading } from './rereading';

/** Members that are shown at a time: a thousand rows would be slow to draw, and slower to walk through by keyboard. */
const PAGE = 50;

const RANK = { member: 0, admin: 1, owner: 2 } as const;

/** A group with its members, as its page shows them. */
export class GroupDetails {
  group = $state.raw<Group>();
  /** One page of those who are sought, or of all. */
  members = $state.raw<readonly GroupMember[]>([]);
  /** How many are sought and found, or all. */
  found = $state(0);
  /** How many of them are on earlier pages. */
  skipped = $state(0);
  /** This account knows no such group. */
  unknown = $state(false);
  problem = $state<string>();

  readonly id: ChatId;
  readonly #sotto: Promise<Sotto>;
  #unsubscribe: (() => void) | undefined;
  #closed = false;
  #sought = $state('');
  /** How many members come before the page that is to be read. */
  #skip = 0;
  /** The highest role that anyone has. */
  #highest = $state.raw<Role>();
  readonly #reading = new Rereading(() => this.#read());

  constructor(sotto: Promise<Sotto>, id: ChatId) {
    this.#sotto = sotto;
    this.id = id;
  }

  async open(): Promise<void> {
    try {
      const sotto = await this.#sotto;
      if (this.#closed) return;
      this.#unsubscribe = sotto.subscribe((event) => this.#receive(event));
      await this.read();
    } catch (error) {
      this.problem = explain(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
  }

  /** How many members there are in all. */
  get total(): number {
    return this.group?.members ?? 0;
  }

  /** A part of the names of those who are shown; empty for all. */
  get sought(): string {
    return this.#sought;
  }

  set sought(text: string) {
    if (text === this.#sought) return;
    this.#sought = text;
    this.#skip = 0;
    void this.read();
  }

  /** Whether there are more of them than one page shows. */
  get hasPages(): boolean {
    return this.found > PAGE;
  }

  get hasNext(): boolean {
    return this.skipped + PAGE < this.found;
  }

  async next(): Promise<void> {
    if (!this.hasNext) return;
    this.#skip = this.skipped + PAGE;
    await this.read();
  }

  async previous(): Promise<void> {
    if (this.skipped === 0) return;
    this.#skip = Math.max(0, this.skipped - PAGE);
    await this.read();
  }

  /** What the own role allows; each member's client refuses what is not allowed, whatever this one shows. */
  get mayManage(): boolean {
    const role = this.group?.ownRole;
    return role === 'owner' || role === 'admin';
  }

  get isOwner(): boolean {
    return this.group?.ownRole === 'owner';
  }

  get mayAdd(): boolean {
    const { group } = this;
    if (!group?.ownRole) return false;
    const { joinPolicy: policy } = group;
    switch (policy.kind) {
      case 'open':
        return true;
      case 'invite':
        return policy.by === 'members' || this.mayManage;
      case 'approval':
        // Whoever adds approves by that; where more have to, one alone cannot.
        return policy.by.kind === 'any-member' || (policy.by.kind === 'any-admin' && this.mayManage);
    }
  }

  /** Whether the member can be removed: by somebody of a higher office. */
  mayRemove(member: GroupMember): boolean {
    const own = this.group?.ownRole;
    return own !== undefined && this.mayManage && RANK[own] > RANK[member.role];
  }

  /** Whether the owner is gone, and this account may follow: an admin, or any member if there is none. */
  get mayTakeOver(): boolean {
    const own = this.group?.ownRole;
    const highest = this.#highest;
    return own !== undefined && highest !== undefined && highest !== 'owner' && own === highest;
  }

  async add(names: string[]): Promise<void> {
    await this.#change((sotto) => sotto.addToGroup(this.id, names));
  }

  async remove(account: AccountId, bans: boolean): Promise<void> {
    await this.#change((sotto) => sotto.removeFromGroup(this.id, [account], bans));
  }

  async set(settings: GroupSettings): Promise<void> {
    const lists = settings.isListed === true && this.group?.isListed === false;
    const { title, description } = this.group ?? {};
    await this.#change(async (sotto) => {
      await sotto.setGroup(this.id, settings);
      // The server knows title and description of listed groups only: of one that becomes listed it is told now.
      if (lists && title !== undefined) await sotto.describeGroup(this.id, title, description ?? '');
    });
  }

  async describe(title: string, description: string): Promise<void> {
    await this.#change((sotto) => sotto.describeGroup(this.id, title, description));
  }

  async setPicture(picture: Uint8Array | undefined): Promise<void> {
    await this.#change((sotto) => sotto.setGroupPicture(this.id, picture));
  }

  async leave(): Promise<void> {
    await this.#change((sotto) => sotto.leaveGroup(this.id));
  }

  async delete(): Promise<void> {
    await this.#change((sotto) => sotto.deleteGroup(this.id));
  }

  async acceptIdentity(account: AccountId): Promise<void> {
    await this.#change((sotto) => sotto.acceptIdentity(account));
  }

  async safetyNumber(account: AccountId): Promise<string> {
    return (await this.#sotto).safetyNumber(account);
  }

  /** Reads the group; afterwards it is as it was when this was called, or newer. */
  read(): Promise<void> {
    return this.#reading.run();
  }

  async #read(): Promise<void> {
    const sotto = await this.#sotto;
    try {
      const group = await sotto.group(this.id);
      const sought = this.#sought;
      let skip = this.#skip;
      let page = await sotto.groupMembers(this.id, skip, PAGE, sought);
      if (page.members.length === 0 && skip > 0) {
        // There are fewer than before: those who were on the last page have left.
        skip = Math.max(0, Math.ceil(page.total / PAGE) - 1) * PAGE;
        page = await sotto.groupMembers(this.id, skip, PAGE, sought);
      }
      // All members begin with the highest role.
      const isBeginning = sought === '' && skip === 0;
      const first = isBeginning ? page : await sotto.groupMembers(this.id, 0, 1);
      this.group = group;
      this.members = page.members;
      this.skipped = skip;
      this.found = page.total;
      this.#highest = first.members[0]?.role;
      this.problem = undefined;
      this.unknown = false;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'group-not-found' || code === 'not-a-group' || code === 'invalid-argument') this.unknown = true;
      // Logging out overtakes a read that was under way.
      else if (code !== 'unauthenticated') this.problem = explain(error);
    }
  }

  async #change(change: (sotto: Sotto) => Promise<void>): Promise<void> {
    await change(await this.#sotto);
    await this.read();
  }

  #receive(event: SottoEvent): void {
    switch (event.kind) {
      case 'chat':
        if (event.chat === this.id) void this.read();
        return;
      case 'message':
        if (event.message.chat === this.id && event.message.body.kind === 'group-changes') void this.read();
        return;
      case 'identity-changed':
      case 'reset':
        void this.read();
        return;
      case 'account':
      case 'blocked':
      case 'connection':
      case 'devices':
      case 'device-added':
      case 'draft':
      case 'intent-failed':
      case 'join-requests':
      case 'message-removed':
      case 'archive':
      case 'history':
      case 'notices':
      case 'presence':
      case 'privacy':
      case 'receipts':
      case 'starred':
      case 'store-failed':
      case 'transfer':
      case 'typing':
        return;
    }
  }
}
