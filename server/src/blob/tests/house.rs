//! Blobs over SQLite, and objects in memory that can fail.

use crate::blob::objects::Slice;
use crate::blob::{AppendError, Blobs, Objects, Piece};
use crate::clock::{Clock, SystemClock};
use crate::config;
use crate::store::contract::fixture::{ALICE, BOB};
use crate::store::sqlite::{SqliteAccounts, SqliteStores};
use crate::store::{AccountStore as _, Blob, BlobStore as _, SEGMENT_BYTES};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult,
};
use sotto_protocol::{Retention, Timestamp, UploadId};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tempfile::TempDir;

/// A clock that tests set.
#[derive(Debug)]
pub(super) struct SetClock(pub(super) AtomicU64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// Objects in memory, of which a number may be written before writing fails.
#[derive(Debug)]
pub(super) struct Failing {
    store: InMemory,
    puts_left: AtomicUsize,
    /// Whether what fails has happened all the same.
    after: bool,
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Failing")
    }
}

fn failed() -> object_store::Error {
    object_store::Error::Generic {
        store: "Failing",
        source: "as told".into(),
    }
}

#[async_trait::async_trait]
impl ObjectStore for Failing {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        let fails = self
            .puts_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_err();
        if fails && !self.after {
            return Err(failed());
        }
        let put = self.store.put_opts(location, payload, options).await?;
        if fails { Err(failed()) } else { Ok(put) }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> object_store::Result<GetResult> {
        self.store.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        self.store.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> object_store::Result<()> {
        self.store.copy_opts(from, to, options).await
    }
}

/// Blobs over SQLite and objects in memory, and Alice, who has them.
pub(super) struct House {
    pub(super) blobs: Blobs<SqliteAccounts>,
    pub(super) accounts: SqliteAccounts,
    pub(super) objects: Arc<Failing>,
    pub(super) clock: Arc<SetClock>,
    _folder: TempDir,
}

impl House {
    pub(super) async fn new() -> Self {
        Self::failing(usize::MAX, false).await
    }

    pub(super) async fn failing(puts: usize, after: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stores = SqliteStores::open(folder.path(), 1).await.unwrap();
        let accounts = stores.accounts.clone();
        for person in [ALICE, BOB] {
            accounts.create_account(person.registration()).await.unwrap();
        }
        let objects = Arc::new(Failing {
            store: InMemory::new(),
            puts_left: AtomicUsize::new(puts),
            after,
        });
        // Objects in memory have the machine's time.
        let clock = Arc::new(SetClock(AtomicU64::new(SystemClock.now().0)));
        let config = config::Blobs {
            url: "file://unused".to_owned(),
            stall_seconds: 3600,
            ..config::Blobs::default()
        };
        let blobs = Blobs::of(
            accounts.clone(),
            Objects::in_store(Arc::clone(&objects) as Arc<dyn ObjectStore>),
            config,
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        Self {
            blobs,
            accounts,
            objects,
            clock,
            _folder: folder,
        }
    }

    pub(super) fn works_again(&self) {
        self.objects.puts_left.store(usize::MAX, Ordering::Relaxed);
    }

    pub(super) fn passes(&self, millis: u64) {
        self.clock.0.fetch_add(millis, Ordering::Relaxed);
    }

    pub(super) async fn create(&self, size: u64) -> Blob {
        let upload = UploadId::from_bytes(crate::blob::random());
        self.blobs
            .create(ALICE.account(), upload, size, Retention::Keep)
            .await
            .unwrap()
    }

    pub(super) async fn append(&self, blob: &Blob, offset: u64, bytes: &[u8]) -> Result<Blob, AppendError> {
        self.blobs.append(piece(blob, offset), chunks(bytes)).await
    }

    pub(super) async fn received(&self, blob: &Blob) -> u64 {
        self.accounts.blob(blob.blob).await.unwrap().unwrap().received
    }

    pub(super) async fn content(&self, blob: &Blob) -> Vec<u8> {
        let blob = self.blobs.find(blob.blob).await.unwrap().unwrap();
        let reading = self.blobs.read(blob.account, blob, 0..blob.size).await.unwrap();
        let slices: Vec<Bytes> = reading.into_stream().try_collect().await.unwrap();
        slices.concat()
    }

    /// Objects that are written.
    pub(super) async fn written(&self) -> usize {
        self.objects.store.list(None).count().await
    }

    /// Lets every slice be searched once, and says how many objects were found that nobody named.
    pub(super) async fn search(&self) -> usize {
        let mut unnamed = 0;
        for slice in 0..=u8::MAX {
            unnamed += self.blobs.0.search(Slice(slice)).await.unwrap().unnamed;
        }
        unnamed
    }
}

pub(super) fn piece(blob: &Blob, offset: u64) -> Piece {
    Piece {
        account: blob.account,
        blob: blob.blob,
        offset,
        length: None,
    }
}

/// A body in pieces of a size that fits no segment.
pub(super) fn chunks(bytes: &[u8]) -> impl futures_util::Stream<Item = Result<Bytes, ()>> + Send + 'static {
    let chunks: Vec<_> = bytes
        .chunks(100_003)
        .map(Bytes::copy_from_slice)
        .map(Ok)
        .collect();
    stream::iter(chunks)
}

/// A body that breaks off after these bytes.
pub(super) fn torn(bytes: &[u8]) -> impl futures_util::Stream<Item = Result<Bytes, ()>> + Send + 'static {
    chunks(bytes).chain(stream::iter([Err(())]))
}

pub(super) fn pattern(length: u64) -> Vec<u8> {
    (0..length)
        .map(|position| u8::try_from(position % 251).unwrap())
        .collect()
}

pub(super) const HOUR: u64 = 60 * 60 * 1000;

pub(super) const LONG: u64 = 2 * SEGMENT_BYTES + 1234;
