//! `/v1/server/broadcast` and `/v1/community/{id}/broadcast`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::rest::broadcast::{Broadcast, SetBroadcast};
use sotto_protocol::{ChatId, CommunityId};

impl<P: Platform> Api<P> {
    /// `GET`
    pub(crate) async fn broadcast(&self, community: Option<CommunityId>) -> Result<Broadcast, ApiError> {
        self.call(Method::Get, path(community), NO_BODY).await
    }

    /// `PUT`, or `DELETE`
    pub(crate) async fn set_broadcast(
        &self,
        community: Option<CommunityId>,
        group: Option<ChatId>,
    ) -> Result<(), ApiError> {
        match group {
            Some(group) => {
                self.call(Method::Put, path(community), Some(&SetBroadcast { group }))
                    .await
            }
            None => self.call(Method::Delete, path(community), NO_BODY).await,
        }
    }
}

fn path(community: Option<CommunityId>) -> String {
    match community {
        Some(community) => format!("/v1/community/{community}/broadcast"),
        None => "/v1/server/broadcast".to_owned(),
    }
}
