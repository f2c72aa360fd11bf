//! The contract of [`crate::store::BlobStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountStore as _, AdvanceBlobError, Blob, BlobAllowance, BlobProgress, BlobStore, CreateBlobError,
    NewBlob, ObjectId, SEGMENT_BYTES, StoredBlobs,
};
use sotto_protocol::{BlobId, Retention, Timestamp, UploadId};
use std::collections::{BTreeMap, BTreeSet};

const ABANDONED: Timestamp = NOW.plus_millis(86_400_000);
const PLENTY: BlobAllowance = BlobAllowance {
    bytes: u64::MAX >> 1,
    blobs: 1000,
    uploads: 1000,
};

fn blob(number: u8) -> BlobId {
    BlobId::from_bytes([number; 16])
}

fn object(number: u8) -> ObjectId {
    ObjectId([number; 16])
}

/// A blob by a number, of Alice's.
fn new_blob(number: u8, size: u64) -> NewBlob {
    NewBlob {
        blob: blob(number),
        upload: UploadId::from_bytes([number; 16]),
        account: ALICE.account(),
        size,
        retention: Retention::Keep,
        at: NOW,
        abandoned_at: ABANDONED,
    }
}

fn progress(number: u8, from: u64, to: u64, holder: u8) -> BlobProgress {
    BlobProgress {
        blob: blob(number),
        from,
        to,
        object: object(holder),
        at: NOW.plus_millis(1000),
        abandoned_at: ABANDONED.plus_millis(1000),
    }
}

async fn condemned(accounts: &impl BlobStore) -> BTreeSet<ObjectId> {
    accounts
        .condemned_objects(100)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

pub(crate) async fn a_blob_is_whole_with_its_last_byte_and_its_retention_begins_then<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let timed = NewBlob {
        retention: Retention::For { seconds: 60 },
        ..new_blob(1, 10)
    };
    let created = accounts.create_blob(timed, PLENTY).await.unwrap();
    assert_eq!(created.ends_at, Some(ABANDONED));
    let partial = accounts.advance_blob(progress(1, 0, 9, 1)).await.unwrap();
    assert!(!partial.is_whole());
    assert_eq!(partial.ends_at, Some(ABANDONED.plus_millis(1000)));
    let whole = accounts.advance_blob(progress(1, 9, 10, 2)).await.unwrap();
    assert!(whole.is_whole());
    assert_eq!(whole.ends_at, Some(NOW.plus_millis(61_000)));
    accounts.create_blob(new_blob(2, 10), PLENTY).await.unwrap();
    let kept = accounts.advance_blob(progress(2, 0, 10, 3)).await.unwrap();
    assert_eq!(kept.ends_at, None);

    let backend = backend.reopen().await;
    let accounts = backend.accounts();
    assert_eq!(accounts.blob(blob(1)).await.unwrap(), Some(whole));
    assert_eq!(accounts.blob(blob(2)).await.unwrap(), Some(kept));
    assert_eq!(accounts.blob(blob(3)).await.unwrap(), None);
}

pub(crate) async fn a_repeated_creation_gets_the_same_blob<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.create_blob(new_blob(1, 10), PLENTY).await.unwrap();
    let advanced = accounts.advance_blob(progress(1, 0, 4, 1)).await.unwrap();
    let again = NewBlob {
        blob: blob(9),
        ..new_blob(1, 10)
    };
    let full = BlobAllowance {
        bytes: 10,
        blobs: 1,
        uploads: 1,
    };
    assert_eq!(accounts.create_blob(again.clone(), full).await.unwrap(), advanced);
    let other_size = NewBlob {
        size: 11,
        ..again.clone()
    };
    let other_retention = NewBlob {
        retention: Retention::For { seconds: 1 },
        ..again.clone()
    };
    for taken in [other_size, other_retention] {
        let refused = accounts.create_blob(taken, PLENTY).await;
        assert!(
            matches!(refused, Err(CreateBlobError::UploadTaken)),
            "{refused:?}"
        );
    }
    // Another account's ids are its own.
    let bobs = NewBlob {
        account: BOB.account(),
        ..again
    };
    let bobs = accounts.create_blob(bobs, PLENTY).await.unwrap();
    assert_eq!((bobs.blob, bobs.received), (blob(9), 0));
}

