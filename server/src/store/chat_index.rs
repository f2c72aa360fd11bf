//! Which chat two accounts have, which groups there are, and which shard a chat is in.

use super::{BlockStore, CommunityGroupStore, GroupStore, PublicKeyStore, StoreError};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Timestamp};

/// A log shard, by its position in the configuration: 0, 1, 2, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub u16);

/// Two accounts, in no order: the same pair whoever names it first. Twice the same account: whose notes to itself the chat
/// has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountPair {
    lower: AccountId,
    higher: AccountId,
}

impl AccountPair {
    /// The pair.
    #[must_use]
    pub fn new(one: AccountId, other: AccountId) -> Self {
        Self {
            lower: one.min(other),
            higher: one.max(other),
        }
    }

    /// The two accounts, the lower id first.
    #[must_use]
    pub const fn accounts(self) -> [AccountId; 2] {
        [self.lower, self.higher]
    }
}

/// Whose a chat is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservedFor {
    /// The pair's, which has one.
    Pair(AccountPair),
    /// A group's.
    Group,
}

/// What became of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The chat id is the caller's, and with it the pair: create the chat in this shard, then confirm. Also for a caller who
    /// comes again.
    Reserved(ShardId),
    /// The pair has this chat, or someone is about to create it. If `confirmed` is not set, look into the shard: if the
    /// chat is not there, its creator may have given up: fence it off there, then [`ChatIndex::take_over`].
    Exists {
        /// The chat that has the pair.
        chat: ChatId,
        /// Where it is or would be.
        shard: ShardId,
        /// Whether it was created for certain.
        confirmed: bool,
    },
    /// This chat id is another chat's, or was.
    ChatTaken,
    /// One of the accounts does not exist.
    AccountNotFound,
}

/// The index of chats and shards, in the accounts database.
///
/// A chat is created in two steps, because no transaction spans two databases: it is reserved here, created in its shard,
/// the reservation confirmed. Whoever fails in between just begins again. It is deleted in three: the deletion is noted
/// here, done in the shard, and concluded here; one that was cut off is found by [`Self::deletions`].
pub trait ChatIndex: GroupStore + BlockStore + PublicKeyStore + CommunityGroupStore {
    /// Reserves the chat id, and the pair if it is for one, and picks a shard: of `shards` shards the one with the fewest
    /// chats, the newest of several.
    fn reserve(
        &self,
        whose: ReservedFor,
        chat: ChatId,
        creator: DeviceAddress,
        shards: u16,
        at: Timestamp,
    ) -> impl Future<Output = Result<Reservation, StoreError>> + Send;

    /// The chat is in its shard.
    fn confirm(
        &self,
        whose: ReservedFor,
        chat: ChatId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Withdraws the reservation `stale` if it is not confirmed; then anyone can reserve the pair anew. The caller has fenced
    /// the chat off in its shard ([`super::LogStore::fence_chat`]), so it can never appear there.
    fn take_over(
        &self,
        whose: ReservedFor,
        stale: ChatId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The shard that the chat is, will be or was in.
    fn shard_of(&self, chat: ChatId) -> impl Future<Output = Result<Option<ShardId>, StoreError>> + Send;

    /// The chat that the pair has, and where; `None` while nobody has begun one.
    fn chat_of(
        &self,
        pair: AccountPair,
    ) -> impl Future<Output = Result<Option<(ChatId, ShardId)>, StoreError>> + Send;

    /// When the account began the `nth` latest of its direct chats, counted from 1; `None` if it has begun fewer.
    fn began_nth_latest(
        &self,
        account: AccountId,
        nth: u32,
    ) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// Notes that the group is to be deleted: from here on there is no way back. `false` if there is no such group.
    fn begin_deletion(&self, group: ChatId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Groups whose deletion has begun and is not concluded, at most `limit`.
    fn deletions(&self, limit: u16) -> impl Future<Output = Result<Vec<ChatId>, StoreError>> + Send;

    /// The group is gone from its shard: here its profile and the requests to join it go. Its id stays taken.
    fn conclude_deletion(&self, group: ChatId) -> impl Future<Output = Result<(), StoreError>> + Send;
}
