//! Bots through a real server: their tokens, and their webhooks.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of this is a test"
)]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use core::time::Duration;
use http::{HeaderMap, StatusCode};
use reqwest::Client as HttpClient;
use serde_json::{Value, json};
use sotto_client_sdk::native::SystemClock;
use sotto_client_sdk::platform::Clock;
use sotto_client_sdk::protocol::rest::server::RegistrationPolicy;
use sotto_client_sdk::protocol::{AccountName, ChatId, ProblemCode, RoleName, Timestamp};
use sotto_client_sdk::{Ban, BotToken, ClientError, Event, LogOutReason};
use sotto_server::admin::{AdminCommand, BotCommand};
use sotto_tests::world::{self, BY_ADMINS, Device, PASSWORD, PATIENCE, World, gardeners, until};
use sotto_webhooks::{Incoming, IncomingRate, Outgoing, SigningSecret, Trouble};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const SECRET: &str = "nobody can guess this one";
const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The time is the system's, and nobody waits.
struct Hasty;

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn sleep(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

fn token() -> BotToken {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    BotToken::generate(&mut rng, name())
}

fn name() -> AccountName {
    "weather".parse().unwrap()
}

/// Alice, who administers a server where nobody can register any more, and a bot that the operator has made.
async fn with_bot() -> (World, Device, BotToken) {
    let mut world = World::start().await;
    let alice = world.person("alice").await;
    world.gives_role("alice", RoleName::administrator()).await;
    world
        .restarts_with(|config| config.registration.policy = RegistrationPolicy::Closed)
        .await;
    let token = token();
    let command = BotCommand::Create {
        name: name(),
        hash: token.hash(),
    };
    world.operates(AdminCommand::Bot(command)).await;
    alice.is_online().await;
    (world, alice, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_is_let_in_by_its_token_alone_until_that_is_revoked() {
    let (world, alice, secret) = with_bot().await;
    let mallory = world.device().await;
    let refused = mallory.client.register("weather", PASSWORD).await.unwrap_err();
    // Though a bot of this name is awaited.
    assert_eq!(refused, ClientError::RegistrationClosed);
    let refused = mallory.client.log_in_as_bot(&token()).await.unwrap_err();
    assert_eq!(refused.code(), ProblemCode::BotTokenInvalid.as_str());
    let mut bot = world.device().await;
    bot.client.log_in_as_bot(&secret).await.unwrap();
    bot.is_online().await;
    bot.client.log_in_as_bot(&secret).await.unwrap();
    assert!(alice.client.profile("weather").await.unwrap().is_bot);
    let found = alice.client.search_people("weather", None).await;
    assert_eq!(found.unwrap().people, []);

    // On another machine the token is enough.
    let second = world.device().await;
    second.client.log_in_as_bot(&secret).await.unwrap();
    assert_eq!(second.account(), bot.account());
    let refused = mallory.client.log_in_as_bot(&token()).await.unwrap_err();
    assert_eq!(refused.code(), ProblemCode::BotTokenInvalid.as_str());

    alice.client.admin().revoke_bot(&name(), "leaked").await.unwrap();
    let ban = Ban {
        reason: "leaked".to_owned(),
        until: None,
    };
    until(&mut bot.events, |event| *event == Event::Banned(ban.clone())).await;
    let reason = LogOutReason::Banned;
    until(&mut bot.events, |event| *event == Event::LoggedOut { reason }).await;
    let third = world.device().await;
    for device in [&bot, &third] {
        let refused = device.client.log_in_as_bot(&secret).await;
        assert_eq!(refused, Err(ClientError::Banned(ban.clone())));
    }
    assert!(alice.client.admin().bots().await.unwrap()[0].banned);
}

/// What a program is posted.
type Post = (HeaderMap, Bytes);

/// A program that has no time for the first post that it gets, as one that is just starting.
async fn program() -> (String, mpsc::Receiver<Post>) {
    type Program = (mpsc::Sender<Post>, Arc<AtomicBool>);
    async fn take(State((posts, is_up)): State<Program>, headers: HeaderMap, body: Bytes) -> StatusCode {
        posts.send((headers, body)).await.unwrap();
        if is_up.swap(true, Ordering::Relaxed) {
            StatusCode::NO_CONTENT
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
    let (posts, taken) = mpsc::channel(16);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/hook", post(take))
        .with_state((posts, Arc::default()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, taken)
}

/// The next post, whose signature is right.
async fn next(posts: &mut mpsc::Receiver<Post>) -> (String, Value) {
    let posted = tokio::time::timeout(PATIENCE, posts.recv()).await;
    let (headers, body) = posted.unwrap().unwrap();
    let said = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (id, timestamp) = (said("webhook-id"), said("webhook-timestamp").parse().unwrap());
    let secret: SigningSecret = SIGNING.parse().unwrap();
    assert_eq!(said("webhook-signature"), secret.sign(&id, timestamp, &body));
    (id, serde_json::from_slice(&body).unwrap())
}

/// Waits until the program has taken all that was said.
async fn has_read_all(bot: &Device, chat: ChatId) {
    let mut events = bot.client.events();
    let has_unread = async || {
        let chats = bot.client.chats().await.unwrap();
        chats
            .iter()
            .any(|summary| summary.chat == chat && summary.unread > 0)
    };
    while has_unread().await {
        world::next(&mut events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bots_webhooks_give_what_is_said_in_a_group_to_a_program_and_take_what_it_answers() {
    let (world, alice, token) = with_bot().await;
    let bot = world.device().await;
    bot.client.log_in_as_bot(&token).await.unwrap();
    bot.is_online().await;
    let group = alice.founds(gardeners(BY_ADMINS, &["weather"])).await;
    bot.takes(group).await;
    alice.sends(group, "Will it rain?").await;

    let (url, mut posts) = program().await;
    let (report, mut troubles) = mpsc::unbounded_channel();
    let report = move |trouble: Trouble| {
        let _ = report.send(trouble);
    };
    let endpoint = url.parse().unwrap();
    let outgoing = Outgoing::new(
        bot.client.clone(),
        Hasty,
        endpoint,
        SIGNING.parse().unwrap(),
        report,
    );
    let posting = tokio::spawn(outgoing.unwrap().run());
    let (id, said) = next(&mut posts).await;
    assert_eq!(said["data"]["text"], "Will it rain?");
    assert_eq!(said["data"]["from"]["name"], "alice");
    assert_eq!(said["data"]["chat_kind"], "group");
    // It was not taken, so it comes again, under the same id.
    assert_eq!(next(&mut posts).await, (id, said.clone()));
    assert!(matches!(
        troubles.recv().await.unwrap(),
        Trouble::Later {
            status: Some(503),
            ..
        }
    ));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}/message", listener.local_addr().unwrap());
    let secret = SECRET.replace(' ', "-");
    let rate = IncomingRate {
        burst: 4,
        per_minute: 1,
    };
    let incoming = Incoming::new(bot.client.clone(), secret.parse().unwrap(), None, rate);
    let taking = tokio::spawn(incoming.serve(listener));
    let http = HttpClient::new();
    let posts_to_bot = async |secret: &str, body: Value| {
        let answer = http
            .post(&at)
            .bearer_auth(secret)
            .json(&body)
            .send()
            .await
            .unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let answer = json!({ "text": "Yes.", "chat": said["data"]["chat"] });
    let (status, problem) = posts_to_bot("another-secret-of-some-length", answer.clone()).await;
    assert_eq!(
        (status.as_u16(), &problem["code"]),
        (401, &json!("unauthenticated"))
    );
    for (body, expected, code) in [
        (json!({ "text": "Yes." }), 400, "invalid-request"),
        (
            json!({ "text": "Yes.", "chat": "AAAAAAAAAAAAAAAAAAAAAA" }),
            404,
            "chat-not-found",
        ),
        (json!({ "text": "Yes.", "to": "alice" }), 400, "invalid-request"),
    ] {
        let (status, problem) = posts_to_bot(&secret, body).await;
        assert_eq!((status.as_u16(), &problem["code"]), (expected, &json!(code)));
    }
    let (status, accepted) = posts_to_bot(&secret, answer.clone()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{accepted}");
    alice.hears(group, &["Will it rain?", "Yes."]).await;
    let (status, problem) = posts_to_bot(&secret, answer).await;
    assert_eq!((status.as_u16(), &problem["code"]), (429, &json!("rate-limited")));

    // What is said while nobody posts is posted the next time, and what was taken is not.
    has_read_all(&bot, group).await;
    posting.abort();
    assert!(posting.await.unwrap_err().is_cancelled());
    alice.sends(group, "When?").await;
    bot.hears(group, &["Will it rain?", "Yes.", "When?"]).await;
    let endpoint = url.parse().unwrap();
    let outgoing = Outgoing::new(
        bot.client.clone(),
        Hasty,
        endpoint,
        SIGNING.parse().unwrap(),
        |_| {},
    );
    let posting = tokio::spawn(outgoing.unwrap().run());
    let (_, said) = next(&mut posts).await;
    assert_eq!(said["data"]["text"], "When?");
    posting.abort();
    taking.abort();
}
