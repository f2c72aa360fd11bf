//! `/v1/chat/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use core::fmt::Write as _;
use sotto_protocol::rest::chat::{
    ChatCreated, CreateDirectChat, DeleteEntries, GroupInfo, NamedEntry, Object, Objected,
};
use sotto_protocol::{ChatId, InvitationUse, MessageId, Seq};

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

    /// `POST /v1/chat/{id}/objection`
    pub(crate) async fn object(&self, chat: ChatId, seq: Seq) -> Result<Objected, ApiError> {
        let body = Object { seq };
        self.call(Method::Post, format!("/v1/chat/{chat}/objection"), Some(&body))
            .await
    }

    /// `POST /v1/chat/{id}/deletion`: at most [`sotto_protocol::limits::DELETIONS`] entries.
    pub(crate) async fn delete_entries(
        &self,
        chat: ChatId,
        entries: &[(Seq, MessageId)],
    ) -> Result<(), ApiError> {
        let named = |&(seq, message): &(Seq, MessageId)| NamedEntry { seq, message };
        let body = DeleteEntries {
            entries: entries.iter().map(named).collect(),
        };
        self.call(Method::Post, format!("/v1/chat/{chat}/deletion"), Some(&body))
            .await
    }

    /// `GET /v1/chat/{id}/group-info`, by an invitation if there is one.
    pub(crate) async fn group_info(
        &self,
        chat: ChatId,
        used: Option<InvitationUse>,
    ) -> Result<GroupInfo, ApiError> {
        let mut path = format!("/v1/chat/{chat}/group-info");
        if let Some(InvitationUse {
            invitation,
            device_key,
            signature,
        }) = used
        {
            // Writing to a string has no error to return.
            let _ = write!(
                path,
                "?invitation={invitation}&device_key={device_key}&signature={signature}"
            );
        }
        let group_info: GroupInfo = self.call(Method::Get, path, NO_BODY).await?;
        if group_info.chat == chat {
            Ok(group_info)
        } else {
            Err(ApiError::Unreadable { status: 200 })
        }
    }
}
