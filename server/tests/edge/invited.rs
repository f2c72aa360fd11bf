//! Who may register, and with what.

use crate::support::{Person, TestServer, admin};
use http::StatusCode;
use serde_json::{Value, json};
use sotto_protocol::rest::server::{RegistrationPolicy, ServerInfo};
use sotto_protocol::rest::user::CreateUser;
use sotto_protocol::{InviteCode, ProblemCode};
use std::process::Command;

async fn invited() -> TestServer {
    TestServer::start_with(|config| config.registration.policy = RegistrationPolicy::Invited).await
}

async fn new_code(server: &TestServer, arguments: &[&str]) -> String {
    let (code, _) = admin(server, &[&["invite", "create"], arguments].concat())
        .await
        .unwrap();
    code.trim().to_owned()
}

/// The request that creates an account, with this invite.
async fn creation(server: &TestServer, name: &str, invite: Option<&str>) -> Value {
    let creation: CreateUser = Person::creation(server, name).await;
    let mut creation = serde_json::to_value(creation).unwrap();
    if let Some(invite) = invite {
        creation["invite"] = json!(invite);
    }
    creation
}

#[tokio::test]
async fn anyone_is_told_who_may_register() {
    for policy in [
        RegistrationPolicy::Open,
        RegistrationPolicy::Invited,
        RegistrationPolicy::Closed,
    ] {
        let server = TestServer::start_with(|config| config.registration.policy = policy).await;
        let answer = server.get("/v1/server").send().await;
        let text: Value = answer.ok();
        assert_eq!(text["registration"], policy.as_str());
        let info: ServerInfo = answer.ok();
        assert_eq!(info.registration, policy);
    }
}

#[tokio::test]
async fn who_has_no_invite_is_asked_for_one() {
    let server = invited().await;
    let creation = creation(&server, "alice", None).await;
    server
        .put("/v1/user/alice")
        .json(&creation)
        .await
        .is(ProblemCode::InviteRequired);
}

#[tokio::test]
async fn an_invite_makes_as_many_accounts_as_it_has_uses() {
    let server = invited().await;
    let code = new_code(&server, &["--uses", "2"]).await;
    let sloppy = code
        .to_lowercase()
        .replace('-', " ")
        .replace('0', "o")
        .replace('1', "l");
    for (name, code) in [("alice", &code), ("bob", &sloppy)] {
        let creation = creation(&server, name, Some(code)).await;
        let created = server.put(&format!("/v1/user/{name}")).json(&creation).await;
        assert_eq!(created.status, StatusCode::CREATED);
    }
    let creation = creation(&server, "carol", Some(&code)).await;
    server
        .put("/v1/user/carol")
        .json(&creation)
        .await
        .is(ProblemCode::InviteInvalid);
    server
        .get("/v1/user/carol")
        .send()
        .await
        .is(ProblemCode::UserNotFound);
}

#[tokio::test]
async fn a_code_that_is_unknown_or_none_has_one_answer() {
    let server = invited().await;
    let mut answers = Vec::new();
    for code in ["0000-0000-0000-0000", "letmein", ""] {
        let creation = creation(&server, "alice", Some(code)).await;
        let answer = server.put("/v1/user/alice").json(&creation).await;
        answer.is(ProblemCode::InviteInvalid);
        answers.push(answer.problem());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn where_anyone_may_register_an_invite_is_ignored() {
    let server = TestServer::start().await;
    let creation = creation(&server, "alice", Some("letmein")).await;
    let created = server.put("/v1/user/alice").json(&creation).await;
    assert_eq!(created.status, StatusCode::CREATED);
}

#[tokio::test]
async fn invites_are_administered_while_the_server_runs_and_while_it_does_not() {
    let server = invited().await;
    let (code, remark) = admin(
        &server,
        &["invite", "create", "--note", "for Zoë", "--expires-in", "2h"],
    )
    .await
    .unwrap();
    assert!(remark.contains("good for 1 account until 20"), "{remark}");
    let code: InviteCode = code.parse().unwrap();
    let (listed, _) = admin(&server, &["invite", "list"]).await.unwrap();
    let line = listed.lines().nth(1).unwrap();
    assert!(line.contains(" command line "), "{line}");
    assert!(line.ends_with("for Zoë"), "{line}");
    assert!(!listed.contains(&code.to_text()));
    let id = line.split(' ').next().unwrap().to_owned();
    assert!(remark.contains(&id));

    let (directory, config) = server.stop().await;
    for file in ["sotto.db", "sotto.db-wal"] {
        let Ok(bytes) = std::fs::read(directory.path().join(file)) else {
            continue;
        };
        for secret in [code.to_text().as_bytes(), code.reveal().as_slice()] {
            assert!(
                memchr::memmem::find(&bytes, secret).is_none(),
                "{file} has the code"
            );
        }
    }
    let offline = Command::new(env!("CARGO_BIN_EXE_sotto-server"))
        .arg("--data")
        .arg(directory.path())
        .args(["admin", "invite", "revoke", &id])
        .output()
        .unwrap();
    assert!(offline.status.success(), "{offline:?}");

    let server = TestServer::start_in(directory, config).await;
    let again = admin(&server, &["invite", "revoke", &id]).await.unwrap_err();
    assert!(again.contains("there is no invite"), "{again}");
    let creation = creation(&server, "alice", Some(&code.to_text())).await;
    server
        .put("/v1/user/alice")
        .json(&creation)
        .await
        .is(ProblemCode::InviteInvalid);
}
