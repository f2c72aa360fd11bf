use crate::support::{Person, TestServer, soon};
use http::{Method, StatusCode};
use sotto_protocol::{ProblemCode, limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const LOGIN: &str = "/v1/auth/login";

#[tokio::test]
async fn the_server_says_how_it_is() {
    let server = TestServer::start().await;
    let health: serde_json::Value = server.get("/health").send().await.ok();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_problems() {
    let server = TestServer::start().await;
    for path in [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/user/a/b/c",
        "/v1/chat/x/y/z",
        "/v1//user",
    ] {
        server.get(path).send().await.is(ProblemCode::NotFound);
    }
    let cases = [
        (Method::GET, LOGIN, "POST"),
        (Method::PATCH, "/v1/user/alice", "DELETE,GET,HEAD,POST,PUT"),
        (Method::POST, "/v1/device", "GET,HEAD"),
        (Method::POST, "/health", "GET,HEAD"),
        (Method::POST, "/", "GET,HEAD"),
        (Method::DELETE, "/dm/alice", "GET,HEAD"),
    ];
    for (method, path, allowed) in cases {
        let answer = server.request(method, path).send().await;
        answer.is(ProblemCode::MethodNotAllowed);
        let mut methods: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
        methods.sort_unstable();
        assert_eq!(methods.join(","), allowed, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_the_endpoint_takes_is_a_problem() {
    let server = TestServer::start().await;
    let json = "application/json";
    let cases = [
        ("text/plain", "{}", ProblemCode::UnsupportedMediaType),
        (
            "application/x-www-form-urlencoded",
            "name=a",
            ProblemCode::UnsupportedMediaType,
        ),
        (json, "", ProblemCode::InvalidRequest),
        (json, "{", ProblemCode::InvalidRequest),
        (json, "[]", ProblemCode::InvalidRequest),
        (json, "null", ProblemCode::InvalidRequest),
        (json, r#"{"name":"alice"}"#, ProblemCode::InvalidRequest),
        (
            json,
            r#"{"name":"alice","request":1}"#,
            ProblemCode::InvalidRequest,
        ),
        (
            json,
            r#"{"name":"alice","request":"!"}"#,
            ProblemCode::InvalidRequest,
        ),
        (
            json,
            r#"{"name":"Alice","request":""}"#,
            ProblemCode::InvalidRequest,
        ),
        (
            json,
            r#"{"name":"alice","request":"AAAA"}"#,
            ProblemCode::InvalidRequest,
        ),
        (
            json,
            r#"{"name":"alice","request":"","more":1}"#,
            ProblemCode::InvalidRequest,
        ),
        (
            json,
            r#"{"name":"alice","request":""} trailing"#,
            ProblemCode::InvalidRequest,
        ),
    ];
    for (content_type, body, code) in cases {
        server.post(LOGIN).body(content_type, body).send().await.is(code);
    }
    server
        .post(LOGIN)
        .send()
        .await
        .is(ProblemCode::UnsupportedMediaType);
    let invalid_utf8 = vec![b'{', b'"', 0xff, b'"', b'}'];
    server
        .post(LOGIN)
        .body(json, invalid_utf8)
        .send()
        .await
        .is(ProblemCode::InvalidRequest);
    let deep = "[".repeat(50_000);
    server
        .post(LOGIN)
        .body(json, deep)
        .send()
        .await
        .is(ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn a_body_over_its_limit_is_refused() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let json = "application/json";
    let large = "a".repeat(64 * 1024 + 1);
    server
        .post(LOGIN)
        .body(json, large)
        .send()
        .await
        .is(ProblemCode::TooLarge);
    let larger = "a".repeat(limits::BODY_BYTES + 1);
    server
        .put(&format!("/v1/chat/{}", "A".repeat(22)))
        .token(&alice.tokens.access_token)
        .body(json, larger)
        .send()
        .await
        .is(ProblemCode::TooLarge);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = TestServer::start().await;
    for path in ["/", "/health", "/v1/nothing", "/v1/device", "/nothing.png"] {
        let answer = server.get(path).send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "same-origin",
            "{path}"
        );
        assert!(
            answer.header("permissions-policy").contains("camera=()"),
            "{path}"
        );
        // For voice notes.
        assert!(
            answer.header("permissions-policy").contains("microphone=(self)"),
            "{path}"
        );
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{path}"
        );
    }
}

/// What the server says to these bytes until it closes the connection.
async fn raw(server: &TestServer, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    soon(stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_is_not_waited_for() {
    let server = TestServer::start_with(|config| config.timeouts.header_seconds = 1).await;
    for head in ["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nhost: a\r\nx: "] {
        let answer = raw(&server, head.as_bytes()).await;
        assert!(!answer.contains("200"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_a_timeout() {
    let server = TestServer::start_with(|config| config.timeouts.request_seconds = 1).await;
    let head = format!(
        "POST {LOGIN} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{{"
    );
    let answer = raw(&server, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains(ProblemCode::Timeout.as_str()), "{answer}");
}

#[tokio::test]
async fn what_is_no_http_is_answered_or_dropped_and_harms_nobody() {
    let server = TestServer::start().await;
    let large = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(100_000));
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello over TLS\r\n\r\n"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        large.as_bytes(),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // The server may close before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = soon(stream.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{answer:?}");
    }
    assert_eq!(server.get("/health").send().await.status, StatusCode::OK);
}
