//! Bots: which there are, and which are awaited.

use super::StoreError;
use sotto_protocol::rest::admin::Bot;
use sotto_protocol::{AccountId, AccountName, BotTokenHash, Timestamp};

/// How a bot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct BotStanding {
    /// Its account, once it is registered.
    pub(in crate::store) account: Option<AccountId>,
}

/// Bots. They are made, and their tokens revoked, by [`super::AdminStore::perform`]. The account of one is created by
/// [`super::AccountStore::create_account`], with the token; until then its name is kept for it.
pub trait BotStore: Send + Sync + 'static {
    /// All that there are, in the order of their names.
    fn bots(&self, now: Timestamp) -> impl Future<Output = Result<Vec<Bot>, StoreError>> + Send;

    /// Whether a bot of this name is yet to be registered, with this token.
    fn awaits_bot(
        &self,
        name: &AccountName,
        token: BotTokenHash,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
