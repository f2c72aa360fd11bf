use crate::support::{Answer, Person, TestServer, eventually, random, soon};
use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use reqwest::Body;
use sotto_protocol::rest::blob::{BlobUsage, CreateBlob, PARTIAL_UPLOAD, UPLOAD_OFFSET, Upload};
use sotto_protocol::{BlobId, ProblemCode, Retention, UploadId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PATCH: http::Method = http::Method::PATCH;

pub(crate) fn creation(size: u64) -> CreateBlob {
    CreateBlob {
        upload: UploadId::from_bytes(random()),
        size,
        retention: Retention::Keep,
    }
}

pub(crate) async fn create(server: &TestServer, person: &Person, creation: &CreateBlob) -> Answer {
    server
        .post("/v1/blob")
        .token(&person.tokens.access_token)
        .json(creation)
        .await
}

pub(crate) async fn append(
    server: &TestServer,
    person: &Person,
    blob: BlobId,
    offset: u64,
    body: impl Into<Body>,
) -> Answer {
    server
        .request(PATCH, &format!("/v1/blob/{blob}/upload"))
        .token(&person.tokens.access_token)
        .header(UPLOAD_OFFSET, &offset.to_string())
        .body(PARTIAL_UPLOAD, body)
        .send()
        .await
}

pub(crate) async fn upload(server: &TestServer, person: &Person, content: &[u8]) -> BlobId {
    let size = content.len() as u64;
    let upload: Upload = create(server, person, &creation(size)).await.ok();
    let done: Upload = append(server, person, upload.blob, 0, content.to_vec())
        .await
        .ok();
    assert_eq!(done.offset, size);
    upload.blob
}

pub(crate) async fn status(server: &TestServer, person: &Person, blob: BlobId) -> Answer {
    server
        .get(&format!("/v1/blob/{blob}/upload"))
        .token(&person.tokens.access_token)
        .send()
        .await
}

pub(crate) async fn read(
    server: &TestServer,
    person: &Person,
    blob: BlobId,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = server
        .get(&format!("/v1/blob/{blob}"))
        .token(&person.tokens.access_token);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send().await
}

pub(crate) async fn delete(server: &TestServer, person: &Person, blob: BlobId) -> Answer {
    server
        .delete(&format!("/v1/blob/{blob}"))
        .token(&person.tokens.access_token)
        .send()
        .await
}

async fn usage(server: &TestServer, person: &Person) -> BlobUsage {
    server
        .get("/v1/blob")
        .token(&person.tokens.access_token)
        .send()
        .await
        .ok()
}

pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

/// Between two looks at what is to change.
async fn pause() {
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
}

#[tokio::test]
async fn whoever_knows_the_id_of_a_whole_blob_reads_it_and_only_its_owner_deletes_it() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let carol = Person::register(&server, "carol").await;
    let content = pattern(5_000_000);
    let created = create(&server, &alice, &creation(5_000_000)).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let begun: Upload = created.ok();
    let blob = begun.blob;
    assert_eq!(created.header("location"), format!("/v1/blob/{blob}/upload"));
    assert_eq!((begun.size, begun.offset), (5_000_000, 0));

    read(&server, &alice, blob, &[])
        .await
        .is(ProblemCode::BlobUnfinished);
    read(&server, &carol, blob, &[])
        .await
        .is(ProblemCode::BlobNotFound);
    delete(&server, &carol, blob).await.is(ProblemCode::BlobNotFound);
    status(&server, &carol, blob).await.is(ProblemCode::BlobNotFound);
    append(&server, &carol, blob, 0, "x")
        .await
        .is(ProblemCode::BlobNotFound);

    let done = append(&server, &alice, blob, 0, content.clone()).await;
    assert_eq!(done.header(UPLOAD_OFFSET), "5000000");
    for person in [&alice, &carol] {
        let answer = read(&server, person, blob, &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body == content);
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("content-disposition"), "attachment");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-length"), "5000000");
        assert_eq!(answer.header("accept-ranges"), "bytes");
        assert_eq!(answer.header("etag"), format!("\"{blob}\""));
        assert_eq!(
            answer.header("cache-control"),
            "private, max-age=31536000, immutable"
        );
    }
    let anonymous = server.get(&format!("/v1/blob/{blob}")).send().await;
    anonymous.is(ProblemCode::Unauthenticated);
    delete(&server, &carol, blob).await.is(ProblemCode::Forbidden);
    assert_eq!(delete(&server, &alice, blob).await.status, StatusCode::NO_CONTENT);
    delete(&server, &alice, blob).await.is(ProblemCode::BlobNotFound);
    read(&server, &carol, blob, &[])
        .await
        .is(ProblemCode::BlobNotFound);
    assert_eq!(usage(&server, &alice).await.bytes, 0);
}

