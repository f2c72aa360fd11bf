use crate::blobs::{append, create, creation, delete, pattern, read, status, upload};
use crate::s3_server::S3Server;
use crate::support::{Person, TestServer, soon};
use http::StatusCode;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::blob::Upload;
use sotto_server::config::{Config, Credential};
use std::time::Duration;

fn in_bucket(s3: &S3Server) -> impl FnOnce(&mut Config) {
    let endpoint = s3.endpoint.clone();
    move |config| {
        config.blobs.url = String::from("s3://files/some/prefix");
        config.blobs.s3.endpoint = endpoint;
        config.blobs.s3.region = String::from("eu-central-1");
        config.blobs.s3.access_key_id = Credential::new("test".to_owned());
        config.blobs.s3.secret_access_key = Credential::new("test".to_owned());
    }
}

#[tokio::test]
async fn an_upload_to_a_bucket_goes_on_after_a_restart_and_leaves_nothing_when_deleted() {
    let s3 = S3Server::start().await;
    let server = TestServer::start_with(in_bucket(&s3)).await;
    let alice = Person::register(&server, "alice").await;
    let content = pattern(9_000_000);
    let begun: Upload = create(&server, &alice, &creation(9_000_000)).await.ok();
    let id = begun.blob;
    // Far less than the smallest part of a multipart upload.
    let at: Upload = append(&server, &alice, id, 0, content[..1000].to_vec())
        .await
        .ok();
    assert_eq!(at.offset, 1000);
    let server = server.restart().await;
    let at: Upload = status(&server, &alice, id).await.ok();
    assert_eq!(at.offset, 1000);
    let at: Upload = append(&server, &alice, id, 1000, content[1000..5_000_000].to_vec())
        .await
        .ok();
    let done: Upload = append(&server, &alice, id, at.offset, content[5_000_000..].to_vec())
        .await
        .ok();
    assert_eq!(done.offset, 9_000_000);
    assert!(read(&server, &alice, id, &[]).await.body == content);
    let part = read(&server, &alice, id, &[("range", "bytes=4194300-4194310")]).await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.body, content[4_194_300..=4_194_310]);
    let objects = s3.objects().await;
    assert!(
        objects.iter().all(|object| object.starts_with("some/prefix/")),
        "{objects:?}"
    );
    assert!(!objects.iter().any(|object| object.contains(&id.to_string())));

    assert_eq!(delete(&server, &alice, id).await.status, StatusCode::NO_CONTENT);
    // It clears away when it starts, too.
    let server = server.restart().await;
    soon(async {
        while s3.objects().await != ["some/prefix/installation"] {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    read(&server, &alice, id, &[]).await.is(ProblemCode::BlobNotFound);
}

#[tokio::test]
async fn a_bucket_that_cannot_be_reached_is_said_and_loses_nothing() {
    let mut s3 = S3Server::start().await;
    let server = TestServer::start_with(in_bucket(&s3)).await;
    let alice = Person::register(&server, "alice").await;
    let whole = upload(&server, &alice, &pattern(1000)).await;
    let begun: Upload = create(&server, &alice, &creation(10)).await.ok();
    let _: Upload = append(&server, &alice, begun.blob, 0, "01234").await.ok();
    s3.stop();
    append(&server, &alice, begun.blob, 5, "56789")
        .await
        .is(ProblemCode::Unavailable);
    read(&server, &alice, whole, &[])
        .await
        .is(ProblemCode::Unavailable);
    let at: Upload = status(&server, &alice, begun.blob).await.ok();
    assert_eq!(at.offset, 5);
}
