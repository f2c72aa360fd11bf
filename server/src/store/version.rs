//! Versions of what many ask for: they tell whether what was read before is what there is now, for less than reading it again.
//!
//! Whoever has read a version and then the thing has read this version of it, or a later one. So what is kept under a version that
//! the database still has is never older than what the database has.

use super::StoreError;
use sotto_protocol::rest::community::CommunityRole;
use sotto_protocol::{AccountId, AccountName, CommunityId};

/// Which state of a row it is. Each change of what is shown of the row makes another one, and none comes back in the time that
/// anybody would remember it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowVersion(pub i64);

/// Which state of a group it is, as far as its log shard has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupVersion {
    /// Of its GroupInfo.
    pub row: RowVersion,
    /// How many accounts are in it: they leave without a Commit.
    pub members: u32,
}

/// Which state of a community it is, as one account sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommunityVersion {
    /// Of what it says, and of how many are in it.
    pub row: RowVersion,
    /// Who is its founder: it is handed over without a change of the rest.
    pub founder: AccountId,
    /// What the account that asks is in it.
    pub own_role: Option<CommunityRole>,
}

/// Versions of what the accounts database has. Those of groups are [`super::LogStore::group_version`].
pub trait VersionStore: Send + Sync + 'static {
    /// Of the profile of this account.
    fn account_version(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<RowVersion>, StoreError>> + Send;

    /// Of the profile of the account with this name, and which account that is.
    fn account_version_by_name(
        &self,
        name: &AccountName,
    ) -> impl Future<Output = Result<Option<(AccountId, RowVersion)>, StoreError>> + Send;

    /// Of the community, as this account sees it.
    fn community_version(
        &self,
        community: CommunityId,
        reader: AccountId,
    ) -> impl Future<Output = Result<Option<CommunityVersion>, StoreError>> + Send;
}
