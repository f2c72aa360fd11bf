//! `/v1/group/…`

use super::{Api, ApiError, NO_BODY, escaped};
use crate::platform::{Method, Platform};
use core::fmt::Write as _;
use sotto_protocol::rest::chat::ChatCreated;
use sotto_protocol::rest::group::{
    AskToJoin, CreateGroup, Group, GroupsFound, JoinRequests, LeaveGroup, UpdateGroup,
};
use sotto_protocol::{AccountId, ChatId, Epoch};

impl<P: Platform> Api<P> {
    /// `PUT /v1/group/{id}`
    pub(crate) async fn create_group(
        &self,
        group: ChatId,
        body: &CreateGroup,
    ) -> Result<ChatCreated, ApiError> {
        self.call(Method::Put, format!("/v1/group/{group}"), Some(body))
            .await
    }

    /// `GET /v1/group/{id}`
    pub(crate) async fn group(&self, group: ChatId) -> Result<Group, ApiError> {
        let read: Group = self
            .call(Method::Get, format!("/v1/group/{group}"), NO_BODY)
            .await?;
        if read.group == group {
            Ok(read)
        } else {
            Err(ApiError::Unreadable { status: 200 })
        }
    }

    /// `POST /v1/group/{id}`
    pub(crate) async fn update_group(&self, group: ChatId, body: &UpdateGroup) -> Result<Group, ApiError> {
        self.call(Method::Post, format!("/v1/group/{group}"), Some(body))
            .await
    }

    /// `GET /v1/group?q=…&after=…`
    pub(crate) async fn search_groups(
        &self,
        query: &str,
        after: Option<&str>,
    ) -> Result<GroupsFound, ApiError> {
        let mut path = format!("/v1/group?q={}", escaped(query));
        if let Some(after) = after {
            // Writing to a string has no error to return.
            let _ = write!(path, "&after={}", escaped(after));
        }
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `POST /v1/group/{id}/leave`
    pub(crate) async fn leave_group(&self, group: ChatId, epoch: Option<Epoch>) -> Result<(), ApiError> {
        let body = LeaveGroup { epoch };
        self.call(Method::Post, format!("/v1/group/{group}/leave"), Some(&body))
            .await
    }

    /// `DELETE /v1/group/{id}`
    pub(crate) async fn delete_group(&self, group: ChatId) -> Result<(), ApiError> {
        self.call(Method::Delete, format!("/v1/group/{group}"), NO_BODY)
            .await
    }

    /// `PUT /v1/group/{id}/request`
    pub(crate) async fn ask_to_join(&self, group: ChatId, body: &AskToJoin) -> Result<(), ApiError> {
        self.call(Method::Put, format!("/v1/group/{group}/request"), Some(body))
            .await
    }

    /// `GET /v1/group/{id}/request`
    pub(crate) async fn join_requests(&self, group: ChatId) -> Result<JoinRequests, ApiError> {
        self.call(Method::Get, format!("/v1/group/{group}/request"), NO_BODY)
            .await
    }

    /// `DELETE /v1/group/{id}/request/{account}`
    pub(crate) async fn delete_join_request(
        &self,
        group: ChatId,
        account: AccountId,
    ) -> Result<(), ApiError> {
        let path = format!("/v1/group/{group}/request/{account}");
        self.call(Method::Delete, path, NO_BODY).await
    }
}
