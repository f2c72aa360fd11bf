//! `/v1/archive/…`

use super::{Api, ApiError, NO_BODY, escaped};
use crate::platform::{Method, Platform};
use sotto_protocol::rest::archive::{
    Archive, ArchiveClaim, ArchiveWritten, Archives, ClaimArchive, Segments, WriteArchive,
};
use sotto_protocol::{ChatId, SegmentId};

impl<P: Platform> Api<P> {
    /// `GET /v1/archive`: a page of the account's archives.
    pub(crate) async fn archives(&self, after: Option<&str>) -> Result<Archives, ApiError> {
        let path = match after {
            Some(after) => format!("/v1/archive?after={}", escaped(after)),
            None => "/v1/archive".to_owned(),
        };
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `GET /v1/archive/{id}`
    pub(crate) async fn archive(&self, chat: ChatId) -> Result<Archive, ApiError> {
        self.call(Method::Get, format!("/v1/archive/{chat}"), NO_BODY)
            .await
    }

    /// `POST /v1/archive/{id}`
    pub(crate) async fn write_archive(
        &self,
        chat: ChatId,
        body: &WriteArchive,
    ) -> Result<ArchiveWritten, ApiError> {
        self.call(Method::Post, format!("/v1/archive/{chat}"), Some(body))
            .await
    }

    /// `GET /v1/archive/{id}/segment`
    pub(crate) async fn segments(&self, chat: ChatId, segments: &[SegmentId]) -> Result<Segments, ApiError> {
        let ids: Vec<String> = segments.iter().map(ToString::to_string).collect();
        let path = format!("/v1/archive/{chat}/segment?ids={}", ids.join(","));
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `POST /v1/archive/{id}/claim`
    pub(crate) async fn claim_archive(&self, chat: ChatId, seconds: u32) -> Result<ArchiveClaim, ApiError> {
        let path = format!("/v1/archive/{chat}/claim");
        self.call(Method::Post, path, Some(&ClaimArchive { seconds }))
            .await
    }
}
