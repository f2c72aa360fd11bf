//! What every store must do: one list of cases, run against each backend.
//!
//! [`store_contract_cases!`](crate::store_contract_cases) names them all, so that a backend cannot leave one out.

#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "these are tests: their names say what they prove, and a failure is a panic that says where"
)]

use crate::platform::MaybeSend;
use crate::store::{Batch, Record, Scan, Store, StoreError};
use core::pin::pin;
use futures_util::future::{join_all, poll_immediate};
use std::ops::Bound::{Excluded, Included, Unbounded};

/// A place for one store, empty at first.
pub trait Backend {
    /// The store.
    type Store: Store;

    /// Opens the store with what is in the place.
    fn open(&mut self) -> impl Future<Output = Result<Self::Store, StoreError>> + MaybeSend;
}

/// Calls the macro `$with` with the names of all cases.
#[macro_export]
#[doc(hidden)]
macro_rules! store_contract_cases {
    ($with:ident) => {
        $with! {
            an_absent_record_is_none,
            a_record_is_read_as_written,
            an_empty_value_is_a_value,
            a_value_of_a_mebibyte_is_read_as_written,
            a_put_replaces_and_a_delete_removes,
            the_last_change_of_a_key_in_a_batch_counts,
            an_empty_batch_changes_nothing,
            keys_are_ordered_bytewise,
            bounds_include_or_exclude,
            a_range_upside_down_is_empty,
            a_scan_descends,
            a_scan_ends_at_its_limit,
            a_prefix_finds_its_keys_alone,
            ten_thousand_records_are_kept,
            a_scan_sees_each_batch_whole_or_not_at_all,
            a_dropped_batch_is_applied_whole_or_not_at_all,
            batches_at_once_are_all_applied,
            records_survive_reopening,
            a_closed_store_says_so,
        }
    };
}

fn batch<const N: usize>(puts: [(&[u8], &[u8]); N]) -> Batch {
    let mut batch = Batch::new();
    for (key, value) in puts {
        batch.put(key, value);
    }
    batch
}

fn keys(records: Vec<Record>) -> Vec<Vec<u8>> {
    records.into_iter().map(|(key, _)| key).collect()
}

/// A store that holds `[1]` to `[5]`, each with its key as value.
async fn five<B: Backend>(backend: &mut B) -> B::Store {
    let store = backend.open().await.unwrap();
    let puts = [[1], [2], [3], [4], [5]];
    let mut five = Batch::new();
    for key in puts {
        five.put(key, key);
    }
    store.apply(five).await.unwrap();
    store
}

async fn scanned<S: Store>(store: &S, scan: Scan) -> Vec<u8> {
    let records = store.scan(scan).await.unwrap();
    for (key, value) in &records {
        assert_eq!(key, value);
    }
    keys(records).concat()
}

pub async fn an_absent_record_is_none<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    assert_eq!(store.get(b"nothing").await, Ok(None));
    assert_eq!(store.scan(Scan::all()).await, Ok(vec![]));
}

pub async fn a_record_is_read_as_written<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    let every_byte: Vec<u8> = (0..=255).collect();
    store.apply(batch([(&every_byte, &every_byte)])).await.unwrap();
    assert_eq!(store.get(&every_byte).await, Ok(Some(every_byte.clone())));
    assert_eq!(
        store.scan(Scan::all()).await,
        Ok(vec![(every_byte.clone(), every_byte)])
    );
}

pub async fn an_empty_value_is_a_value<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    store.apply(batch([(b"key", b"")])).await.unwrap();
    assert_eq!(store.get(b"key").await, Ok(Some(vec![])));
    assert_eq!(store.scan(Scan::all()).await, Ok(vec![(b"key".to_vec(), vec![])]));
}

pub async fn a_value_of_a_mebibyte_is_read_as_written<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    let large: Vec<u8> = (0..1024 * 1024_u32)
        .map(|n| n.to_le_bytes()[n as usize % 3])
        .collect();
    store.apply(batch([(b"large", &large)])).await.unwrap();
    assert_eq!(store.get(b"large").await, Ok(Some(large)));
}

pub async fn a_put_replaces_and_a_delete_removes<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    store.apply(batch([(b"a", b"1"), (b"b", b"1")])).await.unwrap();
    let mut change = batch([(b"a", b"2")]);
    change.delete(b"b");
    change.delete(b"never there");
    store.apply(change).await.unwrap();
    assert_eq!(
        store.scan(Scan::all()).await,
        Ok(vec![(b"a".to_vec(), b"2".to_vec())])
    );
}

