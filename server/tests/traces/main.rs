//! What a collector is told of a server's work: over real HTTP, in OTLP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is a test"
)]

mod collector;
mod process;
#[allow(dead_code, reason = "these tests do not need all of it")]
#[path = "../edge/support/mod.rs"]
mod support;

use bytes::Bytes;
use collector::Collector;
use sotto_protocol::frame::{Outcome, ServerFrame};
use sotto_server::config::{SampleRatio, Telemetry};
use sotto_server::telemetry;
use support::{Person, TestServer, soon};

/// A trace that somebody else began (W3C Trace Context, section 3.2.2).
const TRACE: [u8; 16] = *b"\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36";
const PARENT: [u8; 8] = *b"\x00\xf0\x67\xaa\x0b\xa9\x02\xb7";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const NOT_SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00";

#[tokio::test]
async fn the_way_of_a_message_and_of_a_request_can_be_followed() {
    let collector = Collector::start().await;
    let mut config = Telemetry::default();
    config.traces.endpoint = Some(collector.url());
    config.traces.sample_ratio = SampleRatio::ALWAYS;
    config.traces.accept_traceparent = true;
    let running = telemetry::start(&config).unwrap();

    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice-traced").await;
    let bob = Person::register(&server, "bob-traced").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut from = alice.connect(&server).await;
    let mut to = bob.connect(&server).await;
    let said = from.say(chat, 1, b"an unmistakable payload").await;
    assert!(matches!(said, Outcome::Accepted { reached: 1, .. }));
    to.until(|frame| matches!(frame, ServerFrame::Entry { .. })).await;
    for parent in [TRACEPARENT, NOT_SAMPLED, "garbage"] {
        let request = server.get("/v1/user/alice-traced").header("traceparent", parent);
        assert!(request.send().await.status.is_success());
    }
    drop((from, to));
    server.stop().await;
    soon(tokio::task::spawn_blocking(|| running.finish()))
        .await
        .unwrap();

    let told = collector.told();
    let submission = told.span("submission");
    assert_eq!(submission.text("sotto.kind"), "keep");
    assert_eq!(submission.text("sotto.outcome"), "accepted");
    assert_eq!(submission.number("sotto.reached"), 1);
    assert!(submission.span.parent_span_id.is_empty());
    let transaction = told.span("transaction");
    assert_eq!(transaction.number("sotto.submissions"), 1);
    assert!(transaction.links_to(&submission));
    let stages = ["queue", "write", "fan-out"].map(|stage| {
        let stage = told.span(stage);
        assert_eq!(stage.span.trace_id, submission.span.trace_id);
        assert_eq!(stage.span.parent_span_id, submission.span.span_id);
        stage
    });
    for pair in stages.windows(2) {
        assert!(pair[0].span.end_time_unix_nano <= pair[1].span.start_time_unix_nano);
    }
    assert!(stages[1].links_to(&transaction));
    assert!(stages[2].span.end_time_unix_nano <= submission.span.end_time_unix_nano);

    let created = told.span("PUT /v1/chat/{id}");
    assert_eq!(created.number("http.response.status_code"), 201);
    assert_eq!(created.text("http.request.method"), "PUT");
    let reads = told.spans("GET /v1/user/{name}");
    assert_eq!(
        reads.len(),
        2,
        "the trace that is not sampled elsewhere is not sampled here"
    );
    let continued = reads.iter().find(|read| read.span.trace_id == TRACE).unwrap();
    assert_eq!(continued.span.parent_span_id, PARENT);

    assert_eq!(told.resource("service.name"), "sotto-server");
    let device = alice.device.to_string();
    for secret in [
        "alice-traced",
        "bob-traced",
        "an unmistakable payload",
        &chat.to_string(),
        &alice.account.to_string(),
        &device,
        alice.tokens.access_token.reveal(),
        "127.0.0.1",
    ] {
        assert!(
            !told.contains(secret.as_bytes()),
            "the collector was told {secret}"
        );
    }
    for secret in [chat.as_bytes(), alice.account.as_bytes(), alice.device.as_bytes()] {
        assert!(!told.contains(&Bytes::copy_from_slice(secret)));
    }
}
