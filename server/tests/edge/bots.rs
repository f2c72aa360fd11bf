//! Bots: who makes them, with what they register, and that a revoked token opens nothing.

use crate::administration::{asks, with_role};
use crate::support::person::PASSWORD;
use crate::support::{Person, TestServer, admin, random};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sotto_protocol::frame::{ClientFrame, Goodbye, ServerFrame};
use sotto_protocol::rest::admin::{AdminChange, AuditLog, Bots};
use sotto_protocol::rest::auth::StartRegistration;
use sotto_protocol::rest::server::RegistrationPolicy;
use sotto_protocol::rest::user::{CreateUser, User, UsersFound};
use sotto_protocol::{BotTokenHash, ProblemCode};
use sotto_server::config::Rate;
use std::time::Duration;
use tokio::time::Instant;

type Admission = [u8; 32];

fn hash(admission: &Admission) -> BotTokenHash {
    BotTokenHash::from_bytes(Sha256::digest(admission).into())
}

/// The request that registers a bot.
async fn creation(server: &TestServer, name: &str, admission: &[u8]) -> CreateUser {
    Person::creation_as(server, name, Some(admission)).await
}

/// A bot that the operator has made, and that its program has registered.
pub(crate) async fn registered(server: &TestServer, name: &str) -> Person {
    let admission: Admission = random();
    let hash = hash(&admission).to_string();
    admin(server, &["bot", "create", name, &hash]).await.unwrap();
    let creation = creation(server, name, &admission).await;
    Person::register_by(server, name, creation).await
}

