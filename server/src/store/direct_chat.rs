//! Which chat two accounts have, and which shard a chat is in.

use super::StoreError;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Timestamp};

/// A log shard, by its position in the configuration: 0, 1, 2, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub u16);

/// Two different accounts, in no order: the same pair whoever names it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountPair {
    lower: AccountId,
    higher: AccountId,
}

impl AccountPair {
    /// The pair, or `None` if both are the same account.
    #[must_use]
    pub fn new(one: AccountId, other: AccountId) -> Option<Self> {
        match one.cmp(&other) {
            std::cmp::Ordering::Less => Some(Self {
                lower: one,
                higher: other,
            }),
            std::cmp::Ordering::Greater => Some(Self {
                lower: other,
                higher: one,
            }),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// The two accounts, the lower id first.
    #[must_use]
    pub const fn accounts(self) -> [AccountId; 2] {
        [self.lower, self.higher]
    }

    /// Whether this account is one of the two.
    #[must_use]
    pub fn contains(self, account: AccountId) -> bool {
        self.lower == account || self.higher == account
    }
}

/// What became of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The pair and the chat id are the caller's: create the chat in this shard, then confirm. Also for a caller who
    /// comes again.
    Reserved(ShardId),
    /// The pair has this chat, or someone is about to create it. If `confirmed` is not set, look into the shard: if the
    /// chat is not there, its creator may have given up: fence it off there, then [`DirectChatIndex::take_over`].
    Exists {
        /// The chat that has the pair.
        chat: ChatId,
        /// Where it is or would be.
        shard: ShardId,
        /// Whether it was created for certain.
        confirmed: bool,
    },
    /// Another pair has this chat id.
    ChatTaken,
    /// One of the accounts does not exist.
    AccountNotFound,
}

/// The index of direct chats and shards, in the accounts database.
///
/// A direct chat is created in two steps, because no transaction spans two databases: the pair is reserved
/// here, the chat created in its shard, the reservation confirmed. Whoever fails in between just begins again.
pub trait DirectChatIndex: Send + Sync + 'static {
    /// Reserves the pair and the chat id, and picks a shard: of `shards` shards the one with the fewest chats, the
    /// newest of several.
    fn reserve(
        &self,
        pair: AccountPair,
        chat: ChatId,
        creator: DeviceAddress,
        shards: u16,
        at: Timestamp,
    ) -> impl Future<Output = Result<Reservation, StoreError>> + Send;

    /// The chat is in its shard. Nothing else about it changes any more.
    fn confirm(&self, chat: ChatId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Withdraws the reservation `stale` of the pair if it is not confirmed; then anyone can reserve the pair anew.
    /// The caller has fenced the chat off in its shard ([`super::LogStore::fence_chat`]), so it can never appear there.
    fn take_over(
        &self,
        pair: AccountPair,
        stale: ChatId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The shard that the chat is or will be in.
    fn shard_of(&self, chat: ChatId) -> impl Future<Output = Result<Option<ShardId>, StoreError>> + Send;
}