pub(crate) async fn an_allowance_is_kept_to_the_byte<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    let allowance = BlobAllowance {
        bytes: 100,
        blobs: 3,
        uploads: 2,
    };
    let create = async |number, size| accounts.create_blob(new_blob(number, size), allowance).await;
    assert!(matches!(
        create(1, 101).await,
        Err(CreateBlobError::QuotaExceeded)
    ));
    create(1, 60).await.unwrap();
    assert!(matches!(create(2, 41).await, Err(CreateBlobError::QuotaExceeded)));
    create(2, 20).await.unwrap();
    assert!(matches!(create(3, 1).await, Err(CreateBlobError::TooManyUploads)));
    accounts.advance_blob(progress(1, 0, 60, 1)).await.unwrap();
    create(3, 20).await.unwrap();
    accounts.advance_blob(progress(3, 0, 20, 2)).await.unwrap();
    let full = StoredBlobs {
        bytes: 100,
        blobs: 3,
        uploads: 1,
    };
    assert_eq!(accounts.stored_blobs(ALICE.account()).await.unwrap(), full);
    assert!(accounts.delete_blob(blob(3)).await.unwrap());
    create(4, 20).await.unwrap();
    accounts.delete_blob(blob(2)).await.unwrap();
    create(5, 10).await.unwrap();
    assert!(accounts.delete_blob(blob(4)).await.unwrap());
    create(6, 10).await.unwrap();
    assert!(matches!(create(7, 1).await, Err(CreateBlobError::TooManyBlobs)));
    // What Alice has is nothing to Bob, and nobody's is nobody's.
    let bobs = NewBlob {
        account: BOB.account(),
        ..new_blob(8, 100)
    };
    accounts.create_blob(bobs, allowance).await.unwrap();
    let nobodys = NewBlob {
        account: EVE.account(),
        ..new_blob(9, 1)
    };
    let refused = accounts.create_blob(nobodys, allowance).await;
    assert!(matches!(refused, Err(CreateBlobError::AccountNotFound)));
}

pub(crate) async fn bytes_are_added_at_the_offset_alone<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.create_blob(new_blob(1, 10), PLENTY).await.unwrap();
    accounts.advance_blob(progress(1, 0, 5, 1)).await.unwrap();
    for (from, to) in [(0, 5), (4, 6), (6, 7), (5, 5), (5, 11)] {
        let refused = accounts.advance_blob(progress(1, from, to, 9)).await;
        assert!(
            matches!(refused, Err(AdvanceBlobError::WrongOffset { received: 5 })),
            "{from} to {to}: {refused:?}"
        );
    }
    accounts.advance_blob(progress(1, 5, 10, 2)).await.unwrap();
    let refused = accounts.advance_blob(progress(1, 10, 11, 9)).await;
    assert!(matches!(
        refused,
        Err(AdvanceBlobError::WrongOffset { received: 10 })
    ));
    let refused = accounts.advance_blob(progress(2, 0, 1, 9)).await;
    assert!(matches!(refused, Err(AdvanceBlobError::BlobNotFound)));
    // A refused object is no part of anything.
    assert_eq!(accounts.unnamed(&[object(9)]).await.unwrap(), [object(9)]);
}

pub(crate) async fn a_longer_object_replaces_the_shorter_one_of_its_segment<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let size = 2 * SEGMENT_BYTES + 5;
    accounts.create_blob(new_blob(1, size), PLENTY).await.unwrap();
    let mut from = 0;
    for (to, holder) in [
        (7, 1),
        (SEGMENT_BYTES, 2),
        (SEGMENT_BYTES + 1, 3),
        (2 * SEGMENT_BYTES, 4),
        (size, 5),
    ] {
        accounts
            .advance_blob(progress(1, from, to, holder))
            .await
            .unwrap();
        from = to;
    }
    let objects = async |first, limit| accounts.blob_objects(blob(1), first, limit).await.unwrap();
    assert_eq!(objects(0, 10).await, [object(2), object(4), object(5)]);
    assert_eq!(objects(1, 1).await, [object(4)]);
    assert_eq!(objects(3, 10).await, []);
    assert_eq!(condemned(accounts).await, BTreeSet::from([object(1), object(3)]));
}