#[tokio::test]
async fn ranges_are_answered_as_the_rfc_says() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let content = pattern(1000);
    let blob = upload(&server, &alice, &content).await;
    let etag = format!("\"{blob}\"");
    let part = read(&server, &alice, blob, &[("range", "bytes=10-19")]).await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.header("content-range"), "bytes 10-19/1000");
    assert_eq!(part.header("content-length"), "10");
    assert_eq!(part.body, content[10..20]);
    let last = read(
        &server,
        &alice,
        blob,
        &[("range", "bytes=-1"), ("if-range", &etag)],
    )
    .await;
    assert_eq!(last.body, content[999..]);
    let beyond = read(&server, &alice, blob, &[("range", "bytes=1000-")]).await;
    beyond.is(ProblemCode::RangeNotSatisfiable);
    assert_eq!(beyond.header("content-range"), "bytes */1000");
    let other = [("range", "bytes=0-1"), ("if-range", "\"another\"")];
    assert_eq!(read(&server, &alice, blob, &other).await.body.len(), 1000);
    let several = read(&server, &alice, blob, &[("range", "bytes=0-1,5-6")]).await;
    assert_eq!((several.status, several.body.len()), (StatusCode::OK, 1000));
    let known = read(&server, &alice, blob, &[("if-none-match", &etag)]).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(known.header("etag"), etag);
    let head = server
        .request(http::Method::HEAD, &format!("/v1/blob/{blob}"))
        .token(&alice.tokens.access_token)
        .send()
        .await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.header("content-length"), "1000");
}

#[tokio::test]
async fn an_upload_that_is_torn_goes_on_where_it_was_even_after_a_restart() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let content = pattern(6_000_000);
    let begun: Upload = create(&server, &alice, &creation(6_000_000)).await.ok();
    let blob = begun.blob;
    // A connection that breaks off in the middle of the body.
    let mut torn = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "PATCH /v1/blob/{blob}/upload HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: {PARTIAL_UPLOAD}\r\n\
         {UPLOAD_OFFSET}: 0\r\ncontent-length: 6000000\r\n\r\n",
        alice.tokens.access_token.reveal()
    );
    torn.write_all(head.as_bytes()).await.unwrap();
    torn.write_all(&content[..5_000_000]).await.unwrap();
    torn.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = soon(torn.read_to_end(&mut answer)).await;
    drop(torn);
    // Until the server has kept what came, it says that the blob is busy or has less.
    let at = soon(async {
        loop {
            let answer = append(&server, &alice, blob, 6_000_000, "").await;
            let problem = answer.problem();
            match problem.code {
                ProblemCode::WrongOffset if problem.offset == Some(5_000_000) => return 5_000_000,
                ProblemCode::WrongOffset | ProblemCode::UploadBusy => pause().await,
                other => panic!("{other}"),
            }
        }
    })
    .await;
    let server = server.restart().await;
    let now: Upload = status(&server, &alice, blob).await.ok();
    assert_eq!(now.offset, at);
    let rest = content[5_000_000..].to_vec();
    let done: Upload = append(&server, &alice, blob, at, rest).await.ok();
    assert_eq!(done.offset, done.size);
    assert!(read(&server, &alice, blob, &[]).await.body == content);
    let repeated = append(&server, &alice, blob, at, "again").await.problem();
    assert_eq!(
        (repeated.code, repeated.offset),
        (ProblemCode::WrongOffset, Some(6_000_000))
    );
}

#[tokio::test]
async fn a_repeated_creation_finds_the_upload() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let request = creation(10);
    let first: Upload = create(&server, &alice, &request).await.ok();
    let _: Upload = append(&server, &alice, first.blob, 0, "012").await.ok();
    let again: Upload = create(&server, &alice, &request).await.ok();
    assert_eq!((again.blob, again.offset), (first.blob, 3));
    let other = CreateBlob { size: 11, ..request };
    create(&server, &alice, &other).await.is(ProblemCode::UploadTaken);
    assert_eq!(usage(&server, &alice).await.bytes, 10);
}

