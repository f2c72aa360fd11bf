//! Bans: every door is shut at once, and open again when they are over.

use crate::administration::{asks, with_role};
use crate::support::person::{PASSWORD, login_key, recovery_key};
use crate::support::{Answer, Person, Socket, TestServer, admin, eventually, random};
use ed25519_dalek::{Signer as _, SigningKey};
use http::{Method, StatusCode};
use serde_json::json;
use sotto_protocol::frame::{Goodbye, Outcome, ServerFrame};
use sotto_protocol::login_proof::{DEVICE_LINK_LOGIN, RECOVERY_LOGIN};
use sotto_protocol::rest::auth::{
    AnswerChallenge, DeviceLinkOffered, LoginChallenged, OfferDeviceLink, Refresh, SessionTokens,
    StartDeviceLink, StartPassword, StartRecovery,
};
use sotto_protocol::rest::device::{Devices, EnrolDevice};
use sotto_protocol::rest::user::User;
use sotto_protocol::{Ban, DeviceLinkId, ProblemCode, Signature, Timestamp};
use sotto_server::clock::{Clock as _, SystemClock};

/// Ten years from when this was written: long enough.
pub(crate) const UNTIL: Timestamp = Timestamp(2_100_000_000_000);

pub(crate) async fn bans(server: &TestServer, by: &Person, whom: &Person, until: Option<Timestamp>) {
    let path = format!("/account/{}/ban", whom.account);
    let body = json!({ "reason": "Sold what is not sold here.", "until": until });
    let banned = asks(server, by, Method::PUT, &path, body).await;
    assert_eq!(banned.status, StatusCode::NO_CONTENT, "{banned:?}");
}

async fn unbans(server: &TestServer, by: &Person, whom: &Person) {
    let path = format!("/account/{}/ban", whom.account);
    let unbanned = asks(server, by, Method::DELETE, &path, json!({})).await;
    assert_eq!(unbanned.status, StatusCode::NO_CONTENT, "{unbanned:?}");
}

#[track_caller]
pub(crate) fn is_banned(answer: &Answer) {
    let problem = answer.problem();
    assert_eq!(problem.code, ProblemCode::Banned, "{problem:?}");
    let expected = Ban {
        reason: "Sold what is not sold here.".to_owned(),
        until: Some(UNTIL),
    };
    assert_eq!(problem.ban, Some(expected));
}

async fn refreshes(server: &TestServer, who: &Person) -> Answer {
    let refresh_token = who.tokens.refresh_token.clone();
    server
        .post("/v1/auth/refresh")
        .json(&Refresh { refresh_token })
        .await
}

async fn reads_devices(server: &TestServer, who: &Person) -> Answer {
    server
        .get("/v1/device")
        .token(&who.tokens.access_token)
        .send()
        .await
}

fn signed(key: &SigningKey, label: &str, bytes: &[u8]) -> Signature {
    let message = [label.as_bytes(), &[0], bytes].concat();
    Signature::from_bytes(key.sign(&message).to_bytes())
}

async fn recovers(server: &TestServer, who: &Person, key: &SigningKey) -> Answer {
    let start = StartRecovery {
        name: who.name.clone(),
        captcha: None,
    };
    let challenged: LoginChallenged = server.post("/v1/auth/recovery").json(&start).await.ok();
    let bytes = challenged.challenge.by_recovery_code(&who.name);
    let answer = AnswerChallenge {
        login: challenged.login,
        signature: signed(key, RECOVERY_LOGIN, &bytes),
    };
    server.post("/v1/auth/recovery/finish").json(&answer).await
}

