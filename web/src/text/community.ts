import type { Community, CommunityRole, ListedCommunity, Location } from '@sotto/client';
import { isKey, perLanguage, t } from '../language/catalogue';
import { titleTooLong } from './group';
import { byteLength } from './message';
import { moment } from './time';

/** Topics that a community may have. */
export const MOST_TOPICS = 5;
/** Kilometres around somebody within which communities are near. */
export const NEAR_KM = 50;
/** Bytes of UTF-8 that a community's place may have. */
const PLACE_BYTES = 128;

/** What a community says of itself, as somebody writes it. */
export interface CommunityWords {
  readonly title: string;
  readonly topics: readonly string[];
  readonly place: string;
  readonly location: Location | undefined;
  readonly description: string;
}

/** The name of a topic: those that a server has unless its operator says otherwise are translated. */
export function topicName(topic: string): string {
  const key = `topics.${topic}`;
  return isKey(key) ? t(key) : topic;
}

export function communityRoleName(role: CommunityRole): string {
  return t(`communities.role-${role}`);
}

export function memberCount(count: number): string {
  return t('communities.members', { count });
}

const list = perLanguage((locale) => new Intl.ListFormat(locale, { type: 'unit', style: 'short' }));

/** What there is to know of a community where many are shown, but its place, which somebody wrote. */
export function communityFacts(
  { topics, members, distanceKm, createdAt }: ListedCommunity,
  role: CommunityRole | undefined,
  isNew: boolean,
): string[] {
  return [
    ...(isNew ? [t('communities.founded', { time: moment(createdAt, Date.now()) })] : []),
    list().format(topics.map(topicName)),
    memberCount(members),
    ...(distanceKm === undefined ? [] : [t('directory.away', { distance: distanceKm })]),
    ...(role === undefined ? [] : [t('communities.youAre', { role: communityRoleName(role) })]),
  ];
}

const RANK = { member: 0, moderator: 1, founder: 2 } as const;

/** Whether somebody of the one role may remove somebody of the other. */
export function isMoreThan(role: CommunityRole | undefined, other: CommunityRole): boolean {
  return role !== undefined && RANK[role] > RANK[other];
}

/** Whether the role may change what the community says. */
export function mayEdit({ ownRole }: Community): boolean {
  return ownRole === 'founder' || ownRole === 'moderator';
}

/** What is wrong with a title, if anything is. */
export function communityTitleProblem(title: string): string | undefined {
  return title.trim() === '' ? t('communities.titleMissing') : titleTooLong(title);
}

export function placeProblem(place: string): string | undefined {
  return byteLength(place.trim()) > PLACE_BYTES ? t('communities.placeTooLong') : undefined;
}

export function topicsProblem(topics: readonly string[]): string | undefined {
  return topics.length === 0 ? t('communities.topicsMissing') : undefined;
}