pub async fn the_last_change_of_a_key_in_a_batch_counts<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    let mut changes = batch([(b"put", b"1"), (b"put", b"2"), (b"deleted", b"1")]);
    changes.delete(b"deleted");
    changes.delete(b"back");
    changes.put(b"back", b"1");
    store.apply(changes).await.unwrap();
    assert_eq!(store.get(b"put").await, Ok(Some(b"2".to_vec())));
    assert_eq!(store.get(b"deleted").await, Ok(None));
    assert_eq!(store.get(b"back").await, Ok(Some(b"1".to_vec())));
}

pub async fn an_empty_batch_changes_nothing<B: Backend>(backend: &mut B) {
    let store = five(backend).await;
    assert_eq!(store.apply(Batch::new()).await, Ok(()));
    assert_eq!(scanned(&store, Scan::all()).await, [1, 2, 3, 4, 5]);
}

pub async fn keys_are_ordered_bytewise<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    let ordered: [&[u8]; 8] = [
        &[0],
        &[0, 0],
        &[0, 255],
        &[1],
        &[127, 255],
        &[128],
        &[255],
        &[255, 0],
    ];
    let mut changes = Batch::new();
    for key in [3, 7, 0, 5, 1, 6, 2, 4].map(|position: usize| ordered[position]) {
        changes.put(key, b"");
    }
    store.apply(changes).await.unwrap();
    assert_eq!(keys(store.scan(Scan::all()).await.unwrap()), ordered);
}

pub async fn bounds_include_or_exclude<B: Backend>(backend: &mut B) {
    let store = five(backend).await;
    for (from, to, expected) in [
        (Unbounded, Unbounded, &[1_u8, 2, 3, 4, 5][..]),
        (Included(2), Unbounded, &[2, 3, 4, 5]),
        (Excluded(2), Unbounded, &[3, 4, 5]),
        (Unbounded, Included(4), &[1, 2, 3, 4]),
        (Unbounded, Excluded(4), &[1, 2, 3]),
        (Included(2), Included(4), &[2, 3, 4]),
        (Excluded(2), Included(4), &[3, 4]),
        (Included(2), Excluded(4), &[2, 3]),
        (Excluded(2), Excluded(4), &[3]),
        (Included(3), Included(3), &[3]),
        (Included(6), Unbounded, &[]),
        (Unbounded, Excluded(1), &[]),
        (Included(0), Included(9), &[1, 2, 3, 4, 5]),
    ] {
        let scan = Scan {
            from: from.map(|key: u8| vec![key]),
            to: to.map(|key: u8| vec![key]),
            ..Scan::all()
        };
        assert_eq!(scanned(&store, scan.clone()).await, expected, "{scan:?}");
        let reversed: Vec<u8> = expected.iter().rev().copied().collect();
        assert_eq!(
            scanned(&store, scan.clone().descending()).await,
            reversed,
            "{scan:?}"
        );
    }
}

pub async fn a_range_upside_down_is_empty<B: Backend>(backend: &mut B) {
    let store = five(backend).await;
    for (from, to) in [
        (Included(4), Included(2)),
        (Excluded(3), Excluded(3)),
        (Included(3), Excluded(3)),
        (Excluded(3), Included(3)),
    ] {
        let scan = Scan {
            from: from.map(|key: u8| vec![key]),
            to: to.map(|key: u8| vec![key]),
            ..Scan::all()
        };
        assert_eq!(scanned(&store, scan.clone()).await, [0_u8; 0], "{scan:?}");
        assert_eq!(
            scanned(&store, scan.clone().descending()).await,
            [0_u8; 0],
            "{scan:?}"
        );
    }
}

pub async fn a_scan_descends<B: Backend>(backend: &mut B) {
    let store = five(backend).await;
    assert_eq!(scanned(&store, Scan::all().descending()).await, [5, 4, 3, 2, 1]);
    let newest_before_four = Scan::all().before([4]).descending().limit(2);
    assert_eq!(scanned(&store, newest_before_four).await, [3, 2]);
}

pub async fn a_scan_ends_at_its_limit<B: Backend>(backend: &mut B) {
    let store = five(backend).await;
    for (limit, ascending, descending) in [
        (0, &[][..] as &[u8], &[][..] as &[u8]),
        (1, &[1], &[5]),
        (2, &[1, 2], &[5, 4]),
        (5, &[1, 2, 3, 4, 5], &[5, 4, 3, 2, 1]),
        (6, &[1, 2, 3, 4, 5], &[5, 4, 3, 2, 1]),
        (usize::MAX, &[1, 2, 3, 4, 5], &[5, 4, 3, 2, 1]),
    ] {
        assert_eq!(scanned(&store, Scan::all().limit(limit)).await, ascending);
        assert_eq!(
            scanned(&store, Scan::all().descending().limit(limit)).await,
            descending
        );
    }
}

