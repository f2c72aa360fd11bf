use crate::support::{Person, TestServer, random};
use sotto_protocol::frame::{Change, ServerFrame};
use sotto_protocol::rest::record::{Record, RecordWritten, WriteRecord};
use sotto_protocol::{ProblemCode, RecordId, limits};

fn path() -> String {
    format!("/v1/record/{}", RecordId::from_bytes(random()))
}

fn write(replaces: u64, sealed: Vec<u8>) -> WriteRecord {
    WriteRecord {
        replaces,
        sealed: sealed.into(),
    }
}

#[tokio::test]
async fn a_record_is_the_accounts_and_is_replaced_by_its_next_revision() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let path = path();
    alice.gets(&server, &path).await.is(ProblemCode::RecordNotFound);
    let written: RecordWritten = alice.puts(&server, &path, &write(0, b"one".to_vec())).await.ok();
    assert_eq!(written.revision, 1);
    alice
        .puts(&server, &path, &write(0, b"other".to_vec()))
        .await
        .is(ProblemCode::StaleRecord);
    bob.gets(&server, &path).await.is(ProblemCode::RecordNotFound);

    let laptop = alice.at_new_device(&server).await;
    let mut socket = alice.connect(&server).await;
    let read: Record = laptop.gets(&server, &path).await.ok();
    assert_eq!((read.revision, read.sealed.as_slice()), (1, &b"one"[..]));
    let written: RecordWritten = laptop.puts(&server, &path, &write(1, b"two".to_vec())).await.ok();
    assert_eq!(written.revision, 2);
    socket
        .until(|frame| *frame == ServerFrame::Changed(Change::Records))
        .await;
}

#[tokio::test]
async fn records_are_few_and_small() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let largest = vec![7; limits::ACCOUNT_RECORD_BYTES];
    let first = path();
    let written: RecordWritten = alice.puts(&server, &first, &write(0, largest.clone())).await.ok();
    assert_eq!(written.revision, 1);
    let read: Record = alice.gets(&server, &first).await.ok();
    assert_eq!(read.sealed.as_slice(), largest);
    let larger = vec![7; limits::ACCOUNT_RECORD_BYTES + 1];
    alice
        .puts(&server, &first, &write(1, larger))
        .await
        .is(ProblemCode::TooLarge);
    for _ in 1..limits::RECORDS_PER_ACCOUNT {
        let written: RecordWritten = alice.puts(&server, &path(), &write(0, vec![1])).await.ok();
        assert_eq!(written.revision, 1);
    }
    alice
        .puts(&server, &path(), &write(0, vec![1]))
        .await
        .is(ProblemCode::TooManyRecords);
    alice
        .gets(&server, "/v1/record/short")
        .await
        .is(ProblemCode::InvalidRequest);
}
