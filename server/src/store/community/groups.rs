//! Groups of communities. Which community a group is of stands in its rules, for good; here it can be looked up from the other side.

use super::StoreError;
use sotto_protocol::{AccountId, ChatId, CommunityId};

/// Groups of communities, and who may come into them.
pub trait CommunityGroupStore: Send + Sync + 'static {
    /// Those of the accounts that are not in the community. None, if there is no such community any more: its groups go on by
    /// their own rules.
    fn outsiders(
        &self,
        community: CommunityId,
        accounts: &[AccountId],
    ) -> impl Future<Output = Result<Vec<AccountId>, StoreError>> + Send;

    /// Whether there is this community.
    fn is_community(&self, community: CommunityId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Notes that a group is of a community. If there is no such community, nothing is noted.
    fn put_community_group(
        &self,
        community: CommunityId,
        group: ChatId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Groups of a community that are not deleted, in the order of their ids, after this one.
    fn community_groups(
        &self,
        community: CommunityId,
        after: Option<ChatId>,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<ChatId>, StoreError>> + Send;
}
