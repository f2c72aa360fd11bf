use super::objects::Slice;
use super::{AppendError, Blobs, NoSlot, Objects, Piece};
use crate::clock::{Clock, SystemClock};
use crate::config;
use crate::store::contract::fixture::{ALICE, BOB};
use crate::store::sqlite::{SqliteAccounts, SqliteStores};
use crate::store::{AccountStore as _, Blob, BlobStore as _, ObjectId, SEGMENT_BYTES};
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
struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// Objects in memory, of which a number may be written before writing fails.
#[derive(Debug)]
struct Failing {
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
struct House {
    blobs: Blobs<SqliteAccounts>,
    accounts: SqliteAccounts,
    objects: Arc<Failing>,
    clock: Arc<SetClock>,
    _folder: TempDir,
}

impl House {
    async fn new() -> Self {
        Self::failing(usize::MAX, false).await
    }

    async fn failing(puts: usize, after: bool) -> Self {
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

    fn works_again(&self) {
        self.objects.puts_left.store(usize::MAX, Ordering::Relaxed);
    }

    fn passes(&self, millis: u64) {
        self.clock.0.fetch_add(millis, Ordering::Relaxed);
    }

    async fn create(&self, size: u64) -> Blob {
        let upload = UploadId::from_bytes(super::random());
        self.blobs
            .create(ALICE.account(), upload, size, Retention::Keep)
            .await
            .unwrap()
    }

    async fn append(&self, blob: &Blob, offset: u64, bytes: &[u8]) -> Result<Blob, AppendError> {
        self.blobs.append(piece(blob, offset), chunks(bytes)).await
    }

    async fn received(&self, blob: &Blob) -> u64 {
        self.accounts.blob(blob.blob).await.unwrap().unwrap().received
    }

    async fn content(&self, blob: &Blob) -> Vec<u8> {
        let blob = self.blobs.find(blob.blob).await.unwrap().unwrap();
        let reading = self.blobs.read(blob.account, blob, 0..blob.size).await.unwrap();
        let slices: Vec<Bytes> = reading.into_stream().try_collect().await.unwrap();
        slices.concat()
    }

    /// Objects that are written.
    async fn written(&self) -> usize {
        self.objects.store.list(None).count().await
    }

    /// Lets every slice be searched once, and says how many objects were found that nobody named.
    async fn search(&self) -> usize {
        let mut unnamed = 0;
        for slice in 0..=u8::MAX {
            unnamed += self.blobs.0.search(Slice(slice)).await.unwrap().unnamed;
        }
        unnamed
    }
}

fn piece(blob: &Blob, offset: u64) -> Piece {
    Piece {
        account: blob.account,
        blob: blob.blob,
        offset,
        length: None,
    }
}

/// A body in pieces of a size that fits no segment.
fn chunks(bytes: &[u8]) -> impl futures_util::Stream<Item = Result<Bytes, ()>> + Send + 'static {
    let chunks: Vec<_> = bytes
        .chunks(100_003)
        .map(Bytes::copy_from_slice)
        .map(Ok)
        .collect();
    stream::iter(chunks)
}

/// A body that breaks off after these bytes.
fn torn(bytes: &[u8]) -> impl futures_util::Stream<Item = Result<Bytes, ()>> + Send + 'static {
    chunks(bytes).chain(stream::iter([Err(())]))
}

fn pattern(length: u64) -> Vec<u8> {
    (0..length)
        .map(|position| u8::try_from(position % 251).unwrap())
        .collect()
}

const HOUR: u64 = 60 * 60 * 1000;

const LONG: u64 = 2 * SEGMENT_BYTES + 1234;

