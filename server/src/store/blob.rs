//! Blobs: whose they are, how far their uploads have come, and which objects hold their bytes.

use super::StoreError;
use sotto_protocol::{AccountId, BlobId, Retention, Timestamp, UploadId};

/// Bytes of a segment. Every segment of a blob has as many but its last one.
pub const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;

/// An object that holds one segment, in a folder or a bucket. Random, so that its name says nothing about the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub [u8; 16]);

impl TryFrom<&[u8]> for ObjectId {
    type Error = std::array::TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

/// A blob about to be uploaded.
#[derive(Clone, Debug)]
pub struct NewBlob {
    /// Chosen at random by the server.
    pub blob: BlobId,
    /// Chosen at random by the uploader.
    pub upload: UploadId,
    /// Whose it is.
    pub account: AccountId,
    /// Bytes in all, at least 1.
    pub size: u64,
    /// `Keep` or `For`.
    pub retention: Retention,
    /// When.
    pub at: Timestamp,
    /// When the upload is given up if nothing arrives.
    pub abandoned_at: Timestamp,
}

/// How much an account may have.
#[derive(Clone, Copy, Debug)]
pub struct BlobAllowance {
    /// Bytes of all blobs, those under way by their whole size.
    pub bytes: u64,
    /// Blobs, with those under way.
    pub blobs: u64,
    /// Uploads under way.
    pub uploads: u64,
}

/// How much an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredBlobs {
    /// Bytes of all blobs, those under way by their whole size.
    pub bytes: u64,
    /// Blobs, with those under way.
    pub blobs: u64,
    /// Uploads under way.
    pub uploads: u64,
}

/// A blob, whole or under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The blob.
    pub blob: BlobId,
    /// Whose it is.
    pub account: AccountId,
    /// Bytes in all.
    pub size: u64,
    /// Bytes that its segments hold: whole when this is `size`.
    pub received: u64,
    /// `Keep` or `For`.
    pub retention: Retention,
    /// When the upload was begun.
    pub created_at: Timestamp,
    /// When it is deleted: an upload that nothing is added to, a whole blob that is not kept.
    pub ends_at: Option<Timestamp>,
}

impl Blob {
    /// Whether every byte is there.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.received == self.size
    }

    /// The blob after this progress: every backend's rule for when it ends.
    #[must_use]
    pub(super) fn advanced(self, progress: BlobProgress) -> Self {
        let whole = progress.to == self.size;
        Self {
            received: progress.to,
            ends_at: if whole {
                self.retention.expires_at(progress.at)
            } else {
                Some(progress.abandoned_at)
            },
            ..self
        }
    }
}

/// Bytes that are durable in an object and are now to become part of their blob.
#[derive(Clone, Copy, Debug)]
pub struct BlobProgress {
    /// The blob.
    pub blob: BlobId,
    /// Bytes that it had before.
    pub from: u64,
    /// Bytes that it has then.
    pub to: u64,
    /// The object that holds the segment of the bytes before `to`, from that segment's beginning.
    pub object: ObjectId,
    /// When.
    pub at: Timestamp,
    /// When the upload is given up if nothing more arrives.
    pub abandoned_at: Timestamp,
}

impl BlobProgress {
    /// The number of the segment that `object` holds, from 0.
    #[must_use]
    pub const fn segment(&self) -> u64 {
        self.to.saturating_sub(1) / SEGMENT_BYTES
    }
}

/// Why no upload was begun.
#[derive(Debug, thiserror::Error)]
pub enum CreateBlobError {
    /// There is no such account.
    #[error("there is no such account")]
    AccountNotFound,
    /// The upload id is in use for a blob of another size or retention.
    #[error("the upload id is in use")]
    UploadTaken,
    /// The account's blobs would have more bytes than they may.
    #[error("the account's quota would be exceeded")]
    QuotaExceeded,
    /// The account has as many blobs as it may.
    #[error("the account has as many blobs as it may")]
    TooManyBlobs,
    /// The account has as many uploads under way as it may.
    #[error("the account has as many uploads under way as it may")]
    TooManyUploads,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a blob did not advance. Unless it is [`AdvanceBlobError::Store`], the object is certainly no part of it.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceBlobError {
    /// There is no such blob, or no longer.
    #[error("there is no such blob")]
    BlobNotFound,
    /// The blob has another number of bytes.
    #[error("the blob has {received} bytes")]
    WrongOffset {
        /// So many.
        received: u64,
    },
    /// See [`StoreError`]. Whether the blob has advanced is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Blobs.
///
/// The store is the only truth about which objects hold which bytes: an object is written first and never changed, then
/// named here; it is condemned here first, then deleted. So a crash leaves at worst an object that nobody names, and
/// [`BlobStore::unnamed`] tells which those are.
pub trait BlobStore: Send + Sync + 'static {
    /// A random name that this database has had from the first day. Objects of two installations must not mix.
    fn installation_id(&self) -> impl Future<Output = Result<Vec<u8>, StoreError>> + Send;

    /// Begins an upload, if the account then has no more than `allowance`. A repetition (same account, same upload id)
    /// gets the blob that was made.
    fn create_blob(
        &self,
        blob: NewBlob,
        allowance: BlobAllowance,
    ) -> impl Future<Output = Result<Blob, CreateBlobError>> + Send;

    /// The blob.
    fn blob(&self, blob: BlobId) -> impl Future<Output = Result<Option<Blob>, StoreError>> + Send;

    /// The objects of the blob's segments, from the `first` on, at most `limit` of them, in order.
    fn blob_objects(
        &self,
        blob: BlobId,
        first: u64,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<ObjectId>, StoreError>> + Send;

    /// Adds bytes to a blob that has exactly `from` of them. An object that held less of the same segment is condemned.
    /// With its last byte the blob is whole, and its retention begins.
    fn advance_blob(
        &self,
        progress: BlobProgress,
    ) -> impl Future<Output = Result<Blob, AdvanceBlobError>> + Send;

    /// Deletes a blob and condemns its objects. `false` if there was no such blob.
    fn delete_blob(&self, blob: BlobId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes blobs whose time is over, at most `limit`, and says how many: uploads given up, and blobs whose retention
    /// has ended.
    fn end_blobs(&self, now: Timestamp, limit: u16) -> impl Future<Output = Result<u16, StoreError>> + Send;

    /// What the account has.
    fn stored_blobs(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<StoredBlobs, StoreError>> + Send;

    /// Objects that nothing refers to any more and that are to be deleted, at most `limit`.
    fn condemned_objects(&self, limit: u16)
    -> impl Future<Output = Result<Vec<ObjectId>, StoreError>> + Send;

    /// Forgets condemned objects that are deleted.
    fn forget_objects(&self, objects: &[ObjectId]) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Those of `objects` that are neither part of a blob nor condemned.
    fn unnamed(&self, objects: &[ObjectId])
    -> impl Future<Output = Result<Vec<ObjectId>, StoreError>> + Send;

    /// Objects that are part of blobs and come after `after` in the order of their ids, at most `limit`.
    fn named_after(
        &self,
        after: ObjectId,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<ObjectId>, StoreError>> + Send;
}
