//! Anything at all, sent to everything: no answer is a server error, and nothing changes.

use crate::support::{Answer, Person, TestServer};
use http::{Method, StatusCode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sotto_protocol::ProblemCode;
use sotto_protocol::frame::Goodbye;
use sotto_protocol::rest::user::User;
use tokio_tungstenite::tungstenite::Message;

const ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// Every endpoint that takes a body, and the members that its body may have.
const ENDPOINTS: [(&str, &str, &[&str]); 15] = [
    ("POST", "/v1/auth/registration", &["name", "request"]),
    ("POST", "/v1/auth/login", &["name", "request"]),
    ("POST", "/v1/auth/login/finish", &["login", "finalization"]),
    ("POST", "/v1/auth/refresh", &["refresh_token"]),
    (
        "PUT",
        "/v1/user/mallory",
        &[
            "account",
            "registration",
            "identity_key",
            "vault",
            "device",
            "device_key",
            "device_list",
        ],
    ),
    (
        "POST",
        "/v1/user/alice",
        &["display_name", "about", "place", "location", "listed"],
    ),
    ("PUT", "/v1/device/{}", &["device_key", "device_list"]),
    ("DELETE", "/v1/device/{}", &["device_list"]),
    ("POST", "/v1/key-package", &["key_packages", "last_resort"]),
    ("POST", "/v1/key-package/claim", &["account", "suite"]),
    (
        "PUT",
        "/v1/chat/{}",
        &["with", "suite", "added", "welcome", "group_info"],
    ),
    ("POST", "/v1/chat/{}/objection", &["seq"]),
    ("POST", "/v1/chat/{}/deletion", &["entries"]),
    (
        "POST",
        "/v1/archive/{}",
        &["index", "adds", "removes", "releases"],
    ),
    (
        "PUT",
        "/v1/notification/subscription",
        &["endpoint", "p256dh", "auth", "quiet_chats"],
    ),
];

fn is_refused(answer: &Answer) {
    assert!(answer.status.is_client_error(), "{answer:?}");
    answer.problem();
}

/// Values of every JSON type, plausible ones among them, never all that an endpoint wants.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,40}".prop_map(Into::into),
        "[A-Za-z0-9_-]{0,200}".prop_map(Into::into),
        Just(ID.into()),
        Just("x-wing".into()),
        Just("alice".into()),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::hash_map("[a-z_]{0,10}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn random_bodies_are_refused_everywhere() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let before: User = server.get("/v1/user/alice").send().await.ok();
    let strategy = (
        0..ENDPOINTS.len(),
        proptest::collection::vec(value(), 8),
        proptest::collection::vec(any::<u8>(), 0..200),
    );
    let mut runner = TestRunner::new(Config::with_cases(250));
    let handle = tokio::runtime::Handle::current();
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&strategy, |(endpoint, values, bytes)| {
            let (method, path, members) = ENDPOINTS[endpoint];
            let method: Method = method.parse().unwrap();
            let path = path.replace("{}", ID);
            // Whatever is null or absent in a change of the profile stays as it is, which is no error.
            let body: serde_json::Map<_, _> = members
                .iter()
                .map(ToString::to_string)
                .zip(values)
                .chain([("unheard_of".to_owned(), 1.into())])
                .collect();
            handle.block_on(async {
                for body in [serde_json::to_vec(&body).unwrap(), bytes] {
                    for token in [None, Some(&alice.tokens.access_token)] {
                        let request = server.request(method.clone(), &path);
                        let request = match token {
                            Some(token) => request.token(token),
                            None => request,
                        };
                        is_refused(&request.body("application/json", body.clone()).send().await);
                    }
                }
            });
            Ok(())
        })
    });
    outcome.unwrap();
    let after: User = server.get("/v1/user/alice").send().await.ok();
    assert_eq!(after, before);
    server
        .get("/v1/user/mallory")
        .send()
        .await
        .is(ProblemCode::UserNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn random_frames_end_their_connection_and_no_other() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let mut bystander = bob.connect(&server).await;
    let mut runner = TestRunner::new(Config::with_cases(60));
    let handle = tokio::runtime::Handle::current();
    // A first byte beyond the kinds of frames that there are, or anything after one that takes a chat id.
    let strategy = prop_oneof![
        proptest::collection::vec(7..=255_u8, 1..100),
        (0..6_u8, proptest::collection::vec(any::<u8>(), 0..8))
            .prop_map(|(kind, rest)| [vec![kind], rest].concat()),
    ];
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&strategy, |bytes| {
            handle.block_on(async {
                let mut socket = alice.connect(&server).await;
                socket.send_message(Message::Binary(bytes.into())).await;
                socket.is_told_goodbye(Goodbye::Malformed).await;
            });
            Ok(())
        })
    });
    outcome.unwrap();
    bystander.send(&sotto_protocol::frame::ClientFrame::Ping).await;
    assert_eq!(
        bystander.next().await,
        Some(sotto_protocol::frame::ServerFrame::Pong)
    );
    assert_eq!(server.get("/health").send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn ids_that_are_none_are_refused_in_every_path() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let long = "A".repeat(10_000);
    for id in [
        "x",
        "AAAAAAAAAAAAAAAAAAAAA=",
        "%00",
        "%FF",
        &long,
        "AAAAAAAAAAAAAAAAAAAAAB",
    ] {
        for path in [
            format!("/v1/chat/{id}"),
            format!("/v1/chat/{id}/group-info"),
            format!("/v1/user/by-id/{id}"),
        ] {
            server
                .get(&path)
                .token(&alice.tokens.access_token)
                .send()
                .await
                .is(ProblemCode::InvalidRequest);
        }
    }
}
