//! The contract of [`RecordStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{AccountStore, RecordStore, StoredRecord, Written};
use bytes::Bytes;
use sotto_protocol::{RecordId, limits};

fn id(number: u8) -> RecordId {
    RecordId::from_bytes([number; 16])
}

async fn writes<B: Backend>(
    backend: &B,
    who: Person,
    record: u8,
    replaces: u64,
    value: &'static str,
) -> Written {
    let sealed = Bytes::from_static(value.as_bytes());
    let accounts = backend.accounts();
    accounts
        .write_record(who.account(), id(record), replaces, sealed)
        .await
        .unwrap()
}

pub(crate) async fn a_record_is_replaced_by_its_next_revision<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let read =
        async |backend: &B, who: Person| backend.accounts().record(who.account(), id(1)).await.unwrap();
    assert_eq!(read(&backend, ALICE).await, None);
    assert_eq!(
        writes(&backend, ALICE, 1, 5, "from nowhere").await,
        Written::Stale
    );
    assert_eq!(writes(&backend, ALICE, 1, 0, "one").await, Written::Revision(1));
    assert_eq!(writes(&backend, ALICE, 1, 0, "another one").await, Written::Stale);
    assert_eq!(writes(&backend, ALICE, 1, 1, "two").await, Written::Revision(2));
    // The answer was lost: the same again.
    assert_eq!(writes(&backend, ALICE, 1, 1, "two").await, Written::Revision(2));
    assert_eq!(writes(&backend, ALICE, 1, 1, "late").await, Written::Stale);
    assert_eq!(writes(&backend, ALICE, 1, 0, "two").await, Written::Stale);
    let stored = StoredRecord {
        revision: 2,
        sealed: Bytes::from_static(b"two"),
    };
    assert_eq!(read(&backend, ALICE).await, Some(stored.clone()));
    assert_eq!(read(&backend, BOB).await, None);
    let backend = backend.reopen().await;
    assert_eq!(read(&backend, ALICE).await, Some(stored));
    backend
        .accounts()
        .delete_account(ALICE.account(), NOW)
        .await
        .unwrap();
    assert_eq!(read(&backend, ALICE).await, None);
}

pub(crate) async fn of_concurrent_writers_one_replaces<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    assert_eq!(writes(&backend, ALICE, 1, 0, "first").await, Written::Revision(1));
    let writers = (0..8_u8).map(|number| {
        let accounts = backend.accounts().clone();
        tokio::spawn(async move {
            let sealed = Bytes::from(vec![number]);
            accounts
                .write_record(ALICE.account(), id(1), 1, sealed)
                .await
                .unwrap()
        })
    });
    let mut written = 0;
    for writer in writers.collect::<Vec<_>>() {
        written += usize::from(writer.await.unwrap() == Written::Revision(2));
    }
    assert_eq!(written, 1);
}

pub(crate) async fn an_account_has_so_many_records_and_no_more<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let most = u8::try_from(limits::RECORDS_PER_ACCOUNT).unwrap();
    for number in 0..most {
        assert_eq!(
            writes(&backend, ALICE, number, 0, "one").await,
            Written::Revision(1)
        );
    }
    assert_eq!(writes(&backend, ALICE, most, 0, "one").await, Written::TooMany);
    assert_eq!(writes(&backend, ALICE, 0, 1, "two").await, Written::Revision(2));
    assert_eq!(writes(&backend, BOB, most, 0, "one").await, Written::Revision(1));
}
