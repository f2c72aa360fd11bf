import type { ChatId, PublicGroup } from './api.js';
import type { CommunityId } from './community.js';

/**
 * Broadcasts: groups in which the owner and the admins write, and everyone else reads. `community` says whose; `undefined`: the whole
 * server's. Which group it is, the server says; who writes in it, the group's own rules, which each device holds.
 */
export interface Broadcasts {
  /** `joinGroup` reads along. */
  broadcast(community?: CommunityId): Promise<{ group?: PublicGroup }>;
  /**
   * Begins one, which this account owns, in the place of the one before. For the whole server that needs `manage-broadcast`; in a
   * community it is for the founder and the moderators. It holds at most 2,000 devices, and is not protected against a later quantum
   * computer: anyone of its audience can come in and read.
   */
  startBroadcast(community: CommunityId | undefined, title: string, description: string): Promise<ChatId>;
  /** The group goes on, and is the broadcast no more. */
  stopBroadcast(community?: CommunityId): Promise<void>;
}
