import type { NamedAccount } from './admin.js';
import type { AccountId, GroupsPage, Location, PictureId } from './api.js';

export type CommunityId = string;

/** Who is more may do what who is less may. There is always one founder. */
export type CommunityRole = 'member' | 'moderator' | 'founder';

/** A community. It is public: the server reads what it says, and knows who is in it. */
export interface Community {
  community: CommunityId;
  title: string;
  /** Of those that `serverInfo` has. */
  topics: string[];
  /** Where it is, in its own words; empty if nowhere. */
  place: string;
  location?: Location;
  description: string;
  /** 512 pixels wide and high, and 96. */
  picture?: { large: PictureId; small: PictureId };
  cover?: PictureId;
  founder: NamedAccount;
  createdAt: number;
  /** How many accounts are in it. */
  members: number;
  /** Absent if the own account is not in it. */
  ownRole?: CommunityRole;
}

/** A community where many are shown. */
export interface ListedCommunity {
  community: CommunityId;
  title: string;
  topics: string[];
  place: string;
  /** The beginning of what it says about itself. */
  description: string;
  /** In the small size. */
  picture?: PictureId;
  createdAt: number;
  members: number;
  /** From where was searched: at least 10. */
  distanceKm?: number;
}

export interface CommunitiesPage {
  communities: ListedCommunity[];
  /** Where the next page begins, if there is one. */
  next?: string;
}

export interface JoinedCommunity {
  community: ListedCommunity;
  role: CommunityRole;
  joinedAt: number;
}

/** Somebody in a community, as the server says. */
export interface CommunityMember {
  account: AccountId;
  name: string;
  displayName: string;
  picture?: PictureId;
  role: CommunityRole;
  joinedAt: number;
}

export interface CommunityMembersPage {
  members: CommunityMember[];
  next?: string;
}

export interface CommunityBan {
  account: AccountId;
  name: string;
  bannedAt: number;
}

/** Which communities are looked for: those to which all applies that is given; all, if nothing is. */
export interface CommunityQuery {
  /** Part of a title, of what communities say of themselves, or of where they are. */
  text?: string;
  topic?: string;
  /** To a tenth of a degree: no more of it leaves this device, and the server keeps it nowhere. */
  near?: Location;
  /** 10 to 500; 50 if it is absent. */
  withinKm?: number;
}

export interface NewCommunity {
  /** 1 to 128 bytes in one line. */
  title: string;
  /** 1 to 5 of those that `serverInfo` has. */
  topics: string[];
  /** At most 128 bytes. */
  place?: string;
  location?: Location;
  /** At most 2,048 bytes. */
  description?: string;
}

/** What changes. What is absent stays. */
export interface CommunityUpdate {
  title?: string;
  topics?: string[];
  place?: string;
  /** `null` takes it away. */
  location?: Location | null;
  description?: string;
}

/**
 * Communities. All of it is asked of the server each time. `not-in-community`: that is for members; `forbidden`: for those who are more
 * there; `community-not-found`: there is none such any more.
 */
export interface Communities {
  searchCommunities(query: CommunityQuery, after?: string): Promise<CommunitiesPage>;
  /**
   * Those that were founded near a place after a time and in the last 30 days, the latest first. To be told of new ones is to ask,
   * from the last answer on: the server keeps neither who wants to know nor where they are.
   */
  newCommunities(near: Location, since: number, withinKm?: number): Promise<ListedCommunity[]>;
  /** Those that the account is in, by title. */
  joinedCommunities(): Promise<JoinedCommunity[]>;
  community(community: CommunityId): Promise<Community>;
  /** Needs `create-communities`. Rejects with `too-many-communities` if the account has founded 20. */
  foundCommunity(what: NewCommunity): Promise<Community>;
  /** For its founder and its moderators, as what follows on pictures. */
  updateCommunity(community: CommunityId, update: CommunityUpdate): Promise<Community>;
  /** As of a profile; `undefined` takes it away. */
  setCommunityPicture(community: CommunityId, picture: Uint8Array | undefined): Promise<Community>;
  setCommunityCover(community: CommunityId, cover: Uint8Array | undefined): Promise<Community>;
  /** For its founder. */
  deleteCommunity(community: CommunityId): Promise<void>;
  /** Rejects with `community-banned`, or with `too-many-communities` if the account is in 200. */
  joinCommunity(community: CommunityId): Promise<Community>;
  /** Rejects with `founder-stays`: the founder hands it over first. */
  leaveCommunity(community: CommunityId): Promise<void>;
  /** The founder, the moderators, the others, each by when they came. For members. */
  communityMembers(community: CommunityId, after?: string): Promise<CommunityMembersPage>;
  /** Its listed groups. `createGroup` makes one, for members, who alone come into it. A page may be short, or empty, and have a `next`. */
  communityGroups(community: CommunityId, after?: string): Promise<GroupsPage>;
  /** For its founder, who hands it over by making another the founder. */
  setCommunityRole(community: CommunityId, account: AccountId, role: CommunityRole): Promise<void>;
  /** For those who are more there. Who was removed may join again. */
  removeFromCommunity(community: CommunityId, account: AccountId): Promise<void>;
  /** For those who are more there. */
  banFromCommunity(community: CommunityId, account: AccountId): Promise<void>;
  unbanFromCommunity(community: CommunityId, account: AccountId): Promise<void>;
  /** The latest first. For the founder and the moderators. */
  communityBans(community: CommunityId): Promise<CommunityBan[]>;
  /** Needs `handle-reports`: the founder may do no more than the own account. The audit log has the reason. */
  deleteCommunityOfOthers(community: CommunityId, reason: string): Promise<void>;
}
