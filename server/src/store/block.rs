//! Whom accounts block.

use super::StoreError;
use sotto_protocol::{AccountId, ChatId, Timestamp};

/// What became of a wish to block somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// The account is blocked, as it may have been before.
    Blocked,
    /// The account blocks [`sotto_protocol::limits::BLOCKED_ACCOUNTS`] others.
    TooMany,
    /// There is no such account.
    NotFound,
}

/// Whom accounts block. It goes with either account.
pub trait BlockStore: Send + Sync + 'static {
    /// Notes that the account blocks another.
    fn block(
        &self,
        account: AccountId,
        blocked: AccountId,
        at: Timestamp,
    ) -> impl Future<Output = Result<Blocking, StoreError>> + Send;

    /// The account blocks the other no more.
    fn unblock(
        &self,
        account: AccountId,
        blocked: AccountId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whom the account blocks.
    fn blocked_by(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Vec<AccountId>, StoreError>> + Send;

    /// Those of the accounts that block this one.
    fn blockers_of(
        &self,
        blocked: AccountId,
        among: &[AccountId],
    ) -> impl Future<Output = Result<Vec<AccountId>, StoreError>> + Send;

    /// Whether one of the newcomers blocks the account that brings it into a group, and has not asked to be let in.
    fn is_unwelcome(
        &self,
        group: ChatId,
        by: AccountId,
        newcomers: &[AccountId],
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
