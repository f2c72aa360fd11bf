//! Uploads, pieces of them, and reading.

mod faults;
mod house;

use crate::blob::{AppendError, Blobs, NoSlot, Piece, ReadError};
use crate::clock::Clock;
use crate::config;
use crate::store::SEGMENT_BYTES;
use crate::store::contract::fixture::ALICE;
use bytes::Bytes;
use futures_util::stream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use house::{HOUR, House, LONG, chunks, pattern, piece, torn};
use sotto_protocol::{Retention, UploadId};
use std::sync::Arc;

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
    assert!(matches!(refused, Some(ReadError::NoSlot(NoSlot::Overloaded))));
    drop(reading);
    house.blobs.read(two.account, two, 0..1).await.unwrap();
}
