//! `/v1/blob`: encrypted files. The server sees their size and whose they are; the key travels inside a message.
//!
//! An upload may be interrupted at any byte and goes on where the server says. Its shape follows the IETF's draft on
//! resumable uploads (draft-ietf-httpbis-resumable-upload): `PATCH` with `Upload-Offset` and a body of the type
//! `application/partial-upload`.

use crate::{BlobId, Retention, Timestamp, UploadId};
use serde::{Deserialize, Serialize};

/// The header that says where in the blob the bytes of a `PATCH` begin, and in answers how many the server has.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// The type of a body that is a piece of a blob.
pub const PARTIAL_UPLOAD: &str = "application/partial-upload";

/// `POST /v1/blob`: begins an upload. The answer is [`Upload`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateBlob {
    /// Chosen at random by the uploader. A repetition carries the same one and gets the same blob.
    pub upload: UploadId,
    /// Bytes of the whole blob, at least 1. They count against the account's quota from now on.
    pub size: u64,
    /// What becomes of it once it is whole: `Keep`, or `For` so long from the moment that it is.
    #[serde(default)]
    pub retention: Retention,
}

/// `GET /v1/blob/{id}/upload` for the owner, and the answer to `POST /v1/blob` and `PATCH /v1/blob/{id}/upload`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Upload {
    /// The blob. The server has chosen the id; whoever knows it and is logged in may read the blob.
    pub blob: BlobId,
    /// Bytes of the whole blob.
    pub size: u64,
    /// Bytes that the server has, durably: where the next `PATCH` begins. The blob is whole when this is `size`.
    pub offset: u64,
    /// What becomes of it.
    pub retention: Retention,
    /// When the upload was begun.
    pub created_at: Timestamp,
    /// When the server deletes it: an upload if nothing more arrives, a whole blob if it is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// `GET /v1/blob`: what the caller's account has on the server, and how much it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlobUsage {
    /// Bytes of all blobs, with the whole size of those that are still being uploaded.
    pub bytes: u64,
    /// Bytes of all blobs at most.
    pub bytes_max: u64,
    /// Blobs, with those that are still being uploaded.
    pub blobs: u64,
    /// Blobs at most.
    pub blobs_max: u64,
    /// Uploads under way.
    pub uploads: u64,
    /// Uploads under way at most.
    pub uploads_max: u64,
    /// Bytes of one blob at most.
    pub blob_bytes_max: u64,
}
