//! `/v1/community/…`

use super::{Api, ApiError, NO_BODY, decode_body, escaped, json_request};
use crate::account::ProfileImage;
use crate::platform::{Method, Platform, Request, RequestBody};
use bytes::Bytes;
use core::fmt::Write as _;
use sotto_protocol::rest::community::{
    CommunitiesFound, Community, CommunityBans, CommunityMembers, FoundCommunity, JoinedCommunities,
    SearchCommunities, SetCommunityRole, UpdateCommunity,
};
use sotto_protocol::rest::group::GroupsFound;
use sotto_protocol::{AccountId, CoarseLocation, CommunityId, Timestamp};

impl<P: Platform> Api<P> {
    /// `GET /v1/community`
    pub(crate) async fn search_communities(
        &self,
        search: &SearchCommunities,
    ) -> Result<CommunitiesFound, ApiError> {
        let path = query(
            "/v1/community".to_owned(),
            [
                ("q", search.q.clone()),
                ("topic", search.topic.clone()),
                ("near", search.near.clone()),
                ("within_km", search.within_km.map(|km| km.to_string())),
                ("limit", search.limit.map(|limit| limit.to_string())),
                ("after", search.after.clone()),
            ],
        );
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `GET /v1/community/new`
    pub(crate) async fn new_communities(
        &self,
        near: CoarseLocation,
        within_km: Option<u16>,
        since: Timestamp,
    ) -> Result<CommunitiesFound, ApiError> {
        let path = query(
            "/v1/community/new".to_owned(),
            [
                // Rounded already: the server is not told more than it may keep.
                ("near", Some(near.to_string())),
                ("within_km", within_km.map(|km| km.to_string())),
                ("since", Some(since.0.to_string())),
            ],
        );
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `GET /v1/community/joined`
    pub(crate) async fn joined_communities(&self) -> Result<JoinedCommunities, ApiError> {
        self.call(Method::Get, "/v1/community/joined".to_owned(), NO_BODY)
            .await
    }

    /// `GET /v1/community/{id}`
    pub(crate) async fn community(&self, community: CommunityId) -> Result<Community, ApiError> {
        let read = self
            .call(Method::Get, format!("/v1/community/{community}"), NO_BODY)
            .await?;
        is_it(read, community)
    }

    /// `PUT /v1/community/{id}`
    pub(crate) async fn found_community(
        &self,
        community: CommunityId,
        body: &FoundCommunity,
    ) -> Result<Community, ApiError> {
        let founded = self
            .call(Method::Put, format!("/v1/community/{community}"), Some(body))
            .await?;
        is_it(founded, community)
    }

    /// `POST /v1/community/{id}`
    pub(crate) async fn update_community(
        &self,
        community: CommunityId,
        body: &UpdateCommunity,
    ) -> Result<Community, ApiError> {
        self.call(Method::Post, format!("/v1/community/{community}"), Some(body))
            .await
    }

    /// `DELETE /v1/community/{id}`
    pub(crate) async fn delete_community(&self, community: CommunityId) -> Result<(), ApiError> {
        self.call(Method::Delete, format!("/v1/community/{community}"), NO_BODY)
            .await
    }

    /// `PUT` or, without a file, `DELETE` of `/v1/community/{id}/picture` or `/v1/community/{id}/cover`
    pub(crate) async fn set_community_image(
        &self,
        community: CommunityId,
        image: ProfileImage,
        file: Option<Bytes>,
    ) -> Result<Community, ApiError> {
        let method = if file.is_some() {
            Method::Put
        } else {
            Method::Delete
        };
        let image = match image {
            ProfileImage::Picture => "picture",
            ProfileImage::Cover => "cover",
        };
        let request = Request {
            body: file.map(RequestBody::Image),
            ..json_request(method, format!("/v1/community/{community}/{image}"), NO_BODY)?
        };
        decode_body(&self.authorised(request).await?)
    }

    /// `POST /v1/community/{id}/join`
    pub(crate) async fn join_community(&self, community: CommunityId) -> Result<Community, ApiError> {
        self.call(Method::Post, format!("/v1/community/{community}/join"), NO_BODY)
            .await
    }

    /// `POST /v1/community/{id}/leave`
    pub(crate) async fn leave_community(&self, community: CommunityId) -> Result<(), ApiError> {
        self.call(Method::Post, format!("/v1/community/{community}/leave"), NO_BODY)
            .await
    }

    /// `GET /v1/community/{id}/member`
    pub(crate) async fn community_members(
        &self,
        community: CommunityId,
        after: Option<&str>,
    ) -> Result<CommunityMembers, ApiError> {
        let path = query(
            format!("/v1/community/{community}/member"),
            [("after", after.map(str::to_owned))],
        );
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `GET /v1/community/{id}/group`
    pub(crate) async fn community_groups(
        &self,
        community: CommunityId,
        after: Option<&str>,
    ) -> Result<GroupsFound, ApiError> {
        let path = query(
            format!("/v1/community/{community}/group"),
            [("after", after.map(str::to_owned))],
        );
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `PUT /v1/community/{id}/member/{account}/role`
    pub(crate) async fn set_community_role(
        &self,
        community: CommunityId,
        account: AccountId,
        body: &SetCommunityRole,
    ) -> Result<(), ApiError> {
        let path = format!("/v1/community/{community}/member/{account}/role");
        self.call(Method::Put, path, Some(body)).await
    }

    /// `DELETE /v1/community/{id}/member/{account}`
    pub(crate) async fn remove_community_member(
        &self,
        community: CommunityId,
        account: AccountId,
    ) -> Result<(), ApiError> {
        let path = format!("/v1/community/{community}/member/{account}");
        self.call(Method::Delete, path, NO_BODY).await
    }

    /// `GET /v1/community/{id}/ban`
    pub(crate) async fn community_bans(&self, community: CommunityId) -> Result<CommunityBans, ApiError> {
        self.call(Method::Get, format!("/v1/community/{community}/ban"), NO_BODY)
            .await
    }

    /// `PUT` or `DELETE` of `/v1/community/{id}/ban/{account}`
    pub(crate) async fn set_community_ban(
        &self,
        community: CommunityId,
        account: AccountId,
        is_banned: bool,
    ) -> Result<(), ApiError> {
        let method = if is_banned { Method::Put } else { Method::Delete };
        let path = format!("/v1/community/{community}/ban/{account}");
        self.call(method, path, NO_BODY).await
    }
}

/// The community that was asked for, and no other.
fn is_it(read: Community, asked: CommunityId) -> Result<Community, ApiError> {
    if read.community == asked {
        Ok(read)
    } else {
        Err(ApiError::Unreadable { status: 200 })
    }
}

/// A path with what is given.
fn query<const N: usize>(mut path: String, members: [(&str, Option<String>); N]) -> String {
    let given = members
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    for (separator, (name, value)) in core::iter::once('?').chain(core::iter::repeat('&')).zip(given) {
        // Writing to a string has no error to return.
        let _ = write!(path, "{separator}{name}={}", escaped(&value));
    }
    path
}
