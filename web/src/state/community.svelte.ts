import type {
  AccountId,
  Community,
  CommunityBan,
  CommunityId,
  CommunityMember,
  CommunityRole,
  PublicGroup,
  Sotto,
} from '@sotto/client';
import { isMoreThan, mayEdit, type CommunityWords } from '../text/community';
import { codeOf, explain } from '../text/problems';
import { bytesOf } from './own-profile.svelte';
import { Paged } from './paged.svelte';

/** A community, as its page shows it. All of it is asked of the server. What changes it throws what went wrong. */
export class CommunityDetails {
  current = $state.raw<Community>();
  bans = $state.raw<readonly CommunityBan[]>([]);
  /** There is none such. */
  isUnknown = $state(false);
  problem = $state<string>();

  readonly id: CommunityId;
  readonly members: Paged<CommunityMember, string>;
  /** Those of its groups that are listed. */
  readonly groups: Paged<PublicGroup, string>;
  readonly mayManage: boolean = $derived(this.current !== undefined && mayEdit(this.current));
  readonly isFounder: boolean = $derived(this.current?.ownRole === 'founder');

  readonly #sotto: Promise<Sotto>;

  constructor(sotto: Promise<Sotto>, id: CommunityId) {
    this.#sotto = sotto;
    this.id = id;
    this.members = new Paged(async (after) => {
      const { members, next } = await (await sotto).communityMembers(id, after);
      return { items: members, next };
    });
    this.groups = new Paged(async (after) => {
      const client = await sotto;
      let page = await client.communityGroups(id, after);
      // A page is short by what is not listed, and can be empty.
      while (page.groups.length === 0 && page.next !== undefined) page = await client.communityGroups(id, page.next);
      return { items: page.groups, next: page.next };
    });
  }

  async read(): Promise<void> {
    await this.#read();
    if (!this.current) return;
    await Promise.all([this.groups.read(), ...(this.current.ownRole ? [this.members.read()] : [])]);
  }

  /** Whether this account may remove and ban the member. */
  mayRemove({ role }: CommunityMember): boolean {
    return isMoreThan(this.current?.ownRole, role);
  }

  async join(): Promise<void> {
    await (await this.#sotto).joinCommunity(this.id);
    await this.read();
  }

  async leave(): Promise<void> {
    await (await this.#sotto).leaveCommunity(this.id);
    await this.read();
  }

  async update({ title, topics, place, location, description }: CommunityWords): Promise<void> {
    const before = this.current;
    // A topic that is offered no more stays for as long as nobody chooses others.
    const hasTopics =
      topics.every((topic) => before?.topics.includes(topic)) && topics.length === before?.topics.length;
    this.current = await (
      await this.#sotto
    ).updateCommunity(this.id, {
      title,
      place,
      description,
      ...(!hasTopics && { topics: [...topics] }),
      ...(location !== before?.location && { location: location ?? null }),
    });
  }

  async setPicture(picture: Blob | undefined): Promise<void> {
    this.current = await (await this.#sotto).setCommunityPicture(this.id, await bytesOf(picture));
  }

  async setCover(cover: Blob | undefined): Promise<void> {
    this.current = await (await this.#sotto).setCommunityCover(this.id, await bytesOf(cover));
  }

  async delete(): Promise<void> {
    await (await this.#sotto).deleteCommunity(this.id);
  }

  /** For those who look after the server. */
  async deleteOfOthers(reason: string): Promise<void> {
    await (await this.#sotto).deleteCommunityOfOthers(this.id, reason);
  }

  async setRole(account: AccountId, role: CommunityRole): Promise<void> {
    await (await this.#sotto).setCommunityRole(this.id, account, role);
    // Who hands the community over is its founder no more.
    await this.read();
  }

  async remove(account: AccountId): Promise<void> {
    await (await this.#sotto).removeFromCommunity(this.id, account);
    await this.#without(account);
  }

  async ban(account: AccountId): Promise<void> {
    await (await this.#sotto).banFromCommunity(this.id, account);
    await this.#without(account);
  }

  async unban(account: AccountId): Promise<void> {
    await (await this.#sotto).unbanFromCommunity(this.id, account);
    await this.#read();
  }

  /** Takes somebody out of the list: where one is in it stays. */
  async #without(account: AccountId): Promise<void> {
    this.members.items = this.members.items?.filter((member) => member.account !== account);
    await this.#read();
  }

  async #read(): Promise<void> {
    try {
      const sotto = await this.#sotto;
      this.current = await sotto.community(this.id);
      this.bans = this.mayManage ? await sotto.communityBans(this.id) : [];
      this.isUnknown = false;
      this.problem = undefined;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'community-not-found' || code === 'invalid-argument') this.isUnknown = true;
      // Logging out overtakes a read that was under way.
      else if (code !== 'unauthenticated') this.problem = explain(error);
    }
  }
}
