//! `/v1/blob`

use super::{Api, ApiError, NO_BODY, decode_body, json_request};
use crate::platform::{Method, Platform, Request, RequestBody};
use bytes::Bytes;
use core::ops::Range;
use sotto_protocol::BlobId;
use sotto_protocol::rest::blob::{BlobUsage, CreateBlob, Upload};

impl<P: Platform> Api<P> {
    /// `POST /v1/blob`
    pub(crate) async fn create_blob(&self, body: &CreateBlob) -> Result<Upload, ApiError> {
        self.call(Method::Post, "/v1/blob".to_owned(), Some(body)).await
    }

    /// `PATCH /v1/blob/{id}/upload`
    pub(crate) async fn append_to_blob(
        &self,
        blob: BlobId,
        offset: u64,
        bytes: Bytes,
    ) -> Result<Upload, ApiError> {
        let request = Request {
            body: Some(RequestBody::Piece { offset, bytes }),
            ..json_request(Method::Patch, format!("/v1/blob/{blob}/upload"), NO_BODY)?
        };
        decode_body(&self.authorised(request).await?)
    }

    /// `GET /v1/blob/{id}` of these bytes, which are some and no more than an answer can have.
    pub(crate) async fn read_blob(&self, blob: BlobId, range: Range<u64>) -> Result<Vec<u8>, ApiError> {
        let length = range.end.saturating_sub(range.start);
        let request = Request {
            range: Some(range),
            ..json_request(Method::Get, format!("/v1/blob/{blob}"), NO_BODY)?
        };
        let answer = self.authorised(request).await?;
        // 200 is the whole blob, if it has no more bytes than are wanted.
        if matches!(answer.status, 200 | 206) && answer.body.len() as u64 == length {
            return Ok(answer.body);
        }
        Err(ApiError::Unreadable {
            status: answer.status,
        })
    }

    /// `GET /v1/blob`
    pub(crate) async fn blob_usage(&self) -> Result<BlobUsage, ApiError> {
        self.call(Method::Get, "/v1/blob".to_owned(), NO_BODY).await
    }

    /// `DELETE /v1/blob/{id}`
    pub(crate) async fn delete_blob(&self, blob: BlobId) -> Result<(), ApiError> {
        self.call(Method::Delete, format!("/v1/blob/{blob}"), NO_BODY)
            .await
    }
}
