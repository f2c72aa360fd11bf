use crate::scrape::{Samples, alone, scrape, scrape_until};
use crate::support::{Person, TestServer, mls, random};
use bytes::Bytes;
use sotto_protocol::frame::{ClientFrame, Outcome, ServerFrame};
use sotto_protocol::{ChatId, MessageId, ProblemCode, Retention, Seq};

async fn server() -> TestServer {
    TestServer::start_with(|config| config.telemetry.metrics = Some("127.0.0.1:0".parse().unwrap())).await
}

#[tokio::test]
async fn a_scrape_says_what_happened() {
    let _alone = alone().await;
    let server = server().await;
    let before = scrape(server.metrics()).await;
    let alice = Person::register(&server, "alice").await;
    alice.log_in(&server).await;
    alice
        .try_log_in(&server, b"wrong")
        .await
        .is(ProblemCode::WrongCredentials);
    server
        .get("/v1/user/nobody")
        .send()
        .await
        .is(ProblemCode::UserNotFound);
    let after = scrape(server.metrics()).await;
    grew(
        &before,
        &after,
        &[
            ("sotto_registrations_total", 1.0),
            ("sotto_logins_total{outcome=\"succeeded\"}", 1.0),
            ("sotto_logins_total{outcome=\"wrong-credentials\"}", 1.0),
            ("sotto_problems_total{code=\"wrong-credentials\"}", 1.0),
            ("sotto_problems_total{code=\"user-not-found\"}", 1.0),
            ("sotto_problems_total{code=\"internal\"}", 0.0),
            ("sotto_http_requests_total{route=\"user\",status=\"2xx\"}", 1.0),
            ("sotto_http_requests_total{route=\"user\",status=\"4xx\"}", 1.0),
            ("sotto_http_request_duration_seconds_count{route=\"user\"}", 2.0),
            (
                "sotto_store_operation_seconds_count{operation=\"create_account\"}",
                1.0,
            ),
            ("sotto_store_failures_total{operation=\"create_account\"}", 0.0),
        ],
    );
    assert!(after.get("sotto_ready") > 0.5);
    assert!(after.get("sotto_runtime_tasks") >= 1.0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_process_is_described() {
    let _alone = alone().await;
    let server = server().await;
    let samples = scrape(server.metrics()).await;
    assert!(samples.get("process_resident_memory_bytes") > 1e6);
    assert!(samples.get("process_open_fds") >= 5.0);
    assert!(samples.get("process_max_fds") >= samples.get("process_open_fds"));
    assert!(samples.get("process_start_time_seconds") > 1e9);
    assert!(samples.get("process_cpu_seconds_total") >= 0.0);
}

#[tokio::test]
async fn a_server_that_cannot_listen_for_its_metrics_does_not_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut config = sotto_server::config::Config::in_directory(folder.path());
    config.telemetry.metrics = Some(address);
    let refused = sotto_server::Server::open(config).await.err().unwrap();
    assert_eq!(
        refused.to_string(),
        format!("cannot listen on {address} for the metrics")
    );
}

#[track_caller]
fn grew(before: &Samples, after: &Samples, by: &[(&str, f64)]) {
    for (series, count) in by {
        let grown = after.since(before, series);
        assert!((grown - count).abs() < 0.5, "{series}: {grown}");
    }
}

fn message(
    chat: ChatId,
    epoch: u64,
    retention: Retention,
) -> impl Fn(sotto_protocol::frame::RequestId) -> ClientFrame {
    let id = MessageId::from_bytes(random());
    move |request| ClientFrame::Send {
        request,
        chat,
        message: id,
        after: Seq::ZERO,
        retention,
        payload: Bytes::from(mls::application(chat, epoch, b"hello")),
    }
}

#[tokio::test]
async fn messages_are_counted_by_what_they_are_and_what_became_of_them() {
    let _alone = alone().await;
    let server = server().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let before = scrape(server.metrics()).await;
    let mut from = alice.connect(&server).await;
    let mut to = bob.connect(&server).await;

    let kept = message(chat, 1, Retention::Keep);
    assert!(matches!(
        from.ask(&kept).await,
        Outcome::Accepted { reached: 1, .. }
    ));
    assert!(matches!(
        from.ask(&kept).await,
        Outcome::Accepted { reached: 0, .. }
    ));
    let fleeting = message(chat, 1, Retention::Never);
    assert!(matches!(
        from.ask(&fleeting).await,
        Outcome::Accepted { seq: None, .. }
    ));
    let stale = message(chat, 7, Retention::Keep);
    assert!(matches!(from.ask(&stale).await, Outcome::Refused(_)));
    for _ in 0..2 {
        to.until(|frame| matches!(frame, ServerFrame::Entry { .. })).await;
    }
    drop(from);

    let closed = "sotto_connections_closed_total{reason=\"lost\"}";
    let after = scrape_until(server.metrics(), |after| after.since(&before, closed) > 0.5).await;
    grew(
        &before,
        &after,
        &[
            ("sotto_connections", 1.0),
            ("sotto_connections_opened_total", 2.0),
            (closed, 1.0),
            ("sotto_frames_received_total{kind=\"send\"}", 4.0),
            ("sotto_frames_received_total{kind=\"commit\"}", 0.0),
            ("sotto_submissions_total{kind=\"keep\",outcome=\"accepted\"}", 1.0),
            (
                "sotto_submissions_total{kind=\"keep\",outcome=\"duplicate\"}",
                1.0,
            ),
            ("sotto_submissions_total{kind=\"keep\",outcome=\"refused\"}", 1.0),
            (
                "sotto_submissions_total{kind=\"fleeting\",outcome=\"accepted\"}",
                1.0,
            ),
            ("sotto_submission_durable_seconds_count", 2.0),
            ("sotto_fan_out_deliveries_total", 2.0),
            ("sotto_problems_total{code=\"stale-epoch\"}", 1.0),
            ("sotto_writer_failures_total", 0.0),
            ("sotto_submissions_waiting", 0.0),
        ],
    );
    assert!(after.since(&before, "sotto_writer_transaction_seconds_count") >= 4.0);
    assert!(after.since(&before, "sotto_frames_sent_per_write_sum") >= 6.0);
    assert!(after.since(&before, "sotto_frames_received_bytes_total") > 200.0);
    assert!(after.since(&before, "sotto_frames_sent_bytes_total") > 200.0);
    assert!(after.get("sotto_outbox_frames") < 0.5);
    assert!(after.get("sotto_writer_queue_bytes") < 0.5);
}

#[tokio::test]
async fn reads_are_counted_by_whether_their_answer_was_in_memory() {
    let _alone = alone().await;
    let server = server().await;
    let alice = Person::register(&server, "alice").await;
    let before = scrape(server.metrics()).await;
    for about in ["Hello", "Hello again"] {
        let token = &alice.tokens.access_token;
        let change = serde_json::json!({ "about": about });
        let told = server.post("/v1/user/alice").token(token).json(&change).await;
        for _ in 0..20 {
            let read = server.get("/v1/user/alice").send().await;
            assert_eq!(read.body, told.body);
        }
    }
    let after = scrape(server.metrics()).await;
    let reads =
        |outcome: &str| format!("sotto_answer_cache_reads_total{{kind=\"user\",outcome=\"{outcome}\"}}");
    let [hits, misses, outdated] = ["hit", "miss", "outdated"].map(reads);
    grew(
        &before,
        &after,
        &[
            (hits.as_str(), 38.0),
            (misses.as_str(), 1.0),
            (outdated.as_str(), 1.0),
            ("sotto_answer_cache_evictions_total", 0.0),
            (
                "sotto_store_operation_seconds_count{operation=\"account_version_by_name\"}",
                40.0,
            ),
        ],
    );
    assert!((after.get("sotto_answer_cache_answers") - 1.0).abs() < 0.5);
    assert!(after.get("sotto_answer_cache_bytes") > 500.0);
}

#[tokio::test]
async fn a_limit_that_is_hit_is_counted_under_its_name() {
    let _alone = alone().await;
    let server = TestServer::start_with(|config| {
        config.telemetry.metrics = Some("127.0.0.1:0".parse().unwrap());
        config.limits.requests_per_address = sotto_server::config::Rate::new(1, 1);
    })
    .await;
    let before = scrape(server.metrics()).await;
    for _ in 0..3 {
        server
            .get("/v1/user/nobody")
            .header("x-forwarded-for", "192.0.2.1")
            .send()
            .await
            .problem();
    }
    let after = scrape(server.metrics()).await;
    grew(
        &before,
        &after,
        &[
            ("sotto_limits_hit_total{limit=\"requests-per-address\"}", 2.0),
            ("sotto_limits_hit_total{limit=\"logins-per-name\"}", 0.0),
            ("sotto_problems_total{code=\"rate-limited\"}", 2.0),
        ],
    );
}
