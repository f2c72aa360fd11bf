use crate::support::{TestServer, soon};
use http::{Method, StatusCode};
use sotto_protocol::ProblemCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_server_that_is_well_says_so() {
    let server = TestServer::start().await;
    for path in ["/health", "/health/live", "/health/ready"] {
        let answer = server.get(path).send().await;
        let health: serde_json::Value = answer.ok();
        assert_eq!(health["status"], "ok", "{path}");
        assert_eq!(health["version"], env!("CARGO_PKG_VERSION"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_server_that_stops_is_not_ready_before_it_takes_no_more_connections() {
    let mut server = TestServer::start_with(|config| config.timeouts.drain_seconds = 3600).await;
    server.begin_to_stop().await;
    // It still serves whoever the balancer sends meanwhile.
    assert_eq!(
        server.get("/v1/user/nobody").send().await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(server.get("/health/live").send().await.status, StatusCode::OK);
    let answer = server.get("/health/ready").send().await;
    answer.is(ProblemCode::Unavailable);
    assert_eq!(
        answer.problem().detail.as_deref(),
        Some("The server is stopping.")
    );
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn whoever_asks_a_thousand_times_is_answered_without_a_look_at_the_databases() {
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = "GET /health/ready HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(request.repeat(999).as_bytes()).await.unwrap();
    stream
        .write_all(b"GET /health/ready HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answers = String::new();
    soon(stream.read_to_string(&mut answers)).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 1000);
}

#[tokio::test]
async fn the_public_port_knows_no_metrics_and_theirs_knows_nothing_else() {
    let server =
        TestServer::start_with(|config| config.telemetry.metrics = Some("127.0.0.1:0".parse().unwrap()))
            .await;
    for path in ["/metrics", "/v1/metrics", "//metrics"] {
        let answer = server.get(path).send().await;
        let body = String::from_utf8_lossy(&answer.body);
        assert!(!body.contains("sotto_"), "{path}: {body}");
    }
    let private = |method, path: &str| {
        let url = format!("http://{}{path}", server.metrics());
        soon(reqwest::Client::new().request(method, url).send())
    };
    for path in ["/", "/v1/user/alice", "/health"] {
        assert_eq!(
            private(Method::GET, path).await.unwrap().status(),
            StatusCode::NOT_FOUND
        );
    }
    assert_eq!(
        private(Method::POST, "/metrics").await.unwrap().status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}
