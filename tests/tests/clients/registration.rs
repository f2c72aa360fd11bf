//! Who may register, as clients meet it.

#![allow(clippy::unwrap_used, reason = "all of this is a test")]

use sotto_client_sdk::{ClientError, NewAccount, RegistrationPolicy};
use sotto_server::admin::{self, AdminCommand, InviteCommand};
use sotto_server::clock::SystemClock;
use sotto_tests::world::{PASSWORD, World};

/// A server for the invited alone, and a code that lets one in.
async fn invited() -> (World, String) {
    let mut kept = None;
    let mut world = World::start_with(|config| {
        config.registration.policy = RegistrationPolicy::Invited;
        kept = Some(config.clone());
    })
    .await;
    // In one process, a database is opened once.
    world.stop().await;
    let command = AdminCommand::Invite(InviteCommand::Create {
        uses: 1,
        expires_in: "1d".parse().unwrap(),
        note: String::new(),
    });
    let said = admin::run(&kept.unwrap(), command, &SystemClock).await.unwrap();
    world.start_again().await;
    (world, said.result.trim().to_owned())
}

#[tokio::test]
async fn an_invite_lets_one_in_where_others_are_told_what_they_need() {
    let (world, code) = invited().await;
    let alice = world.device().await;
    let info = alice.client.server_info().await.unwrap();
    assert_eq!(info.registration, RegistrationPolicy::Invited);
    let refused = alice.client.register("alice", PASSWORD).await;
    assert_eq!(refused.err(), Some(ClientError::InviteRequired));
    let account = NewAccount::new("alice", PASSWORD);
    for wrong in ["0000-0000-0000-0000", "letmein"] {
        let refused = alice.client.register_with(account.with_invite(wrong)).await;
        assert_eq!(refused.err(), Some(ClientError::InviteInvalid));
    }
    let code = code.to_lowercase();
    alice
        .client
        .register_with(account.with_invite(&code))
        .await
        .unwrap();
    alice.is_online().await;

    let bob = world.device().await;
    let account = NewAccount::new("bob", PASSWORD).with_invite(&code);
    let refused = bob.client.register_with(account).await;
    assert_eq!(refused.err(), Some(ClientError::InviteInvalid));
}

#[tokio::test]
async fn a_closed_server_says_so() {
    let world = World::start_with(|config| config.registration.policy = RegistrationPolicy::Closed).await;
    let alice = world.device().await;
    let refused = alice.client.register("alice", PASSWORD).await;
    assert_eq!(refused.err(), Some(ClientError::RegistrationClosed));
}