#[tokio::test]
async fn a_bot_registers_with_its_token_where_nobody_else_may() {
    let server =
        TestServer::start_with(|config| config.registration.policy = RegistrationPolicy::Closed).await;
    let admission: Admission = random();
    let hash = hash(&admission).to_string();
    admin(&server, &["bot", "create", "weather", &hash])
        .await
        .unwrap();
    let puts = async |creation: &CreateUser| server.put("/v1/user/weather").json(creation).await;
    let right = creation(&server, "weather", &admission).await;
    let starts = async |name: &str, bot: Option<&[u8]>| {
        let start = StartRegistration {
            name: name.parse().unwrap(),
            request: vec![0; 32].into(),
            bot: bot.map(|admission| admission.to_vec().into()),
        };
        server.post("/v1/auth/registration").json(&start).await
    };
    for wrong in [&random::<32>()[..], &admission[..31], &[]] {
        let creation = CreateUser {
            bot: Some(wrong.to_vec().into()),
            ..right.clone()
        };
        puts(&creation).await.is(ProblemCode::BotTokenInvalid);
        starts("weather", Some(wrong))
            .await
            .is(ProblemCode::BotTokenInvalid);
    }
    // Who has no token learns nothing of who is awaited.
    for name in ["weather", "nobody"] {
        starts(name, None).await.is(ProblemCode::RegistrationClosed);
        let refused = starts(name, Some(&random::<32>())).await;
        refused.is(ProblemCode::BotTokenInvalid);
    }
    let person = CreateUser {
        bot: None,
        ..right.clone()
    };
    puts(&person).await.is(ProblemCode::RegistrationClosed);
    assert_eq!(puts(&right).await.status, StatusCode::CREATED);
    puts(&right).await.is(ProblemCode::BotTokenInvalid);

    let answer = server.get("/v1/user/weather").send().await;
    assert_eq!(answer.ok::<Value>()["bot"], true);
    assert!(answer.ok::<User>().bot);
    let (shown, _) = admin(&server, &["bot", "list"]).await.unwrap();
    assert!(
        shown.contains("weather") && shown.contains("registered"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_name_of_a_bot_that_is_awaited_is_kept_for_it() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "administrator").await;
    let token = |admission: &Admission| json!({ "token_hash": hash(admission) });
    let (lost, admission): (Admission, Admission) = (random(), random());
    let makes = async |body: Value| asks(&server, &alice, Method::PUT, "/bot/weather", body).await;
    assert_eq!(makes(token(&lost)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(makes(token(&admission)).await.status, StatusCode::NO_CONTENT);
    makes(json!({ "token_hash": "short" }))
        .await
        .is(ProblemCode::InvalidRequest);
    let person = Person::creation(&server, "weather").await;
    server
        .put("/v1/user/weather")
        .json(&person)
        .await
        .is(ProblemCode::NameTaken);
    let too_late = CreateUser {
        bot: Some(lost.to_vec().into()),
        ..person.clone()
    };
    server
        .put("/v1/user/weather")
        .json(&too_late)
        .await
        .is(ProblemCode::BotTokenInvalid);
    let bots: Bots = asks(&server, &alice, Method::GET, "/bot", json!({})).await.ok();
    assert_eq!(
        (bots.bots[0].account, bots.bots[0].made_by),
        (None, Some(alice.account))
    );
    let names_alice = asks(&server, &alice, Method::PUT, "/bot/alice", token(&admission)).await;
    names_alice.is(ProblemCode::NameTaken);
    let revokes = async || asks(&server, &alice, Method::DELETE, "/bot/weather", json!({})).await;
    assert_eq!(revokes().await.status, StatusCode::NO_CONTENT);
    revokes().await.is(ProblemCode::BotNotFound);
    Person::register_by(&server, "weather", person).await;
}

#[tokio::test]
async fn a_revoked_bot_is_refused_at_every_door_and_its_open_connection_ends() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "administrator").await;
    let bot = registered(&server, "weather").await;
    let found: UsersFound = server
        .get("/v1/user?q=weather")
        .token(&alice.tokens.access_token)
        .send()
        .await
        .ok();
    assert_eq!(found.users, []);
    let mut socket = bot.connect(&server).await;
    let body = json!({ "reason": "leaked" });
    let revoked = asks(&server, &alice, Method::DELETE, "/bot/weather", body).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    socket
        .until(|frame| matches!(frame, ServerFrame::Goodbye(Goodbye::Banned)))
        .await;
    let refused = server
        .get("/v1/device")
        .token(&bot.tokens.access_token)
        .send()
        .await;
    refused.is(ProblemCode::Banned);
    assert_eq!(refused.problem().ban.unwrap().reason, "leaked");
    let refresh = json!({ "refresh_token": bot.tokens.refresh_token });
    let refused = server.post("/v1/auth/refresh").json(&refresh).await;
    refused.is(ProblemCode::Banned);
    let refused = bot.try_log_in(&server, PASSWORD).await;
    refused.is(ProblemCode::Banned);
    let bots: Bots = asks(&server, &alice, Method::GET, "/bot", json!({})).await.ok();
    assert!(bots.bots[0].banned);
    let log: AuditLog = asks(&server, &alice, Method::GET, "/audit", json!({})).await.ok();
    let changes: Vec<_> = log.acts.iter().map(|act| &act.change).take(2).collect();
    assert!(
        matches!(
            changes[..],
            [
                AdminChange::BotRevoked { subject: Some(_), .. },
                AdminChange::BotCreated { .. }
            ]
        ),
        "{changes:?}"
    );
}

#[tokio::test]
async fn a_bot_has_a_rate_of_its_own() {
    let server = TestServer::start_with(|config| config.limits.frames_per_bot = Rate::new(4, 6_000)).await;
    let bot = registered(&server, "weather").await;
    let alice = Person::register(&server, "alice").await;
    let takes = async |who: &Person| {
        let mut socket = who.connect(&server).await;
        let begun = Instant::now();
        // What has arrived is answered; what comes then waits.
        for times in [34, 1] {
            for _ in 0..times {
                socket.send(&ClientFrame::Ping).await;
            }
            for _ in 0..times {
                socket.until(|frame| matches!(frame, ServerFrame::Pong)).await;
            }
        }
        begun.elapsed()
    };
    let slow = takes(&bot).await;
    assert!(slow >= Duration::from_millis(300), "{slow:?}");
    assert!(takes(&alice).await < slow);
}
