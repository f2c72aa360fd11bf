use crate::support::group::TestGroup;
use crate::support::push_service::{Browser, PushService};
use crate::support::{Person, Socket, TestServer, eventually, random, soon};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use sotto_protocol::chat_rules::{Inviters, JoinPolicy};
use sotto_protocol::frame::Outcome;
use sotto_protocol::rest::notification::{NotificationKey, Subscription};
use sotto_protocol::{ChatId, ProblemCode, binary, limits};
use sotto_server::clock::{Clock as _, SystemClock};
use std::collections::BTreeSet;

const PATH: &str = "/v1/notification/subscription";

/// Lets somebody be woken at the service, at `/<name>`, but for some chats.
async fn subscribes(
    who: &Person,
    server: &TestServer,
    service: &PushService,
    quiet_chats: Vec<ChatId>,
) -> Browser {
    let browser = Browser::new();
    let endpoint = format!("{}/{}", service.origin(), who.name);
    let subscription = browser.subscription(endpoint, quiet_chats);
    assert_eq!(who.puts(server, PATH, &subscription).await.status, 204);
    browser
}

/// Where the server would wake somebody.
async fn known_endpoint(who: &Person, server: &TestServer) -> Option<String> {
    let known: Subscription = who.gets(server, PATH).await.ok();
    known.endpoint
}

/// Says something, and how many devices it reached at once.
async fn says(socket: &mut Socket, chat: ChatId) -> u32 {
    match socket.say(chat, 1, b"something").await {
        Outcome::Accepted { reached, .. } => reached,
        other => panic!("{other:?}"),
    }
}

/// Somebody connects and is gone again: what is said then finds nobody there.
async fn looks_in(who: &Person, server: &TestServer, socket: &mut Socket, chat: ChatId, others: u32) {
    drop(who.connect(server).await);
    eventually(async || says(socket, chat).await <= others).await;
}

/// A group of these members that Alice owns and is connected in.
async fn group(server: &TestServer, alice: &Person, members: &[&Person]) -> (ChatId, Socket) {
    let by = Inviters::Members;
    let group = TestGroup::new(alice, JoinPolicy::Invite { by });
    let group = group.create(server, alice, members).await;
    (group.id, alice.connect(server).await)
}

#[tokio::test]
async fn a_device_that_is_away_is_woken_and_told_nothing() {
    let mut service = PushService::start().await;
    let server = TestServer::start_with(PushService::is_allowed).await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let key: NotificationKey = bob.gets(&server, "/v1/notification/key").await.ok();
    let chat = alice.start_chat(&server, &bob).await;
    let browser = subscribes(&bob, &server, &service, Vec::new()).await;
    let mut socket = alice.connect(&server).await;
    assert_eq!(says(&mut socket, chat).await, 0);
    let pushed = service.next().await;
    assert_eq!(pushed.path, "/bob");
    assert_eq!(pushed.header("content-encoding"), "aes128gcm");
    assert_eq!(pushed.header("urgency"), "normal");
    assert_eq!(pushed.header("ttl"), "43200");
    let topic = pushed.header("topic").to_owned();
    assert_eq!(browser.decrypt(&pushed.body), [1]);
    let length = pushed.body.len();

    // RFC 8292: whoever sends has signed for this service alone.
    let (token, public) = pushed
        .header("authorization")
        .strip_prefix("vapid t=")
        .unwrap()
        .split_once(", k=")
        .unwrap();
    let public = binary::decode(public).unwrap();
    assert_eq!(public, key.key.as_slice());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public)
        .verify(signed.as_bytes(), &binary::decode(signature).unwrap())
        .unwrap();
    let parts: Vec<serde_json::Value> = signed
        .split('.')
        .map(|part| serde_json::from_slice(&binary::decode(part).unwrap()).unwrap())
        .collect();
    assert_eq!(parts[0]["alg"], "ES256");
    assert_eq!(parts[1]["aud"], service.origin());
    assert_eq!(parts[1]["sub"], "mailto:operator@example.org");
    let now = SystemClock.now().0 / 1000;
    assert!((now + 3600..now + 24 * 3600).contains(&parts[1]["exp"].as_u64().unwrap()));

    // What is said until it looks in wakes it no more, and then once.
    assert_eq!(says(&mut socket, chat).await, 0);
    looks_in(&bob, &server, &mut socket, chat, 0).await;
    let again = service.next().await;
    assert_eq!(browser.decrypt(&again.body), [1]);
    assert_eq!(
        (again.header("topic"), again.body.len()),
        (topic.as_str(), length)
    );
    looks_in(&bob, &server, &mut socket, chat, 0).await;
    service.next().await;
    assert_eq!(service.paths(), [""; 0]);

    // The key is the installation's.
    let server = server.restart().await;
    let same: NotificationKey = bob.gets(&server, "/v1/notification/key").await.ok();
    assert_eq!(same, key);
}