#[tokio::test]
async fn a_blob_that_comes_at_once_is_read_as_it_was() {
    let house = House::new().await;
    let content = pattern(LONG);
    let blob = house.create(LONG).await;
    let whole = house.append(&blob, 0, &content).await.unwrap();
    assert!(whole.is_whole());
    assert!(house.content(&blob).await == content);
    assert_eq!(house.written().await, 3);
    for range in [
        0..1,
        5..SEGMENT_BYTES + 1,
        SEGMENT_BYTES - 1..SEGMENT_BYTES,
        LONG - 1..LONG,
    ] {
        let reading = house
            .blobs
            .read(whole.account, whole, range.clone())
            .await
            .unwrap();
        let slices: Vec<Bytes> = reading.into_stream().try_collect().await.unwrap();
        let expected = &content[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        assert!(slices.concat() == expected, "{range:?}");
    }
}

#[tokio::test]
async fn what_a_torn_body_brought_is_kept_and_the_rest_follows() {
    let house = House::new().await;
    let content = pattern(LONG);
    let blob = house.create(LONG).await;
    let mut offset = 0;
    for step in [1, 999, SEGMENT_BYTES - 1000, 1, SEGMENT_BYTES + 7] {
        let from = usize::try_from(offset).unwrap();
        let to = usize::try_from(offset + step).unwrap();
        let body = torn(&content[from..to]);
        house.blobs.append(piece(&blob, offset), body).await.unwrap();
        offset += step;
        assert_eq!(house.received(&blob).await, offset);
    }
    let rest = &content[usize::try_from(offset).unwrap()..];
    house.append(&blob, offset, rest).await.unwrap();
    assert!(house.content(&blob).await == content);
    house.blobs.0.clear().await.unwrap();
    assert_eq!(
        house.written().await,
        3,
        "shorter objects of the same segment are gone"
    );
}

#[tokio::test]
async fn one_request_at_a_time_adds_to_a_blob() {
    let house = House::new().await;
    let blob = house.create(10).await;
    let (first, body) = tokio::sync::mpsc::channel::<Result<Bytes, ()>>(1);
    let body = stream::unfold(body, |mut body| async move { Some((body.recv().await?, body)) });
    let uploading = tokio::spawn({
        let blobs = house.blobs.clone();
        let piece = piece(&blob, 0);
        async move { blobs.append(piece, body).await }
    });
    first.send(Ok(Bytes::from_static(b"01234"))).await.unwrap();
    // The second place in the channel is free once the first chunk was taken.
    first.reserve().await.unwrap();
    let second = house.append(&blob, 0, b"abc").await;
    assert!(matches!(second, Err(AppendError::Busy)), "{second:?}");
    drop(first);
    assert_eq!(uploading.await.unwrap().unwrap().received, 5);
    house.append(&blob, 5, b"56789").await.unwrap();
    assert_eq!(house.content(&blob).await, b"0123456789");
}

#[tokio::test]
async fn two_nodes_that_add_at_the_same_offset_lose_nothing_that_was_acknowledged() {
    let house = House::new().await;
    let other = Blobs::of(
        house.accounts.clone(),
        house.blobs.0.objects.clone(),
        house.blobs.0.config.clone(),
        Arc::clone(&house.clock) as Arc<dyn Clock>,
    );
    let blob = house.create(6).await;
    let (one, two) = tokio::join!(
        house.blobs.append(piece(&blob, 0), chunks(b"aaaaaa")),
        other.append(piece(&blob, 0), chunks(b"bbb")),
    );
    let content = match (one, two) {
        (Ok(_), Err(AppendError::WrongOffset { received: 6 })) => b"aaaaaa".to_vec(),
        (Err(AppendError::WrongOffset { received: 3 }), Ok(_)) => {
            other.append(piece(&blob, 3), chunks(b"bbb")).await.unwrap();
            b"bbbbbb".to_vec()
        }
        outcomes => panic!("{outcomes:?}"),
    };
    assert_eq!(house.content(&blob).await, content);
}

#[tokio::test]
async fn more_than_was_announced_is_refused_and_not_kept() {
    let house = House::new().await;
    let blob = house.create(10).await;
    let refused = house.append(&blob, 0, b"0123456789+").await;
    assert!(
        matches!(refused, Err(AppendError::TooLong { received: 0 })),
        "{refused:?}"
    );
    let announced = Piece {
        length: Some(11),
        ..piece(&blob, 0)
    };
    let refused = house.blobs.append(announced, chunks(b"")).await;
    assert!(
        matches!(refused, Err(AppendError::TooLong { received: 0 })),
        "{refused:?}"
    );
    house.append(&blob, 0, b"0123456789").await.unwrap();
    let repeated = house.append(&blob, 0, b"0123456789").await;
    assert!(matches!(repeated, Err(AppendError::WrongOffset { received: 10 })));
    assert!(house.append(&blob, 10, b"").await.unwrap().is_whole());
    let more = house.append(&blob, 10, b"+").await;
    assert!(matches!(more, Err(AppendError::TooLong { received: 10 })));
    assert_eq!(house.content(&blob).await, b"0123456789");
}

#[tokio::test]
async fn a_body_that_stalls_is_cut_and_what_came_is_kept() {
    let mut house = House::new().await;
    let config = config::Blobs {
        stall_seconds: 1,
        ..house.blobs.0.config.clone()
    };
    let objects = house.blobs.0.objects.clone();
    house.blobs = Blobs::of(
        house.accounts.clone(),
        objects,
        config,
        Arc::clone(&house.clock) as _,
    );
    let blob = house.create(10).await;
    let stalling = chunks(b"0123").chain(stream::pending());
    let stalled = house.blobs.append(piece(&blob, 0), stalling).await;
    assert!(
        matches!(stalled, Err(AppendError::Stalled { received: 4 })),
        "{stalled:?}"
    );
}

#[tokio::test]
async fn a_node_that_stops_keeps_what_came() {
    let house = House::new().await;
    let blob = house.create(10).await;
    let blobs = house.blobs.clone();
    let stopping = chunks(b"0123").chain(stream::once(async move {
        blobs.stop();
        std::future::pending().await
    }));
    let stopped = house.blobs.append(piece(&blob, 0), stopping).await;
    assert!(
        matches!(stopped, Err(AppendError::Stopping { received: 4 })),
        "{stopped:?}"
    );
    house.blobs.stopped().await;
}

#[tokio::test]
async fn an_upload_whose_request_is_dropped_keeps_what_came() {
    let house = House::new().await;
    let blob = house.create(10).await;
    let (sender, body) = tokio::sync::mpsc::channel::<Result<Bytes, ()>>(1);
    let body = stream::unfold(body, |mut body| async move { Some((body.recv().await?, body)) });
    let request = tokio::spawn({
        let blobs = house.blobs.clone();
        let piece = piece(&blob, 0);
        async move { blobs.append(piece, body).await }
    });
    sender.send(Ok(Bytes::from_static(b"01234"))).await.unwrap();
    sender.reserve().await.unwrap();
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    drop(sender);
    house.blobs.stopped().await;
    assert_eq!(house.received(&blob).await, 5);
}

#[tokio::test]
async fn an_object_that_cannot_be_written_loses_nothing_that_was_acknowledged() {
    let content = pattern(LONG);
    for (puts, after) in [
        (0, false),
        (1, false),
        (2, false),
        (0, true),
        (1, true),
        (2, true),
    ] {
        let house = House::failing(puts, after).await;
        let blob = house.create(LONG).await;
        let failed = house.append(&blob, 0, &content).await;
        assert!(matches!(failed, Err(AppendError::Objects(_))), "{failed:?}");
        let received = house.received(&blob).await;
        assert_eq!(received, SEGMENT_BYTES * puts as u64);
        house.works_again();
        let rest = &content[usize::try_from(received).unwrap()..];
        house.append(&blob, received, rest).await.unwrap();
        assert!(house.content(&blob).await == content);
        // What was written although it failed is found and deleted, and nothing else.
        assert_eq!(house.search().await, 0, "it is too young to judge");
        house.passes(7 * HOUR);
        assert_eq!(house.search().await, usize::from(after));
        assert_eq!(house.written().await, 3);
        assert!(house.content(&blob).await == content);
    }
}

/// A node that dies at any await: the future is dropped where it is.
#[tokio::test]
async fn a_crash_at_any_point_loses_nothing_acknowledged_and_leaves_nothing_behind() {
    let house = House::new().await;
    let content = pattern(SEGMENT_BYTES + 50);
    for polls in 0..60_usize {
        let blob = house.create(SEGMENT_BYTES + 50).await;
        let mut acknowledged = 0;
        for bytes in [&content[..20], &content[20..]] {
            // Not the spawned task of `Blobs::append`: a process that dies takes that with it.
            let append = house.blobs.0.append(piece(&blob, acknowledged), chunks(bytes));
            let mut append = std::pin::pin!(append);
            let mut outcome = None;
            for _ in 0..polls {
                match futures_util::poll!(append.as_mut()) {
                    std::task::Poll::Ready(done) => {
                        outcome = Some(done.unwrap());
                        break;
                    }
                    std::task::Poll::Pending => tokio::task::yield_now().await,
                }
            }
            match outcome {
                Some(blob) => acknowledged = blob.received,
                None => break,
            }
        }
        // A commit that was given up on may still be under way: the next transaction comes after it.
        house.accounts.forget_objects(&[]).await.unwrap();
        let received = house.received(&blob).await;
        assert!(received >= acknowledged);
        let rest = &content[usize::try_from(received).unwrap()..];
        house.append(&blob, received, rest).await.unwrap();
        assert!(house.content(&blob).await == content, "after {polls} polls");
        if polls % 2 == 0 {
            assert!(house.blobs.delete(blob.blob).await.unwrap());
        }
    }
    house.blobs.0.clear().await.unwrap();
    house.passes(7 * HOUR);
    house.search().await;
    assert_eq!(house.written().await, 2 * 30);
}

#[tokio::test]
async fn deleting_goes_on_after_a_crash_at_any_point() {
    let house = House::new().await;
    for polls in 0..40 {
        let blob = house.create(3).await;
        house.append(&blob, 0, b"abc").await.unwrap();
        house.blobs.delete(blob.blob).await.unwrap();
        {
            let mut clear = std::pin::pin!(house.blobs.0.clear());
            for _ in 0..polls {
                if futures_util::poll!(clear.as_mut()).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        house.blobs.0.clear().await.unwrap();
        assert_eq!(house.written().await, 0, "after {polls} polls");
        assert_eq!(house.accounts.condemned_objects(10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn blobs_whose_time_is_over_are_gone_at_once_and_their_bytes_soon() {
    let house = House::new().await;
    let upload = UploadId::from_bytes([1; 16]);
    let retention = Retention::For { seconds: 10 };
    let timed = house
        .blobs
        .create(ALICE.account(), upload, 3, retention)
        .await
        .unwrap();
    house.append(&timed, 0, b"abc").await.unwrap();
    let abandoned = house.create(100).await;
    house.append(&abandoned, 0, b"abc").await.unwrap();
    house.passes(9_999);
    assert!(house.blobs.find(timed.blob).await.unwrap().is_some());
    house.passes(1);
    assert!(house.blobs.find(timed.blob).await.unwrap().is_none());
    house.blobs.0.clear().await.unwrap();
    assert_eq!(house.written().await, 1);
    house.passes(24 * HOUR - 10_000);
    let late = house.append(&abandoned, 3, b"d").await;
    assert!(matches!(late, Err(AppendError::BlobNotFound)));
    house.blobs.0.clear().await.unwrap();
    assert_eq!(house.written().await, 0);
    let stored = house.blobs.stored(ALICE.account()).await.unwrap();
    assert_eq!((stored.bytes, stored.blobs, stored.uploads), (0, 0, 0));
}

#[tokio::test]
async fn a_lost_object_is_reported_and_its_row_stays() {
    let house = House::new().await;
    let blob = house.create(3).await;
    house.append(&blob, 0, b"abc").await.unwrap();
    let [object] = house.accounts.blob_objects(blob.blob, 0, 10).await.unwrap()[..] else {
        panic!("one object");
    };
    house.blobs.0.objects.delete(object).await.unwrap();
    let found = house.blobs.0.search(Slice(object.0[0])).await.unwrap();
    assert_eq!(found.missing, 1);
    let other = house
        .blobs
        .0
        .search(Slice(object.0[0].wrapping_add(1)))
        .await
        .unwrap();
    assert_eq!(other.missing, 0);
    let blob = house.blobs.find(blob.blob).await.unwrap().unwrap();
    let read = house.blobs.read(blob.account, blob, 0..3).await.err();
    assert!(matches!(read, Some(super::ReadError::Missing(_))));
}

#[tokio::test]
async fn half_written_files_are_deleted_when_they_are_old() {
    let folder = tempfile::tempdir().unwrap();
    let config = config::Blobs {
        url: format!("file://{}", folder.path().display()),
        ..config::Blobs::default()
    };
    let objects = Objects::open(&config).unwrap();
    let object = ObjectId([0xab; 16]);
    objects.put(object, Bytes::from_static(b"whole")).await.unwrap();
    let half = folder.path().join("ab").join("cd#1");
    std::fs::write(&half, "half").unwrap();
    let delete = async |before| {
        objects
            .delete_half_written(Slice(0xab), Timestamp(before))
            .await
            .unwrap()
    };
    assert_eq!(delete(0).await, 0);
    assert!(half.exists());
    assert_eq!(delete(u64::MAX).await, 1);
    assert!(!half.exists());
    assert_eq!(objects.get(object, 1..4).await.unwrap(), "hol");
}

#[tokio::test]
async fn a_node_takes_as_many_uploads_at_a_time_as_it_may() {
    let mut house = House::new().await;
    let config = config::Blobs {
        appends_max: 1,
        reads_max: 1,
        ..house.blobs.0.config.clone()
    };
    let objects = house.blobs.0.objects.clone();
    house.blobs = Blobs::of(
        house.accounts.clone(),
        objects,
        config,
        Arc::clone(&house.clock) as _,
    );
    let (one, two) = (house.create(3).await, house.create(3).await);
    house.append(&two, 0, b"abc").await.unwrap();
    let (sender, body) = tokio::sync::mpsc::channel::<Result<Bytes, ()>>(1);
    let body = stream::unfold(body, |mut body| async move { Some((body.recv().await?, body)) });
    let uploading = tokio::spawn({
        let blobs = house.blobs.clone();
        let piece = piece(&one, 0);
        async move { blobs.append(piece, body).await }
    });
    sender.send(Ok(Bytes::from_static(b"a"))).await.unwrap();
    sender.reserve().await.unwrap();
    let refused = house.append(&two, 3, b"").await;
    assert!(
        matches!(refused, Err(AppendError::NoSlot(NoSlot::Overloaded))),
        "{refused:?}"
    );
    drop(sender);
    uploading.await.unwrap().unwrap();
    let two = house.append(&two, 3, b"").await.unwrap();
    let reading = house.blobs.read(two.account, two, 0..1).await.unwrap();
    let refused = house.blobs.read(two.account, two, 0..1).await.err();
    assert!(matches!(
        refused,
        Some(super::ReadError::NoSlot(NoSlot::Overloaded))
    ));
    drop(reading);
    house.blobs.read(two.account, two, 0..1).await.unwrap();
}
