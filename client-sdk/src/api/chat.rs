//! `/v1/chat/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::ChatId;
use sotto_protocol::rest::chat::{ChatCreated, CreateDirectChat, GroupInfo};

impl<P: Platform> Api<P> {
    /// `PUT /v1/chat/{id}`
    pub(crate) async fn create_chat(
        &self,
        chat: ChatId,
        body: &CreateDirectChat,
    ) -> Result<ChatCreated, ApiError> {
        self.call(Method::Put, format!("/v1/chat/{chat}"), Some(body))
            .await
    }

    /// `GET /v1/chat/{id}/group-info`
    pub(crate) async fn group_info(&self, chat: ChatId) -> Result<GroupInfo, ApiError> {
        let group_info: GroupInfo = self
            .call(Method::Get, format!("/v1/chat/{chat}/group-info"), NO_BODY)
            .await?;
        if group_info.chat == chat {
            Ok(group_info)
        } else {
            Err(ApiError::Unreadable { status: 200 })
        }
    }
}