#[tokio::test]
async fn a_welcome_wakes_and_so_does_what_came_a_while_after() {
    let mut service = PushService::start().await;
    let server = TestServer::start_with(|config| {
        PushService::is_allowed(config);
        config.push.interval_seconds = 1;
    })
    .await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    subscribes(&bob, &server, &service, Vec::new()).await;
    let chat = alice.start_chat(&server, &bob).await;
    assert_eq!(service.next().await.path, "/bob");
    // It stays away: it is told once more, when the while is over.
    let mut socket = alice.connect(&server).await;
    says(&mut socket, chat).await;
    assert_eq!(service.next().await.path, "/bob");
}

#[tokio::test]
async fn who_is_there_or_does_not_want_it_is_not_woken() {
    let mut service = PushService::start().await;
    let server = TestServer::start_with(PushService::is_allowed).await;
    let mut alice = Person::register(&server, "alice").await;
    let laptop = alice.at_new_device(&server).await;
    let mut people = Vec::new();
    for name in ["there", "quiet", "blocks", "unsubscribed", "gone", "away"] {
        people.push(Person::register(&server, name).await);
    }
    let [there, quiet, blocks, unsubscribed, gone, away] = &people[..] else {
        unreachable!()
    };
    let mut members: Vec<_> = people.iter().collect();
    members.push(&laptop);
    let (chat, mut socket) = group(&server, &alice, &members).await;
    for who in [&laptop, there, blocks, unsubscribed, gone, away] {
        subscribes(who, &server, &service, vec![ChatId::from_bytes(random())]).await;
    }
    subscribes(quiet, &server, &service, vec![chat]).await;
    let _there = there.connect(&server).await;
    let block = format!("/v1/block/{}", alice.account);
    assert_eq!(blocks.puts(&server, &block, &()).await.status, 204);
    assert_eq!(unsubscribed.deletes(&server, PATH).await.status, 204);
    let logout = server.post("/v1/auth/logout").token(&gone.tokens.access_token);
    assert_eq!(logout.send().await.status, 204);
    for _ in 0..3 {
        looks_in(away, &server, &mut socket, chat, 1).await;
        assert_eq!(service.next().await.path, "/away");
    }
    let others: BTreeSet<_> = service.paths().into_iter().collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test]
async fn a_subscription_that_is_gone_is_forgotten() {
    let mut service = PushService::start().await;
    let server = TestServer::start_with(PushService::is_allowed).await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    let (chat, mut socket) = group(&server, &alice, &[&bob, &carol]).await;
    assert_eq!(known_endpoint(&bob, &server).await, None);
    subscribes(&bob, &server, &service, Vec::new()).await;
    let endpoint = format!("{}/bob", service.origin());
    assert_eq!(known_endpoint(&bob, &server).await, Some(endpoint));
    service.answers_next(410, None);
    says(&mut socket, chat).await;
    assert_eq!(service.next().await.path, "/bob");
    subscribes(&carol, &server, &service, Vec::new()).await;
    // What is being forgotten may be found once more.
    soon(async {
        loop {
            drop(bob.connect(&server).await);
            looks_in(&carol, &server, &mut socket, chat, 0).await;
            let mut paths = BTreeSet::from([service.next().await.path]);
            while !paths.contains("/carol") {
                paths.insert(service.next().await.path);
            }
            if !paths.contains("/bob") {
                break;
            }
            service.answers_next(404, None);
        }
    })
    .await;
    eventually(async || known_endpoint(&bob, &server).await.is_none()).await;
    // It subscribes anew.
    subscribes(&bob, &server, &service, Vec::new()).await;
    drop(bob.connect(&server).await);
    eventually(async || says(&mut socket, chat).await == 0).await;
    while service.next().await.path != "/bob" {}
}

