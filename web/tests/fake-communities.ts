import type {
  AccountId,
  CommunitiesPage,
  Community,
  CommunityBan,
  CommunityId,
  CommunityMember,
  CommunityMembersPage,
  CommunityQuery,
  CommunityRole,
  CommunityUpdate,
  JoinedCommunity,
  ListedCommunity,
  Location,
  NewCommunity,
} from '@sotto/client';
import { problem } from './fake-calls';
import { FakeProfiles } from './fake-profiles';

/** The communities of the fake client's server. Nothing is refused but what a test has fail, and what is not there. */
export abstract class FakeCommunities extends FakeProfiles {
  readonly known = new Map<CommunityId, Community>();
  readonly communityMembersOf = new Map<CommunityId, CommunityMember[]>();
  readonly communityBansOf = new Map<CommunityId, CommunityBan[]>();
  /** What was searched for, the latest last. */
  readonly sought: CommunityQuery[] = [];

  async searchCommunities(query: CommunityQuery): Promise<CommunitiesPage> {
    const { text = '', topic } = query;
    this.called('searchCommunities', text);
    this.sought.push(query);
    const found = [...this.known.values()].filter(
      ({ title, topics }) =>
        title.toLowerCase().includes(text.toLowerCase()) && (topic === undefined || topics.includes(topic)),
    );
    return { communities: found.map(listed) };
  }

  async newCommunities(_near: Location, since: number): Promise<ListedCommunity[]> {
    this.called('newCommunities', String(since));
    return [...this.known.values()].filter(({ createdAt }) => createdAt > since).map(listed);
  }

  async joinedCommunities(): Promise<JoinedCommunity[]> {
    this.called('joinedCommunities');
    return [...this.known.values()].flatMap((community) =>
      community.ownRole
        ? [{ community: listed(community), role: community.ownRole, joinedAt: community.createdAt }]
        : [],
    );
  }

  async community(community: CommunityId): Promise<Community> {
    this.called('community', community);
    return this.#known(community);
  }

  async foundCommunity({ place = '', description = '', ...what }: NewCommunity): Promise<Community> {
    this.called('foundCommunity', what.title);
    const founder = { account: this.me?.account ?? '', name: this.me?.name ?? '' };
    const community = `community-${this.known.size + 1}`;
    return this.#put({ ...what, community, place, description, founder, createdAt: 1, members: 1, ownRole: 'founder' });
  }

  async updateCommunity(id: CommunityId, { location, ...update }: CommunityUpdate): Promise<Community> {
    this.called('updateCommunity', id);
    const community = { ...this.#known(id), ...update };
    if (location === null) delete community.location;
    else if (location) community.location = location;
    return this.#put(community);
  }

  async setCommunityPicture(id: CommunityId, picture: Uint8Array | undefined): Promise<Community> {
    this.called('setCommunityPicture', picture ? 'some' : 'none');
    const community = { ...this.#known(id) };
    delete community.picture;
    return this.#put({ ...community, ...(picture && { picture: { large: 'large', small: 'small' } }) });
  }

  async setCommunityCover(id: CommunityId, cover: Uint8Array | undefined): Promise<Community> {
    this.called('setCommunityCover', cover ? 'some' : 'none');
    const community = { ...this.#known(id) };
    delete community.cover;
    return this.#put({ ...community, ...(cover && { cover: 'cover' }) });
  }

  async deleteCommunity(id: CommunityId): Promise<void> {
    this.called('deleteCommunity', id);
    this.known.delete(id);
  }

  async joinCommunity(id: CommunityId): Promise<Community> {
    this.called('joinCommunity', id);
    const community = this.#known(id);
    if (community.ownRole) return community;
    return this.#put({ ...community, ownRole: 'member', members: community.members + 1 });
  }

  async leaveCommunity(id: CommunityId): Promise<void> {
    this.called('leaveCommunity', id);
    const community = { ...this.#known(id) };
    if (!community.ownRole) return;
    delete community.ownRole;
    this.#put({ ...community, members: community.members - 1 });
  }

  async communityMembers(id: CommunityId, after = '0'): Promise<CommunityMembersPage> {
    this.called('communityMembers', id);
    const members = this.communityMembersOf.get(id) ?? [];
    const end = Number(after) + 50;
    return { members: members.slice(Number(after), end), ...(end < members.length && { next: String(end) }) };
  }

  async setCommunityRole(id: CommunityId, account: AccountId, role: CommunityRole): Promise<void> {
    this.called('setCommunityRole', `${id} ${account} ${role}`);
    const members = this.communityMembersOf.get(id) ?? [];
    this.communityMembersOf.set(
      id,
      members.map((member) => (member.account === account ? { ...member, role } : member)),
    );
  }

  async removeFromCommunity(id: CommunityId, account: AccountId): Promise<void> {
    this.called('removeFromCommunity', `${id} ${account}`);
    this.#remove(id, account);
  }

  async banFromCommunity(id: CommunityId, account: AccountId): Promise<void> {
    this.called('banFromCommunity', `${id} ${account}`);
    const name = this.#remove(id, account)?.name ?? account;
    this.communityBansOf.set(id, [{ account, name, bannedAt: 1 }, ...(this.communityBansOf.get(id) ?? [])]);
  }

  async unbanFromCommunity(id: CommunityId, account: AccountId): Promise<void> {
    this.called('unbanFromCommunity', `${id} ${account}`);
    const bans = this.communityBansOf.get(id) ?? [];
    this.communityBansOf.set(
      id,
      bans.filter((ban) => ban.account !== account),
    );
  }

  async communityBans(id: CommunityId): Promise<CommunityBan[]> {
    this.called('communityBans', id);
    return [...(this.communityBansOf.get(id) ?? [])];
  }

  async deleteCommunityOfOthers(id: CommunityId, reason: string): Promise<void> {
    this.called('deleteCommunityOfOthers', `${id} ${reason}`);
    this.known.delete(id);
  }

  #known(id: CommunityId): Community {
    const community = this.known.get(id);
    if (!community) throw problem('community-not-found');
    return community;
  }

  #put(community: Community): Community {
    this.known.set(community.community, community);
    return community;
  }

  #remove(id: CommunityId, account: AccountId): CommunityMember | undefined {
    const members = this.communityMembersOf.get(id) ?? [];
    this.communityMembersOf.set(
      id,
      members.filter((member) => member.account !== account),
    );
    return members.find((member) => member.account === account);
  }
}

function listed({
  community,
  title,
  topics,
  place,
  description,
  picture,
  createdAt,
  members,
}: Community): ListedCommunity {
  const shown = { community, title, topics, place, description, createdAt, members };
  return picture ? { ...shown, picture: picture.small } : shown;
}
