//! How much memory a large blob takes: of the program itself, as its own process.
#![cfg(target_os = "linux")]

use crate::blobs::{create, creation};
use crate::support::{Person, TestServer, soon};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::{Body, Client};
use sotto_protocol::rest::blob::{PARTIAL_UPLOAD, UPLOAD_OFFSET, Upload};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const MIB: usize = 1024 * 1024;
/// MiB of the blob: many times what the server may take. `SOTTO_TEST_BLOB_MIB` makes it another.
const BLOB_MIB: usize = 160;

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// The most memory that it ever had resident, in KiB.
    fn peak(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn a_large_blob_takes_little_memory_in_either_direction() {
    let blob_mib = std::env::var("SOTTO_TEST_BLOB_MIB").map_or(BLOB_MIB, |mib| mib.parse().unwrap());
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let size = (blob_mib * MIB) as u64;
    let begun: Upload = create(&server, &alice, &creation(size)).await.ok();
    let (directory, _) = server.stop().await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_sotto-server"))
        .args(["--listen", "127.0.0.1:0", "--log-level", "warn", "--data"])
        .arg(directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let program = Program(child);
    let url = line.trim_end().rsplit(' ').next().unwrap().to_owned();
    let client = Client::new();
    let before = program.peak();

    let chunk = Bytes::from(vec![7; MIB]);
    let body = stream::iter((0..blob_mib).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
    let sent = client
        .patch(format!("{url}/v1/blob/{}/upload", begun.blob))
        .bearer_auth(alice.tokens.access_token.reveal())
        .header(UPLOAD_OFFSET, "0")
        .header("content-type", PARTIAL_UPLOAD)
        .body(Body::wrap_stream(body))
        .send();
    let sent = sent.await.unwrap();
    assert_eq!(sent.status(), 200, "{}", sent.text().await.unwrap());
    let uploaded = program.peak();

    let answer = client
        .get(format!("{url}/v1/blob/{}", begun.blob))
        .bearer_auth(alice.tokens.access_token.reveal())
        .send();
    let mut content = soon(answer).await.unwrap().bytes_stream();
    let mut received = 0;
    while let Some(bytes) = content.next().await {
        received += bytes.unwrap().len() as u64;
    }
    assert_eq!(received, size);
    let downloaded = program.peak();
    println!(
        "a blob of {blob_mib} MiB; at most resident, in KiB: {before} before, {uploaded} after it came, {downloaded} after it went"
    );
    assert!(
        downloaded - before < 40 * 1024,
        "{before} KiB, then {downloaded} KiB"
    );
}