#[tokio::test]
async fn a_push_service_that_is_busy_is_tried_again_and_none_leads_elsewhere() {
    let mut service = PushService::start().await;
    let server = TestServer::start_with(PushService::is_allowed).await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let browser = subscribes(&bob, &server, &service, Vec::new()).await;
    service.answers_next(503, None);
    service.answers_next(307, Some(("location", format!("{}/elsewhere", service.origin()))));
    let mut socket = alice.connect(&server).await;
    says(&mut socket, chat).await;
    let first = service.next().await;
    let second = service.next().await;
    assert_eq!((first.path.as_str(), second.path.as_str()), ("/bob", "/bob"));
    assert_ne!(first.body, second.body, "each is encrypted anew");
    assert_eq!(browser.decrypt(&second.body), [1]);
    looks_in(&bob, &server, &mut socket, chat, 0).await;
    assert_eq!(service.next().await.path, "/bob");
    assert_eq!(service.paths(), [""; 0]);
}

#[tokio::test]
async fn what_went_into_a_connection_that_was_dead_wakes_when_that_is_noticed() {
    let mut service = PushService::start().await;
    let server = TestServer::start_with(PushService::is_allowed).await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let browser = subscribes(&bob, &server, &service, Vec::new()).await;
    let mut socket = alice.connect(&server).await;
    let bobs = bob.connect(&server).await;
    assert_eq!(says(&mut socket, chat).await, 1);
    drop(bobs);
    assert_eq!(browser.decrypt(&service.next().await.body), [1]);
}

#[tokio::test]
async fn an_endpoint_that_could_lead_into_the_servers_network_is_refused() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let browser = Browser::new();
    let of = |endpoint: &str| browser.subscription(endpoint.to_owned(), Vec::new());
    let refused = ProblemCode::EndpointRefused;
    let invalid = ProblemCode::InvalidRequest;
    let long = format!("https://push.example/{}", "a".repeat(limits::PUSH_ENDPOINT_BYTES));
    for (endpoint, code) in [
        ("https://127.0.0.1/", refused),
        ("https://[::1]/", refused),
        ("https://169.254.169.254/latest", refused),
        ("https://push.example:8443/", refused),
        ("http://push.example/", invalid),
        ("https://user:word@push.example/", invalid),
        ("push.example", invalid),
        (&long, invalid),
    ] {
        alice.puts(&server, PATH, &of(endpoint)).await.is(code);
    }
    let right = || of("https://push.example/a");
    let mut wrong = [right(), right(), right()];
    wrong[0].p256dh = vec![4; 65].into();
    wrong[1].p256dh = vec![4; 64].into();
    wrong[2].auth = vec![4; 15].into();
    for wrong in &wrong {
        alice.puts(&server, PATH, wrong).await.is(invalid);
    }
    let many = (0..=limits::QUIET_CHATS).map(|_| ChatId::from_bytes(random()));
    let many = browser.subscription("https://push.example/a".to_owned(), many.collect());
    alice.puts(&server, PATH, &many).await.is(ProblemCode::TooLarge);
    assert_eq!(alice.puts(&server, PATH, &right()).await.status, 204);
    assert_eq!(alice.deletes(&server, PATH).await.status, 204);
    assert_eq!(alice.deletes(&server, PATH).await.status, 204);
    server
        .get("/v1/notification/key")
        .send()
        .await
        .is(ProblemCode::Unauthenticated);
}
