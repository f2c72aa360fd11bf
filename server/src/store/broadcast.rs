//! Broadcasts: which group speaks to a whole server, or to a whole community. That a group is one stands in its rules; here it is
//! found.

use super::StoreError;
use sotto_protocol::{ChatId, CommunityId};

/// Broadcasts.
pub trait BroadcastStore: Send + Sync + 'static {
    /// The broadcast of a community, or with none that of the whole server.
    fn broadcast(
        &self,
        community: Option<CommunityId>,
    ) -> impl Future<Output = Result<Option<ChatId>, StoreError>> + Send;
}
