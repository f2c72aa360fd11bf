//! What those see who administer.

use super::StoreError;
use sotto_protocol::rest::admin::{ListedAccount, NamedAccount, StorageTotals};
use sotto_protocol::{AccountId, AccountName, RoleName, Timestamp};

/// Milliseconds of a day: nobody is told more exactly when somebody was there.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// Which accounts to list, in the order of their names: those to which all applies that is given.
#[derive(Clone, Debug, Default)]
pub struct ListAccounts {
    /// The name or display name contains this, without regard to case. Nothing in it has a special meaning.
    pub text: Option<String>,
    /// They have this role.
    pub role: Option<RoleName>,
    /// They are banned, or they are not.
    pub banned: Option<bool>,
    /// They come after this name.
    pub after: Option<AccountName>,
    /// At most so many.
    pub limit: u16,
}

/// What those see who administer.
pub trait OverviewStore: Send + Sync + 'static {
    /// A page of the accounts.
    fn list_accounts(
        &self,
        list: ListAccounts,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<ListedAccount>, StoreError>> + Send;

    /// One account.
    fn listed_account(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<ListedAccount>, StoreError>> + Send;

    /// Those of these accounts that are there, by their names and in the order of these.
    fn names_of(
        &self,
        accounts: &[AccountId],
    ) -> impl Future<Output = Result<Vec<NamedAccount>, StoreError>> + Send;

    /// How much there is. All of it is counted: this is not for every second.
    fn storage_totals(
        &self,
        now: Timestamp,
    ) -> impl Future<Output = Result<StorageTotals, StoreError>> + Send;
}

/// The beginning of the day of a time, in UTC.
pub(in crate::store) const fn day_of(time: Timestamp) -> Timestamp {
    Timestamp(time.0 - time.0 % DAY)
}
