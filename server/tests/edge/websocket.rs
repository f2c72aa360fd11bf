use crate::support::{Person, Socket, TestServer, mls, random};
use bytes::Bytes;
use http::StatusCode;
use sotto_protocol::frame::{ClientFrame, EntryKind, Goodbye, Outcome, Page, Refusal, ServerFrame};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::{ChatId, Epoch, MessageId, Problem, ProblemCode, Retention, Seq, Suite, limits};
use tokio_tungstenite::tungstenite::Message;

async fn refused(server: &TestServer, headers: &[(&'static str, &str)]) -> ProblemCode {
    let response = Socket::open(server, headers).await.err().unwrap();
    let body = response.body().as_ref().unwrap();
    let problem: Problem = serde_json::from_slice(body).unwrap();
    assert_eq!(response.status().as_u16(), problem.status);
    problem.code
}

fn bearer(token: &Token) -> String {
    format!("Bearer {}", token.reveal())
}

#[tokio::test]
async fn a_browser_passes_its_token_as_the_second_subprotocol() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let protocols = format!("sotto.v1, {}", alice.tokens.access_token.reveal());
    let origin = format!("http://{}", server.address);
    let headers = [("sec-websocket-protocol", &*protocols), ("origin", &*origin)];
    let mut socket = Socket::open(&server, &headers).await.unwrap();
    socket
        .until(|frame| matches!(frame, ServerFrame::Ready { .. }))
        .await;
}

#[tokio::test]
async fn whoever_may_not_connect_is_told_why() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let enrolment = alice.log_in(&server).await.enrolment_token;
    let token = bearer(&alice.tokens.access_token);
    let protocol = ("sec-websocket-protocol", "sotto.v1");
    let cases: [(&[(&'static str, &str)], ProblemCode); 6] = [
        (&[protocol], ProblemCode::Unauthenticated),
        (
            &[protocol, ("authorization", "Bearer nonsense")],
            ProblemCode::Unauthenticated,
        ),
        (
            &[("sec-websocket-protocol", "sotto.v1, nonsense")],
            ProblemCode::Unauthenticated,
        ),
        (
            &[protocol, ("authorization", &bearer(&enrolment))],
            ProblemCode::Forbidden,
        ),
        (&[("authorization", &token)], ProblemCode::InvalidRequest),
        (
            &[
                protocol,
                ("authorization", &token),
                ("origin", "https://evil.example"),
            ],
            ProblemCode::Forbidden,
        ),
    ];
    for (headers, code) in cases {
        assert_eq!(refused(&server, headers).await, code, "{headers:?}");
    }
    let plain = server.get("/v1/ws").header("authorization", &token).send().await;
    plain.is(ProblemCode::InvalidRequest);
    assert_eq!(
        server.post("/v1/ws").send().await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn a_page_of_an_origin_that_the_configuration_names_may_connect() {
    let server =
        TestServer::start_with(|config| config.web.origins = vec!["http://localhost:5173".to_owned()]).await;
    let alice = Person::register(&server, "alice").await;
    let token = bearer(&alice.tokens.access_token);
    let headers = [
        ("sec-websocket-protocol", "sotto.v1"),
        ("authorization", &*token),
        ("origin", "http://localhost:5173"),
    ];
    assert!(Socket::open(&server, &headers).await.is_ok());
}

#[tokio::test]
async fn a_message_is_accepted_and_reaches_the_other_side() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let (mut at_alice, mut at_bob) = (alice.connect(&server).await, bob.connect(&server).await);
    let outcome = at_alice.say(chat, 1, b"hello").await;
    assert!(
        matches!(
            outcome,
            Outcome::Accepted {
                seq: Some(Seq(1)),
                reached: 1,
                ..
            }
        ),
        "{outcome:?}"
    );
    let entry = at_bob
        .until(|frame| matches!(frame, ServerFrame::Entry { .. }))
        .await;
    let ServerFrame::Entry { entry, .. } = entry else {
        panic!("{entry:?}");
    };
    assert_eq!(
        (entry.seq, entry.from, entry.kind),
        (Seq(1), alice.address(), EntryKind::Application)
    );
    assert_eq!(&*entry.payload, mls::application(chat, 1, b"hello"));

    at_bob.send(&ClientFrame::Ack { chat, seq: Seq(1) }).await;
    let page = at_bob
        .ask(|request| ClientFrame::Fetch {
            request,
            chat,
            after: Seq::ZERO,
            limit: 10,
        })
        .await;
    assert_eq!(
        page,
        Outcome::Page(Page {
            entries: vec![entry],
            last: Seq(1)
        })
    );
}

#[tokio::test]
async fn an_invitation_waits_until_it_is_acknowledged() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    for _ in 0..2 {
        let protocols = format!("sotto.v1, {}", bob.tokens.access_token.reveal());
        let mut socket = Socket::open(&server, &[("sec-websocket-protocol", &protocols)])
            .await
            .unwrap();
        let welcome = socket
            .until(|frame| matches!(frame, ServerFrame::Welcome { .. }))
            .await;
        let expected = ServerFrame::Welcome {
            chat,
            after: Seq::ZERO,
            from: alice.address(),
            payload: mls::welcome(Suite::XWing).into(),
        };
        assert_eq!(welcome, expected);
    }
}

#[tokio::test]
async fn a_device_joins_its_accounts_chat_alone() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let laptop = bob.at_new_device(&server).await;
    let mut at_alice = alice.connect(&server).await;
    let mut at_laptop = laptop.connect(&server).await;
    let outcome = at_laptop
        .ask(|request| ClientFrame::Commit {
            request,
            chat,
            message: MessageId::from_bytes(random()),
            after: Seq::ZERO,
            commit: mls::external_commit(chat, 1).into(),
            group_info: mls::group_info(laptop.address(), chat, 2, Suite::XWing, &alice.direct_with(&bob))
                .into(),
            added: vec![laptop.address()],
            removed: vec![],
            as_newcomer: false,
            welcome: None,
        })
        .await;
    assert!(
        matches!(
            outcome,
            Outcome::Accepted {
                seq: Some(Seq(1)),
                ..
            }
        ),
        "{outcome:?}"
    );
    at_alice
        .until(|frame| matches!(frame, ServerFrame::Entry { entry, .. } if entry.kind == EntryKind::Commit))
        .await;
    let stale = Refusal {
        code: ProblemCode::StaleEpoch,
        epoch: Some(Epoch(2)),
    };
    assert_eq!(at_alice.say(chat, 1, b"too late").await, Outcome::Refused(stale));
    assert!(matches!(
        at_laptop.say(chat, 2, b"hi").await,
        Outcome::Accepted { .. }
    ));
}

#[tokio::test]
async fn a_commit_that_claims_someone_elses_device_or_a_strangers_is_refused() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut socket = alice.connect(&server).await;
    let mut commit = async |added: Vec<_>, removed: Vec<_>| {
        let welcome = (!added.is_empty()).then(|| Bytes::from(mls::welcome(Suite::XWing)));
        socket
            .ask(|request| ClientFrame::Commit {
                request,
                chat,
                message: MessageId::from_bytes(random()),
                after: Seq::ZERO,
                commit: mls::commit(chat, 1).into(),
                group_info: mls::group_info(alice.address(), chat, 2, Suite::XWing, &alice.direct_with(&bob))
                    .into(),
                added,
                removed,
                as_newcomer: false,
                welcome,
            })
            .await
    };
    let refused = Outcome::Refused(ProblemCode::MembershipRefused.into());
    assert_eq!(commit(vec![carol.address()], vec![]).await, refused);
    assert_eq!(commit(vec![], vec![bob.address()]).await, refused);
    assert_eq!(commit(vec![], vec![carol.address()]).await, refused);
    // A self-update, in the same epoch still.
    assert!(matches!(commit(vec![], vec![]).await, Outcome::Accepted { .. }));
}

#[tokio::test]
async fn a_chat_that_one_is_not_in_takes_and_gives_nothing() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut at_carol = carol.connect(&server).await;
    let not_found = Outcome::Refused(ProblemCode::ChatNotFound.into());
    assert_eq!(at_carol.say(chat, 1, b"hello").await, not_found);
    let fetched = at_carol
        .ask(|request| ClientFrame::Fetch {
            request,
            chat,
            after: Seq::ZERO,
            limit: 1,
        })
        .await;
    assert_eq!(fetched, not_found);
    let joined = at_carol
        .ask(|request| ClientFrame::Commit {
            request,
            chat,
            message: MessageId::from_bytes(random()),
            after: Seq::ZERO,
            commit: mls::external_commit(chat, 1).into(),
            group_info: mls::group_info(carol.address(), chat, 2, Suite::XWing, &alice.direct_with(&bob))
                .into(),
            added: vec![carol.address()],
            removed: vec![],
            as_newcomer: false,
            welcome: None,
        })
        .await;
    assert_eq!(joined, not_found);
    at_carol.send(&ClientFrame::Ack { chat, seq: Seq(9) }).await;
    let payload = Bytes::from_static(b"typing");
    at_carol.send(&ClientFrame::Signal { chat, payload }).await;

    let mut at_alice = alice.connect(&server).await;
    let outcome = at_alice.say(chat, 1, b"hello").await;
    assert!(
        matches!(
            outcome,
            Outcome::Accepted {
                seq: Some(Seq(1)),
                ..
            }
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn what_is_no_frame_ends_the_connection_with_a_reason() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let nonsense = [
        Message::Text("hello".into()),
        Message::Binary(Bytes::new()),
        Message::Binary(Bytes::from_static(b"\xff\xff\xff\xff")),
        // A variant that is newer than the server.
        Message::Binary(Bytes::from_static(&[7])),
        // A frame that goes on after its end.
        Message::Binary(Bytes::from_static(&[6, 0])),
        // A signal that is too large.
        Message::Binary(
            ClientFrame::Signal {
                chat: ChatId::from_bytes([0; 16]),
                payload: vec![0; limits::SIGNAL_BYTES + 1].into(),
            }
            .encode(),
        ),
    ];
    for message in nonsense {
        let mut socket = alice.connect(&server).await;
        socket.send_message(message).await;
        socket.is_told_goodbye(Goodbye::Malformed).await;
    }
    let mut socket = alice.connect(&server).await;
    socket.send(&ClientFrame::Ping).await;
    assert_eq!(socket.next().await, Some(ServerFrame::Pong));
}

#[tokio::test]
async fn a_frame_that_is_too_large_ends_the_connection() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut socket = alice.connect(&server).await;
    let large = Message::Binary(vec![0; limits::FRAME_BYTES + 1].into());
    // The server stops reading at the head of the frame, so that sending may fail halfway.
    socket.try_send_message(large).await;
    socket.is_gone().await;
    assert_eq!(server.get("/health").send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_payload_over_its_limit_is_refused_and_the_connection_goes_on() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut socket = alice.connect(&server).await;
    let large = vec![0; limits::PAYLOAD_BYTES];
    let outcome = socket.say(chat, 1, &large).await;
    assert_eq!(outcome, Outcome::Refused(ProblemCode::TooLarge.into()));
    let outcome = socket
        .ask(|request| ClientFrame::Send {
            request,
            chat,
            message: MessageId::from_bytes(random()),
            after: Seq::ZERO,
            retention: Retention::For { seconds: 0 },
            payload: mls::application(chat, 1, b"").into(),
        })
        .await;
    assert_eq!(outcome, Outcome::Refused(ProblemCode::InvalidRetention.into()));
    assert!(matches!(
        socket.say(chat, 1, b"fits").await,
        Outcome::Accepted { .. }
    ));
}

#[tokio::test]
async fn more_requests_than_may_be_in_flight_are_all_answered() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut socket = alice.connect(&server).await;
    let number = u32::try_from(limits::FRAMES_IN_FLIGHT).unwrap() * 3;
    for request in 0..number {
        let frame = ClientFrame::Send {
            request: sotto_protocol::frame::RequestId(request),
            chat,
            message: MessageId::from_bytes(random()),
            after: Seq::ZERO,
            retention: Retention::Keep,
            payload: mls::application(chat, 1, b"one of many").into(),
        };
        socket.send(&frame).await;
    }
    for _ in 0..number {
        let answer = socket
            .until(|frame| matches!(frame, ServerFrame::Response { .. }))
            .await;
        assert!(
            matches!(
                &answer,
                ServerFrame::Response {
                    outcome: Outcome::Accepted { .. },
                    ..
                }
            ),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_newer_connection_of_the_device_ends_the_older() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut older = alice.connect(&server).await;
    let mut newer = alice.connect(&server).await;
    older.is_told_goodbye(Goodbye::Replaced).await;
    newer.send(&ClientFrame::Ping).await;
    assert_eq!(newer.next().await, Some(ServerFrame::Pong));
}

#[tokio::test]
async fn a_silent_connection_is_asked_and_then_dropped() {
    let server = TestServer::start_with(|config| config.timeouts.idle_seconds = 1).await;
    let alice = Person::register(&server, "alice").await;
    let socket = alice.connect(&server).await;
    socket.hears_nothing_and_is_dropped().await;
}
