//! Bans of accounts from the server. They are made and lifted by [`super::AdminStore::perform`].

use super::StoreError;
use sotto_protocol::{AccountId, Ban, Timestamp};

/// Bans.
///
/// A ban ends no session: those of a banned account are refused for as long as it lasts, and are as they were when it is over.
pub trait BanStore: Send + Sync + 'static {
    /// The account's ban, if one holds now.
    fn ban_of(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Ban>, StoreError>> + Send;

    /// Forgets bans whose time is over.
    fn purge_bans(&self, now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}
