//! Crashes, and objects that cannot be written.

use super::house::{HOUR, House, LONG, chunks, pattern, piece};
use crate::blob::objects::Slice;
use crate::blob::{AppendError, Objects, ReadError};
use crate::config;
use crate::store::{BlobStore as _, ObjectId, SEGMENT_BYTES};
use bytes::Bytes;
use sotto_protocol::Timestamp;

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
    assert!(matches!(read, Some(ReadError::Missing(_))));
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
