//! Blobs: encrypted files, streamed both ways. The server knows whose a blob is and how large, not what it is nor which
//! chat it belongs to: the key travels inside a message.
//!
//! A blob is a row in the database of accounts and a list of segments, each held by one object in a folder or a bucket.
//! Objects are written first, never changed, and named by the database afterwards ([`crate::store::BlobStore`] says why
//! that makes crashes harmless). Whatever an uploader was told that the server has is in an object and in the database.

mod append;
mod collect;
mod objects;
mod read;
mod slots;
#[cfg(test)]
mod tests;

pub(crate) use append::{AppendError, Piece};
pub use objects::OpenBlobsError;
pub(crate) use read::ReadError;
pub(crate) use slots::NoSlot;

use crate::clock::Clock;
use crate::config;
use crate::store::{
    Blob, BlobAllowance, BlobStore, CreateBlobError, NewBlob, ObjectId, StoreError, StoredBlobs,
};
use objects::Objects;
use rand_core::Rng as _;
use slots::Slots;
use sotto_protocol::{AccountId, BlobId, Retention, UploadId};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The blobs of an installation. A cheap clone.
pub(crate) struct Blobs<S>(Arc<Parts<S>>);

struct Parts<S> {
    store: S,
    objects: Objects,
    config: config::Blobs,
    clock: Arc<dyn Clock>,
    /// Blobs that a request of this node is adding to.
    busy: Mutex<HashSet<BlobId>>,
    appends: Slots,
    reads: Slots,
    /// Appends: they outlive the request that they came in, to keep what arrived.
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl<S> Clone for Blobs<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: BlobStore> Blobs<S> {
    /// Opens the folder or bucket, which has to be this installation's.
    pub(crate) async fn open(
        store: S,
        config: config::Blobs,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenBlobsError> {
        let objects = Objects::open(&config)?;
        objects.claim(&store.installation_id().await?).await?;
        Ok(Self::of(store, objects, config, clock))
    }

    fn of(store: S, objects: Objects, config: config::Blobs, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Parts {
            store,
            objects,
            busy: Mutex::default(),
            appends: Slots::new(config.appends_max, config.appends_per_account),
            reads: Slots::new(config.reads_max, config.reads_per_account),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            config,
            clock,
        }))
    }

    /// Begins an upload. `size` is at most `blob_bytes_max`, and `retention` not `Never`.
    pub(crate) async fn create(
        &self,
        account: AccountId,
        upload: UploadId,
        size: u64,
        retention: Retention,
    ) -> Result<Blob, CreateBlobError> {
        let config = &self.0.config;
        let now = self.0.clock.now();
        let new = NewBlob {
            blob: BlobId::from_bytes(random()),
            upload,
            account,
            size,
            retention,
            at: now,
            abandoned_at: now.plus_millis(config.abandon_millis()),
        };
        let allowance = BlobAllowance {
            bytes: config.quota_bytes,
            blobs: config.blobs_max,
            uploads: config.uploads_max,
        };
        self.0.store.create_blob(new, allowance).await
    }

    /// The blob, if its time is not over.
    pub(crate) async fn find(&self, blob: BlobId) -> Result<Option<Blob>, StoreError> {
        let found = self.0.store.blob(blob).await?;
        let now = self.0.clock.now();
        Ok(found.filter(|blob| blob.ends_at.is_none_or(|end| end > now)))
    }

    /// Deletes a blob. Its bytes follow within the next minutes; nobody can read them any more.
    pub(crate) async fn delete(&self, blob: BlobId) -> Result<bool, StoreError> {
        self.0.store.delete_blob(blob).await
    }

    /// What the account has.
    pub(crate) async fn stored(&self, account: AccountId) -> Result<StoredBlobs, StoreError> {
        self.0.store.stored_blobs(account).await
    }

    /// Ends uploads where they are: what arrived is kept, and their clients are told how much that was.
    pub(crate) fn stop(&self) {
        self.0.stopping.cancel();
    }

    /// Waits until nothing is being written any more. [`Self::stop`] comes first.
    pub(crate) async fn stopped(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

impl<S> Parts<S> {
    /// Marks the blob as busy until the guard is dropped; `None` if it is.
    fn occupy(&self, blob: BlobId) -> Option<Occupied<'_>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(blob).then(|| Occupied {
            busy: &self.busy,
            blob,
        })
    }
}

/// A blob that one request is adding to.
struct Occupied<'p> {
    busy: &'p Mutex<HashSet<BlobId>>,
    blob: BlobId,
}

impl Drop for Occupied<'_> {
    fn drop(&mut self) {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.blob);
    }
}

/// Random bytes. Whoever could guess the id of a blob could read it.
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut bytes);
    bytes
}

fn random_object() -> ObjectId {
    ObjectId(random())
}
