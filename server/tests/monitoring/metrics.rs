use crate::scrape::{alone, scrape};
use crate::support::{Person, TestServer};
use sotto_protocol::ProblemCode;

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
    for (series, count) in [
        ("sotto_registrations_total", 1.0),
        ("sotto_logins_total{outcome=\"succeeded\"}", 1.0),
        ("sotto_logins_total{outcome=\"wrong-credentials\"}", 1.0),
        ("sotto_problems_total{code=\"wrong-credentials\"}", 1.0),
        ("sotto_problems_total{code=\"user-not-found\"}", 1.0),
        ("sotto_problems_total{code=\"internal\"}", 0.0),
        ("sotto_http_requests_total{route=\"user\",status=\"2xx\"}", 1.0),
        ("sotto_http_requests_total{route=\"user\",status=\"4xx\"}", 1.0),
        ("sotto_http_request_duration_seconds_count{route=\"user\"}", 2.0),
    ] {
        let grown = after.since(&before, series);
        assert!((grown - count).abs() < 0.5, "{series}: {grown}");
    }
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