pub async fn a_prefix_finds_its_keys_alone<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    let mut changes = Batch::new();
    let all: [&[u8]; 7] = [&[1], &[1, 255], &[2], &[2, 0], &[2, 255, 255], &[3], &[255, 255]];
    for key in all {
        changes.put(key, key);
    }
    store.apply(changes).await.unwrap();
    let of_two = keys(store.scan(Scan::prefix([2])).await.unwrap());
    assert_eq!(of_two, [&[2][..], &[2, 0], &[2, 255, 255]]);
    let of_the_last = keys(store.scan(Scan::prefix([255])).await.unwrap());
    assert_eq!(of_the_last, [&[255, 255]]);
    assert_eq!(keys(store.scan(Scan::prefix([])).await.unwrap()), all);
}

pub async fn ten_thousand_records_are_kept<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    let mut changes = Batch::new();
    for number in 0..10_000_u32 {
        changes.put(number.to_be_bytes(), number.to_string());
    }
    store.apply(changes).await.unwrap();
    let records = store.scan(Scan::all()).await.unwrap();
    assert_eq!(records.len(), 10_000);
    for (number, (key, value)) in (0_u32..).zip(records) {
        assert_eq!(key, number.to_be_bytes());
        assert_eq!(value, number.to_string().as_bytes());
    }
    let newest = keys(store.scan(Scan::all().descending().limit(2)).await.unwrap());
    assert_eq!(newest, [9_999_u32, 9_998].map(u32::to_be_bytes));
}

/// A batch that gives `count` records the same value.
fn generation(count: u8, value: u8) -> Batch {
    let mut changes = Batch::new();
    for key in 0..count {
        changes.put([key], [value]);
    }
    changes
}

/// The value that all `count` records have.
async fn generation_of<S: Store>(store: &S, count: usize) -> u8 {
    let records = store.scan(Scan::all()).await.unwrap();
    assert_eq!(records.len(), count);
    let value = records[0].1.clone();
    assert!(
        records.iter().all(|record| record.1 == value),
        "a batch was seen in part"
    );
    value[0]
}

pub async fn a_scan_sees_each_batch_whole_or_not_at_all<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    store.apply(generation(100, 0)).await.unwrap();
    for next in 1..20 {
        let (applied, seen) =
            futures_util::join!(store.apply(generation(100, next)), generation_of(&store, 100));
        applied.unwrap();
        assert!(seen == next || seen == next - 1);
        assert_eq!(
            generation_of(&store, 100).await,
            next,
            "a scan after a batch sees it"
        );
    }
}

pub async fn a_dropped_batch_is_applied_whole_or_not_at_all<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    store.apply(generation(100, 0)).await.unwrap();
    for next in 1..20 {
        // Polled a few times, each time after something else has happened, and then dropped.
        let mut applying = Box::pin(store.apply(generation(100, next)));
        for _ in 0..next {
            if poll_immediate(pin!(&mut applying)).await.is_some() {
                break;
            }
            store.get(&[0]).await.unwrap();
        }
        drop(applying);
        assert!(generation_of(&store, 100).await <= next);
        // The store is as usable as before.
        store.apply(generation(100, next)).await.unwrap();
        assert_eq!(generation_of(&store, 100).await, next);
    }
}

pub async fn batches_at_once_are_all_applied<B: Backend>(backend: &mut B) {
    let store = backend.open().await.unwrap();
    let all = (0..50_u8).map(|key| store.apply(batch([(&[key], &[key])])));
    for applied in join_all(all).await {
        applied.unwrap();
    }
    let expected: Vec<u8> = (0..50).collect();
    assert_eq!(scanned(&store, Scan::all()).await, expected);
}

pub async fn records_survive_reopening<B: Backend>(backend: &mut B) {
    let store = five(backend).await;
    let mut change = Batch::new();
    change.delete([3]);
    store.apply(change).await.unwrap();
    store.close().await;
    drop(store);
    for _ in 0..2 {
        let store = backend.open().await.unwrap();
        assert_eq!(scanned(&store, Scan::all()).await, [1, 2, 4, 5]);
        store.close().await;
    }
}

pub async fn a_closed_store_says_so<B: Backend>(backend: &mut B) {
    let store = five(backend).await;
    store.close().await;
    assert_eq!(store.get(&[1]).await, Err(StoreError::Closed));
    assert_eq!(store.scan(Scan::all()).await, Err(StoreError::Closed));
    assert_eq!(store.apply(batch([(b"a", b"b")])).await, Err(StoreError::Closed));
    // Twice is not a mistake.
    store.close().await;
}
