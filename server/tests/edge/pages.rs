use crate::support::{Answer, TestServer};
use http::{Method, StatusCode};
use sotto_protocol::ProblemCode;
use std::fs;

const PAGE: &str = "<!doctype html><title>app</title>";
const SCRIPT: &str = "console.log('hello')";

async fn app() -> (tempfile::TempDir, TestServer) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("assets")).unwrap();
    for (path, content) in [
        ("index.html", PAGE),
        ("assets/index-4f3a.js", SCRIPT),
        ("assets/index-4f3a.js.br", "brotli"),
        ("assets/index-4f3a.js.gz", "gzip"),
        ("icon.svg", "<svg/>"),
    ] {
        fs::write(folder.path().join(path), content).unwrap();
    }
    let directory = folder.path().to_owned();
    let server = TestServer::start_with(|config| config.web.directory = Some(directory)).await;
    (folder, server)
}

fn is_page(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, PAGE.as_bytes());
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn the_server_shows_a_page_whatever_it_was_built_with() {
    let server = TestServer::start().await;
    let answer = server.get("/").send().await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = String::from_utf8(answer.body.clone()).unwrap();
    assert!(page.contains("<title>Sotto</title>"));
    let policy = answer.header("content-security-policy");
    for directive in [
        "script-src 'self' 'wasm-unsafe-eval'",
        "require-trusted-types-for 'script'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "media-src 'self' blob:",
    ] {
        assert!(policy.contains(directive), "{policy}");
    }
}

#[tokio::test]
async fn every_path_of_the_app_is_its_page() {
    let (_folder, server) = app().await;
    for path in ["/", "/register", "/dm/alice", "/settings/devices?x=1"] {
        is_page(&server.get(path).send().await);
    }
    let browser = server.get("/dm/alice.b").header("accept", "text/html,*/*;q=0.8");
    is_page(&browser.send().await);
}

#[tokio::test]
async fn what_is_no_page_is_not_answered_with_one() {
    let (folder, server) = app().await;
    fs::write(folder.path().join(".secret"), "secret").unwrap();
    for path in [
        "/missing.png",
        "/assets/missing-1234.js",
        "/assets/missing",
        "/.secret",
        "/%2e%2e/etc/passwd.txt",
        "/..%2f..%2fetc/passwd.txt",
    ] {
        server.get(path).send().await.is(ProblemCode::NotFound);
    }
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_others_are_asked_for() {
    let (_folder, server) = app().await;
    let script = server.get("/assets/index-4f3a.js").send().await;
    assert_eq!(script.body, SCRIPT.as_bytes());
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(
        script.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(script.header("vary"), "accept-encoding");
    // A Worker is under the policy of its own script.
    let policy = script.header("content-security-policy");
    assert!(
        policy.contains("connect-src 'self'") && policy.contains("'wasm-unsafe-eval'"),
        "{policy}"
    );

    let icon = server.get("/icon.svg").send().await;
    assert_eq!(icon.header("cache-control"), "no-cache");
    let known = icon.header("etag");
    assert!(!known.is_empty());
    let again = server
        .get("/icon.svg")
        .header("if-none-match", known)
        .send()
        .await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let other = server
        .get("/icon.svg")
        .header("if-none-match", "\"other\"")
        .send()
        .await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn the_best_encoding_that_the_client_takes_is_sent() {
    let (_folder, server) = app().await;
    let path = "/assets/index-4f3a.js";
    for (accepted, encoding, body) in [
        ("gzip, deflate, br", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("br;q=0, gzip", "gzip", "gzip"),
        ("identity", "", SCRIPT),
    ] {
        let answer = server.get(path).header("accept-encoding", accepted).send().await;
        assert_eq!(answer.header("content-encoding"), encoding);
        assert_eq!(answer.body, body.as_bytes());
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let (_folder, server) = app().await;
    let answer = server.request(Method::HEAD, "/icon.svg").send().await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
    assert_eq!(answer.header("content-length"), "6");
}
