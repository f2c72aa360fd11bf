use crate::support::{Person, TestServer};
use http::StatusCode;
use sotto_protocol::ProblemCode;
use sotto_protocol::frame::Goodbye;
use sotto_protocol::rest::auth::{Refresh, SessionTokens, Token};
use sotto_protocol::rest::device::Devices;

async fn refresh(server: &TestServer, refresh_token: &Token) -> crate::support::Answer {
    let refresh_token = refresh_token.clone();
    server
        .post("/v1/auth/refresh")
        .json(&Refresh { refresh_token })
        .await
}

async fn is_alive(server: &TestServer, token: &Token) -> bool {
    let answer = server.get("/v1/device").token(token).send().await;
    if answer.status.is_success() {
        return true;
    }
    answer.is(ProblemCode::SessionEnded);
    false
}

#[tokio::test]
async fn whoever_has_no_token_of_this_server_is_asked_to_log_in() {
    let server = TestServer::start().await;
    let elsewhere = TestServer::start().await;
    let stranger = Person::register(&elsewhere, "alice").await;
    let without = server.get("/v1/device").send().await;
    without.is(ProblemCode::Unauthenticated);
    assert_eq!(without.header("www-authenticate"), "Bearer");
    for token in [stranger.tokens.access_token, Token::new("nonsense".to_owned())] {
        server
            .get("/v1/device")
            .token(&token)
            .send()
            .await
            .is(ProblemCode::Unauthenticated);
    }
    server
        .get("/v1/device")
        .header("authorization", "Basic YTpi")
        .send()
        .await
        .is(ProblemCode::Unauthenticated);
}

#[tokio::test]
async fn a_refresh_token_is_replaced_by_each_use() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let second: SessionTokens = refresh(&server, &alice.tokens.refresh_token).await.ok();
    let third: SessionTokens = refresh(&server, &second.refresh_token).await.ok();
    assert_ne!(second.refresh_token.reveal(), third.refresh_token.reveal());
    assert!(is_alive(&server, &third.access_token).await);
}

#[tokio::test]
async fn a_refresh_token_in_two_hands_ends_the_session_and_its_connection() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut socket = alice.connect(&server).await;
    let second: SessionTokens = refresh(&server, &alice.tokens.refresh_token).await.ok();
    let third: SessionTokens = refresh(&server, &second.refresh_token).await.ok();

    refresh(&server, &alice.tokens.refresh_token)
        .await
        .is(ProblemCode::SessionEnded);
    socket.is_told_goodbye(Goodbye::SessionEnded).await;
    assert!(!is_alive(&server, &third.access_token).await);
    refresh(&server, &third.refresh_token)
        .await
        .is(ProblemCode::SessionEnded);
}

#[tokio::test]
async fn a_refresh_token_that_nobody_issued_is_refused() {
    let server = TestServer::start().await;
    for text in [String::new(), "a".repeat(64), "a".repeat(10_000)] {
        refresh(&server, &Token::new(text))
            .await
            .is(ProblemCode::SessionEnded);
    }
}

#[tokio::test]
async fn logging_out_ends_tokens_and_connection_at_once() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut socket = alice.connect(&server).await;
    assert!(is_alive(&server, &alice.tokens.access_token).await);
    let answer = server
        .post("/v1/auth/logout")
        .token(&alice.tokens.access_token)
        .send()
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    socket.is_told_goodbye(Goodbye::SessionEnded).await;
    assert!(!is_alive(&server, &alice.tokens.access_token).await);
    refresh(&server, &alice.tokens.refresh_token)
        .await
        .is(ProblemCode::SessionEnded);
}

#[tokio::test]
async fn sessions_outlive_a_restart_and_ended_ones_stay_ended() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    server
        .post("/v1/auth/logout")
        .token(&bob.tokens.access_token)
        .send()
        .await;
    let server = server.restart().await;
    assert!(is_alive(&server, &alice.tokens.access_token).await);
    assert!(!is_alive(&server, &bob.tokens.access_token).await);
    let devices: Devices = server
        .get("/v1/device")
        .token(&alice.tokens.access_token)
        .send()
        .await
        .ok();
    assert_eq!(devices.devices.len(), 1);
}

#[tokio::test]
async fn who_logs_out_everywhere_is_logged_out_on_all_devices_and_nobody_else_is() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let phone = alice.at_new_device(&server).await;
    let mut sockets = [alice.connect(&server).await, phone.connect(&server).await];
    let answer = server
        .post("/v1/auth/logout-everywhere")
        .token(&alice.tokens.access_token)
        .send()
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    for socket in &mut sockets {
        socket.is_told_goodbye(Goodbye::SessionEnded).await;
    }
    for device in [&alice, &phone] {
        let token = &device.tokens.access_token;
        server
            .get("/v1/device")
            .token(token)
            .send()
            .await
            .is(ProblemCode::SessionEnded);
    }
    let answer = server
        .get("/v1/device")
        .token(&bob.tokens.access_token)
        .send()
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}