pub(crate) async fn of_concurrent_uploaders_one_advances<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.create_blob(new_blob(1, 10), PLENTY).await.unwrap();
    let attempts = (1..=8).map(|holder| accounts.advance_blob(progress(1, 0, u64::from(holder), holder)));
    let outcomes = futures_util::future::join_all(attempts).await;
    let advanced: Vec<&Blob> = outcomes.iter().flatten().collect();
    assert_eq!(advanced.len(), 1);
    let received = advanced[0].received;
    for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert!(
            matches!(refused, AdvanceBlobError::WrongOffset { received: at } if *at == received),
            "{refused:?}"
        );
    }
    let holder = object(u8::try_from(received).unwrap());
    assert_eq!(accounts.blob_objects(blob(1), 0, 10).await.unwrap(), [holder]);
}

pub(crate) async fn a_deleted_blob_condemns_its_objects<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts
        .create_blob(new_blob(1, SEGMENT_BYTES + 1), PLENTY)
        .await
        .unwrap();
    accounts
        .advance_blob(progress(1, 0, SEGMENT_BYTES, 1))
        .await
        .unwrap();
    accounts
        .advance_blob(progress(1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 2))
        .await
        .unwrap();
    assert!(accounts.delete_blob(blob(1)).await.unwrap());
    assert!(!accounts.delete_blob(blob(1)).await.unwrap());
    assert_eq!(accounts.blob(blob(1)).await.unwrap(), None);
    assert_eq!(accounts.blob_objects(blob(1), 0, 10).await.unwrap(), []);
    let late = accounts
        .advance_blob(progress(1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3))
        .await;
    assert!(matches!(late, Err(AdvanceBlobError::BlobNotFound)));

    let backend = backend.reopen().await;
    let accounts = backend.accounts();
    assert_eq!(condemned(accounts).await, BTreeSet::from([object(1), object(2)]));
    assert_eq!(accounts.condemned_objects(1).await.unwrap().len(), 1);
    accounts.forget_objects(&[object(1)]).await.unwrap();
    assert_eq!(condemned(accounts).await, BTreeSet::from([object(2)]));
    accounts.forget_objects(&[object(1), object(2)]).await.unwrap();
    assert_eq!(condemned(accounts).await, BTreeSet::new());
}

pub(crate) async fn blobs_end_at_their_time<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let timed = |number| NewBlob {
        retention: Retention::For { seconds: 60 },
        ..new_blob(number, 10)
    };
    accounts.create_blob(timed(1), PLENTY).await.unwrap();
    accounts.advance_blob(progress(1, 0, 10, 1)).await.unwrap();
    accounts.create_blob(new_blob(2, 10), PLENTY).await.unwrap();
    accounts.advance_blob(progress(2, 0, 10, 2)).await.unwrap();
    accounts.create_blob(new_blob(3, 10), PLENTY).await.unwrap();
    let end = async |at| accounts.end_blobs(at, 10).await.unwrap();
    assert_eq!(end(NOW.plus_millis(60_999)).await, 0);
    assert_eq!(end(NOW.plus_millis(61_000)).await, 1);
    assert_eq!(accounts.blob(blob(1)).await.unwrap(), None);
    assert_eq!(condemned(accounts).await, BTreeSet::from([object(1)]));
    // What nothing was added to is given up; what is whole and kept stays.
    assert_eq!(end(ABANDONED).await, 1);
    assert_eq!(accounts.blob(blob(3)).await.unwrap(), None);
    assert_eq!(end(Timestamp(u64::MAX >> 1)).await, 0);
    assert!(accounts.blob(blob(2)).await.unwrap().is_some());
    let left = StoredBlobs {
        bytes: 10,
        blobs: 1,
        uploads: 0,
    };
    assert_eq!(accounts.stored_blobs(ALICE.account()).await.unwrap(), left);
    for number in 10..15 {
        accounts.create_blob(new_blob(number, 1), PLENTY).await.unwrap();
    }
    assert_eq!(accounts.end_blobs(ABANDONED, 3).await.unwrap(), 3);
    assert_eq!(accounts.end_blobs(ABANDONED, 3).await.unwrap(), 2);
}