#[tokio::test]
async fn every_limit_has_its_problem() {
    let server = TestServer::start_with(|config| {
        config.blobs.blob_bytes_max = 100;
        config.blobs.quota_bytes = 150;
        config.blobs.blobs_max = 3;
        config.blobs.uploads_max = 2;
    })
    .await;
    let alice = Person::register(&server, "alice").await;
    let try_size = async |size| create(&server, &alice, &creation(size)).await;
    try_size(0).await.is(ProblemCode::InvalidRequest);
    try_size(101).await.is(ProblemCode::BlobTooLarge);
    try_size(u64::MAX).await.is(ProblemCode::BlobTooLarge);
    let first = upload(&server, &alice, &pattern(100)).await;
    try_size(51).await.is(ProblemCode::QuotaExceeded);
    let second: Upload = try_size(1).await.ok();
    let _: Upload = try_size(1).await.ok();
    try_size(1).await.is(ProblemCode::TooManyBlobs);
    assert_eq!(
        delete(&server, &alice, first).await.status,
        StatusCode::NO_CONTENT
    );
    try_size(1).await.is(ProblemCode::TooManyUploads);
    let usage = usage(&server, &alice).await;
    assert_eq!((usage.bytes, usage.blobs, usage.uploads), (2, 2, 2));
    assert_eq!((usage.bytes_max, usage.blobs_max, usage.uploads_max), (150, 3, 2));
    assert_eq!(usage.blob_bytes_max, 100);
    for retention in [
        Retention::Never,
        Retention::For { seconds: 0 },
        Retention::For { seconds: u32::MAX },
    ] {
        let request = CreateBlob {
            retention,
            ..creation(1)
        };
        create(&server, &alice, &request)
            .await
            .is(ProblemCode::InvalidRetention);
    }
    let blob = second.blob;
    append(&server, &alice, blob, 0, "ab")
        .await
        .is(ProblemCode::UploadTooLong);
    append(&server, &alice, blob, 1, "a")
        .await
        .is(ProblemCode::WrongOffset);
    let patch = || {
        server
            .request(PATCH, &format!("/v1/blob/{blob}/upload"))
            .token(&alice.tokens.access_token)
    };
    patch()
        .header(UPLOAD_OFFSET, "0")
        .body("application/octet-stream", "a")
        .send()
        .await
        .is(ProblemCode::UnsupportedMediaType);
    for offset in ["", "-1", "+1", "a", "0x1", "99999999999999999999999"] {
        patch()
            .header(UPLOAD_OFFSET, offset)
            .body(PARTIAL_UPLOAD, "a")
            .send()
            .await
            .is(ProblemCode::InvalidRequest);
    }
}

#[tokio::test]
async fn a_timed_blob_vanishes_and_is_cached_nowhere() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let request = CreateBlob {
        retention: Retention::For { seconds: 1 },
        ..creation(3)
    };
    let begun: Upload = create(&server, &alice, &request).await.ok();
    let done: Upload = append(&server, &alice, begun.blob, 0, "abc").await.ok();
    let ends_at = done.ends_at.unwrap();
    assert!(ends_at > done.created_at);
    let answer = read(&server, &alice, begun.blob, &[]).await;
    if answer.status == StatusCode::OK {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    eventually(async || read(&server, &alice, begun.blob, &[]).await.status != StatusCode::OK).await;
    read(&server, &alice, begun.blob, &[])
        .await
        .is(ProblemCode::BlobNotFound);
}

#[tokio::test]
async fn the_blobs_of_a_deleted_account_cannot_be_read() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let carol = Person::register(&server, "carol").await;
    let blob = upload(&server, &alice, b"abc").await;
    assert_eq!(read(&server, &carol, blob, &[]).await.status, StatusCode::OK);
    let deleted = alice.deletes_account(&server).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    read(&server, &carol, blob, &[])
        .await
        .is(ProblemCode::BlobNotFound);
}

/// Longer than a request may take, but always moving.
#[tokio::test]
async fn a_slow_upload_that_moves_is_not_cut_and_a_stalled_one_is() {
    let server = TestServer::start_with(|config| {
        config.timeouts.request_seconds = 1;
        config.blobs.stall_seconds = 1;
    })
    .await;
    let alice = Person::register(&server, "alice").await;
    let begun: Upload = create(&server, &alice, &creation(8)).await.ok();
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(300));
    ticks.tick().await;
    let slow = stream::unfold((ticks, 0_u8), |(mut ticks, sent)| async move {
        ticks.tick().await;
        (sent < 5).then(|| {
            (
                Ok::<_, std::io::Error>(Bytes::from_static(b"x")),
                (ticks, sent + 1),
            )
        })
    });
    let done: Upload = append(&server, &alice, begun.blob, 0, Body::wrap_stream(slow))
        .await
        .ok();
    assert_eq!(done.offset, 5);
    let mut stalled = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "PATCH /v1/blob/{}/upload HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: {PARTIAL_UPLOAD}\r\n\
         {UPLOAD_OFFSET}: 5\r\ncontent-length: 3\r\n\r\nx",
        begun.blob,
        alice.tokens.access_token.reveal()
    );
    stalled.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    soon(stalled.read_to_end(&mut answer)).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"offset\":6"), "{answer}");
}

#[tokio::test]
async fn a_download_that_nobody_takes_is_cut() {
    let server = TestServer::start_with(|config| config.blobs.stall_seconds = 1).await;
    let alice = Person::register(&server, "alice").await;
    // More than sockets hold on their way.
    let blob = upload(&server, &alice, &pattern(40_000_000)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "GET /v1/blob/{blob} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\r\n",
        alice.tokens.access_token.reveal()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 100];
    soon(stream.read_exact(&mut first)).await.unwrap();
    // It takes nothing for longer than a stall; then what is left has to end before the blob does.
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    let mut rest = Vec::new();
    let _ = soon(stream.read_to_end(&mut rest)).await;
    assert!(rest.len() < 40_000_000, "{}", rest.len());
}
