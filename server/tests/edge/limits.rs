use crate::support::{Answer, Person, Socket, TestServer, soon};
use http::StatusCode;
use sotto_protocol::frame::{ClientFrame, Outcome, ServerFrame};
use sotto_protocol::rest::key_package::ClaimKeyPackages;
use sotto_protocol::{ChatId, Problem, ProblemCode, Seq, Suite};
use sotto_server::config::{Config, Rate};
use std::time::Duration;
use tokio::time::Instant;

/// A request from this address, as a proxy on the same machine hands it on.
async fn get_from(server: &TestServer, address: &str, path: &str) -> Answer {
    server.get(path).header("x-forwarded-for", address).send().await
}

/// Asserts that a request is refused for its rate, and says for how long.
#[track_caller]
fn is_limited(answer: &Answer) -> u32 {
    answer.is(ProblemCode::RateLimited);
    let seconds = answer.problem().retry_after.unwrap();
    assert_eq!(answer.header("retry-after"), seconds.to_string());
    assert!(seconds >= 1);
    seconds
}

fn slow(burst: u32) -> Rate {
    Rate::new(burst, 1)
}

#[tokio::test]
async fn an_address_that_asks_too_much_is_told_when_to_come_again_and_others_are_not_held_up() {
    let server = TestServer::start_with(|config| config.limits.requests_per_address = slow(3)).await;
    for _ in 0..3 {
        let answer = get_from(&server, "192.0.2.1", "/v1/user/by-id/x").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    let limited = get_from(&server, "192.0.2.1", "/v1/user/by-id/x").await;
    assert!((30..=60).contains(&is_limited(&limited)));
    is_limited(&get_from(&server, "192.0.2.1", "/").await);
    // It may always ask whether the server is well.
    assert_eq!(
        get_from(&server, "192.0.2.1", "/health").await.status,
        StatusCode::OK
    );
    assert_eq!(get_from(&server, "192.0.2.2", "/").await.status, StatusCode::OK);
    // One network of 64 bits is one client.
    for host in 1..=3 {
        let answer = get_from(&server, &format!("2001:db8::{host}"), "/").await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    is_limited(&get_from(&server, "2001:db8::4", "/").await);
    // This machine itself is not limited.
    for _ in 0..10 {
        assert_eq!(server.get("/").send().await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_a_peer_claims_that_is_no_trusted_proxy_is_ignored() {
    let server = TestServer::start_with(|config| {
        config.limits.requests_per_address = slow(1);
        config.network.trusted_proxies = Vec::new();
    })
    .await;
    for _ in 0..5 {
        assert_eq!(get_from(&server, "192.0.2.1", "/").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn logins_and_registrations_of_an_address_have_rates_of_their_own() {
    let server = TestServer::start_with(|config| {
        config.limits.auth_per_address = slow(2);
        config.limits.registrations_per_address = slow(2);
    })
    .await;
    let post = async |path: &str| {
        server
            .post(path)
            .header("x-forwarded-for", "192.0.2.1")
            .json(&serde_json::json!({}))
            .await
    };
    for path in ["/v1/auth/login", "/v1/auth/registration"] {
        for _ in 0..2 {
            post(path).await.is(ProblemCode::InvalidRequest);
        }
        is_limited(&post(path).await);
    }
    is_limited(&post("/v1/auth/refresh").await);
    assert_eq!(get_from(&server, "192.0.2.1", "/").await.status, StatusCode::OK);
}

async fn with_two(configure: impl FnOnce(&mut Config)) -> (TestServer, Person, Person) {
    let server = Box::pin(TestServer::start_with(configure)).await;
    let alice = Person::register(&server, "alice").await;
    let carol = Person::register(&server, "carol").await;
    (server, alice, carol)
}

#[tokio::test]
async fn an_account_has_rates_whatever_its_address() {
    let (server, alice, carol) = with_two(|config| {
        config.limits.searches_per_account = slow(2);
        config.limits.blob_requests_per_account = slow(2);
        config.limits.requests_per_device = slow(8);
    })
    .await;
    let get = async |person: &Person, path: &str| {
        let token = &person.tokens.access_token;
        server.get(path).token(token).send().await
    };
    for path in ["/v1/user?q=a", "/v1/blob"] {
        for _ in 0..2 {
            assert_eq!(get(&alice, path).await.status, StatusCode::OK);
        }
        is_limited(&get(&alice, path).await);
    }
    for _ in 0..4 {
        assert_eq!(get(&alice, "/v1/device").await.status, StatusCode::OK);
    }
    is_limited(&get(&alice, "/v1/device").await);
    assert_eq!(get(&carol, "/v1/device").await.status, StatusCode::OK);
}

#[tokio::test]
async fn key_packages_cannot_be_drained_by_many_claims() {
    let (server, alice, carol) = with_two(|config| {
        config.limits.claims_per_account = slow(3);
        config.limits.claims_per_pair = slow(2);
    })
    .await;
    let claim = async |person: &Person, target: &Person| {
        server
            .post("/v1/key-package/claim")
            .token(&person.tokens.access_token)
            .json(&ClaimKeyPackages {
                account: target.account,
                suite: Suite::XWing,
            })
            .await
    };
    for _ in 0..2 {
        claim(&alice, &carol).await.is(ProblemCode::NoKeyPackage);
    }
    is_limited(&claim(&alice, &carol).await);
    is_limited(&claim(&alice, &alice).await);
    // Of one's own devices, and by somebody else.
    assert!(claim(&carol, &carol).await.status.is_success());
    claim(&carol, &alice).await.is(ProblemCode::NoKeyPackage);
}

#[tokio::test]
async fn no_rate_is_no_limit() {
    let server = TestServer::start_with(|config| config.limits.logins_per_name = Rate::new(0, 0)).await;
    let alice = Person::register(&server, "alice").await;
    for _ in 0..30 {
        alice.log_in(&server).await;
    }
}

#[tokio::test]
async fn an_address_has_as_many_connections_as_it_may() {
    let (server, alice, carol) = with_two(|config| config.limits.connections_per_address = 1).await;
    let connect = async |person: &Person| {
        server
            .get("/v1/ws")
            .token(&person.tokens.access_token)
            .header("x-forwarded-for", "192.0.2.1")
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==")
            .header("sec-websocket-protocol", "sotto.v1")
            .start()
            .await
    };
    let first = connect(&alice).await;
    assert_eq!(first.status(), StatusCode::SWITCHING_PROTOCOLS);
    let second = connect(&carol).await;
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    drop((first, second));
    soon(async {
        while connect(&carol).await.status() != StatusCode::SWITCHING_PROTOCOLS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_device_that_connects_again_and_again_is_told_when_to_come_again() {
    let (server, alice, carol) = with_two(|config| config.limits.connects_per_device = slow(2)).await;
    for _ in 0..2 {
        alice.connect(&server).await;
    }
    let begun = Instant::now();
    let token = format!("Bearer {}", alice.tokens.access_token.reveal());
    let headers = [("sec-websocket-protocol", "sotto.v1"), ("authorization", &*token)];
    let refused = Socket::open(&server, &headers).await.err().unwrap();
    let problem: Problem = serde_json::from_slice(refused.body().as_ref().unwrap()).unwrap();
    assert_eq!(problem.code, ProblemCode::RateLimited);
    assert!(problem.retry_after.unwrap() > 1);
    // Whoever does not heed that costs no more than a few answers a second.
    assert!(begun.elapsed() >= Duration::from_millis(500));
    let mut socket = carol.connect(&server).await;
    socket.send(&ClientFrame::Ping).await;
    socket.until(|frame| matches!(frame, ServerFrame::Pong)).await;
}

#[tokio::test]
async fn a_connection_that_sends_too_much_is_read_later_and_all_is_answered() {
    let (server, alice, _) =
        with_two(|config| config.limits.frames_per_connection = Rate::new(4, 6_000)).await;
    let mut socket = alice.connect(&server).await;
    let mut ping = async |times: usize| {
        for _ in 0..times {
            socket.send(&ClientFrame::Ping).await;
        }
        for _ in 0..times {
            socket.until(|frame| matches!(frame, ServerFrame::Pong)).await;
        }
    };
    let begun = Instant::now();
    ping(54).await;
    // What has arrived is answered. What comes then waits until a hundred a second have made up for all beyond the burst.
    ping(1).await;
    assert!(
        begun.elapsed() >= Duration::from_millis(500),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn an_account_that_has_much_looked_up_waits_and_is_answered() {
    let (server, alice, carol) = with_two(|config| config.limits.reads_per_account = Rate::new(2, 600)).await;
    let mut socket = alice.connect(&server).await;
    let begun = Instant::now();
    for number in 0..7 {
        let outcome = socket
            .ask(|request| ClientFrame::Fetch {
                request,
                chat: ChatId::from_bytes([number; 16]),
                after: Seq::ZERO,
                limit: 1,
            })
            .await;
        assert_eq!(outcome, Outcome::Refused(ProblemCode::ChatNotFound.into()));
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(400),
        "{:?}",
        begun.elapsed()
    );
    let mut socket = carol.connect(&server).await;
    let fetch = |request| ClientFrame::Fetch {
        request,
        chat: ChatId::from_bytes([1; 16]),
        after: Seq::ZERO,
        limit: 1,
    };
    let outcome = socket.ask(fetch).await;
    assert_eq!(outcome, Outcome::Refused(ProblemCode::ChatNotFound.into()));
}