pub(crate) async fn the_blobs_of_a_deleted_account_go_with_it<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.create_blob(new_blob(1, 10), PLENTY).await.unwrap();
    accounts.advance_blob(progress(1, 0, 10, 1)).await.unwrap();
    accounts.create_blob(new_blob(2, 10), PLENTY).await.unwrap();
    let bobs = NewBlob {
        account: BOB.account(),
        ..new_blob(3, 10)
    };
    accounts.create_blob(bobs, PLENTY).await.unwrap();
    accounts.delete_account(ALICE.account(), NOW).await.unwrap();
    for number in [1, 2] {
        assert_eq!(accounts.blob(blob(number)).await.unwrap(), None);
    }
    assert!(accounts.blob(blob(3)).await.unwrap().is_some());
    assert_eq!(condemned(accounts).await, BTreeSet::from([object(1)]));
    let none = accounts.stored_blobs(ALICE.account()).await.unwrap();
    assert_eq!(none, StoredBlobs::default());
}

pub(crate) async fn objects_are_known_or_unnamed<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.create_blob(new_blob(1, 10), PLENTY).await.unwrap();
    accounts.advance_blob(progress(1, 0, 5, 7)).await.unwrap();
    accounts.advance_blob(progress(1, 5, 10, 4)).await.unwrap();
    accounts.create_blob(new_blob(2, 10), PLENTY).await.unwrap();
    accounts.advance_blob(progress(2, 0, 5, 2)).await.unwrap();
    let all: Vec<ObjectId> = (1..=8).map(object).collect();
    assert_eq!(
        accounts.unnamed(&all).await.unwrap(),
        [1, 3, 5, 6, 8].map(object),
        "one is condemned, two hold segments"
    );
    assert_eq!(accounts.unnamed(&[]).await.unwrap(), []);
    assert_eq!(
        accounts.named_after(object(0), 10).await.unwrap(),
        [object(2), object(4)]
    );
    assert_eq!(accounts.named_after(object(2), 10).await.unwrap(), [object(4)]);
    assert_eq!(accounts.named_after(object(0), 1).await.unwrap(), [object(2)]);
    let id = accounts.installation_id().await.unwrap();
    assert!(id.len() >= 16);
    let backend = backend.reopen().await;
    assert_eq!(backend.accounts().installation_id().await.unwrap(), id);
}

/// Creates, advances, deletes and ends at random, and compares with sums over a map.
pub(crate) async fn what_is_stored_is_counted_through_random_histories<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let mut model: BTreeMap<u8, Blob> = BTreeMap::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |bound: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % bound
    };
    for step in 0..200_u8 {
        let number = u8::try_from(next(12)).unwrap();
        match (next(4), model.get(&number).copied()) {
            (0, Some(_)) => {
                accounts.delete_blob(blob(number)).await.unwrap();
                model.remove(&number);
            }
            (_, Some(present)) if !present.is_whole() => {
                let to = present.received + 1 + next(present.size - present.received);
                let advanced = accounts
                    .advance_blob(progress(number, present.received, to, step))
                    .await;
                model.insert(number, advanced.unwrap());
            }
            (_, Some(_)) => {}
            (_, None) => {
                let size = 1 + next(50);
                let created = accounts.create_blob(new_blob(number, size), PLENTY).await;
                model.insert(number, created.unwrap());
            }
        }
        let expected = StoredBlobs {
            bytes: model.values().map(|blob| blob.size).sum(),
            blobs: model.len() as u64,
            uploads: model.values().filter(|blob| !blob.is_whole()).count() as u64,
        };
        assert_eq!(
            accounts.stored_blobs(ALICE.account()).await.unwrap(),
            expected,
            "step {step}"
        );
    }
}