#[tokio::test]
async fn a_banned_account_is_refused_at_every_door_and_told_why_once_it_has_shown_who_it_is() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "moderator").await;
    let mut bob = Person::register(&server, "bob").await;
    let phone = bob.at_new_device(&server).await;
    let mut sockets = [bob.connect(&server).await, phone.connect(&server).await];
    let enrolment = bob.log_in(&server).await.enrolment_token;
    let link = DeviceLinkId::from_bytes(random());
    let link_key = SigningKey::from_bytes(&random());
    let offer = OfferDeviceLink {
        login_key: login_key(&link_key),
        vault: vec![5; 150].into(),
    };
    let _: DeviceLinkOffered = server
        .put(&format!("/v1/auth/device-link/{link}"))
        .token(&bob.tokens.access_token)
        .json(&offer)
        .await
        .ok();

    bans(&server, &alice, &bob, Some(UNTIL)).await;

    for socket in &mut sockets {
        socket.is_told_goodbye(Goodbye::Banned).await;
    }
    for device in [&bob, &phone] {
        is_banned(&reads_devices(&server, device).await);
        is_banned(&refreshes(&server, device).await);
    }
    let authorization = format!("Bearer {}", bob.tokens.access_token.reveal());
    let headers = [
        ("sec-websocket-protocol", "sotto.v1"),
        ("authorization", &*authorization),
    ];
    let refused = Socket::open(&server, &headers).await.err().unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    // By password, by recovery code, by an old device's code: to who has the right one alone.
    is_banned(&bob.try_log_in(&server, PASSWORD).await);
    bob.try_log_in(&server, b"a guess")
        .await
        .is(ProblemCode::WrongCredentials);
    is_banned(&recovers(&server, &bob, &recovery_key(bob.account)).await);
    recovers(&server, &bob, &SigningKey::from_bytes(&[9; 32]))
        .await
        .is(ProblemCode::WrongCredentials);
    for (label, is_right) in [(RECOVERY_LOGIN, false), (DEVICE_LINK_LOGIN, true)] {
        let start = StartDeviceLink { link };
        let challenged: LoginChallenged = server.post("/v1/auth/device-link").json(&start).await.ok();
        let answer = AnswerChallenge {
            login: challenged.login,
            signature: signed(&link_key, label, &challenged.challenge.by_device_link(link)),
        };
        let answer = server.post("/v1/auth/device-link/finish").json(&answer).await;
        if is_right {
            is_banned(&answer);
        } else {
            answer.is(ProblemCode::DeviceLinkRefused);
        }
    }
    // With what a login gave before the ban.
    let enrol = EnrolDevice {
        device_key: bob.device_key,
        device_list: None,
        name: None,
        oidc: None,
    };
    let path = format!("/v1/device/{}", bob.device);
    is_banned(&server.put(&path).token(&enrolment).json(&enrol).await);
    let start = StartPassword {
        request: vec![1; 32].into(),
    };
    is_banned(
        &server
            .post("/v1/auth/password")
            .token(&enrolment)
            .json(&start)
            .await,
    );
    is_banned(&server.delete("/v1/user/bob").token(&enrolment).send().await);
    // Others see nothing of it.
    let _: User = server.get("/v1/user/bob").send().await.ok();

    unbans(&server, &alice, &bob).await;
    let _: Devices = reads_devices(&server, &bob).await.ok();
    let _: SessionTokens = refreshes(&server, &bob).await.ok();
    bob.log_in(&server).await;
}

#[tokio::test]
async fn what_is_said_to_a_banned_account_waits_for_it() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "administrator").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    bans(&server, &alice, &bob, None).await;
    let said = alice.connect(&server).await.say(chat, 1, b"are you there?").await;
    assert!(matches!(said, Outcome::Accepted { .. }), "{said:?}");
    unbans(&server, &alice, &bob).await;
    let authorization = format!("Bearer {}", bob.tokens.access_token.reveal());
    let headers = [
        ("sec-websocket-protocol", "sotto.v1"),
        ("authorization", &*authorization),
    ];
    let mut socket = Socket::open(&server, &headers).await.unwrap();
    let cursor = socket
        .until(|frame| matches!(frame, ServerFrame::Cursor { .. }))
        .await;
    assert!(
        matches!(cursor, ServerFrame::Cursor { chat: of, last, .. } if of == chat && last.0 == 1),
        "{cursor:?}"
    );
}

#[tokio::test]
async fn a_ban_ends_by_itself() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "administrator").await;
    let bob = Person::register(&server, "bob").await;
    let until = SystemClock.now().plus_millis(400);
    bans(&server, &alice, &bob, Some(until)).await;
    reads_devices(&server, &bob).await.is(ProblemCode::Banned);
    eventually(async || reads_devices(&server, &bob).await.status.is_success()).await;
    bob.connect(&server).await;
}

#[tokio::test]
async fn a_ban_from_the_command_line_ends_connections_of_a_server_that_runs() {
    let server = TestServer::start().await;
    let bob = Person::register(&server, "bob").await;
    let mut socket = bob.connect(&server).await;
    admin(&server, &["account", "ban", "bob", "--reason", "spam"])
        .await
        .unwrap();
    socket.is_told_goodbye(Goodbye::Banned).await;
    reads_devices(&server, &bob).await.is(ProblemCode::Banned);
    let without_reason = admin(&server, &["account", "ban", "bob", "--reason", " "]).await;
    assert!(without_reason.unwrap_err().contains("told why"));
}
