//! Roles and bans, as clients meet them.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of this is a test"
)]

use sotto_client_sdk::protocol::rest::admin::{AdminChange, CreateInvite, ListAccounts, ReadAuditLog};
use sotto_client_sdk::protocol::rest::report::{ListReports, Outcome, Subject};
use sotto_client_sdk::protocol::{ProblemCode, RoleName};
use sotto_client_sdk::{
    Ban, ClientError, Event, LogOutReason, Permission, ReportReason, ReportedBody, ReportedContent,
};
use sotto_tests::world::{PASSWORD, Pair, World, until};

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_bans_somebody_who_is_told_why_and_finds_everything_when_that_is_lifted() {
    let mut world = World::start().await;
    let alice = world.device().await;
    alice.client.register("alice", PASSWORD).await.unwrap();
    alice.is_online().await;
    let refused = alice.client.admin().storage().await;
    assert_eq!(refused.unwrap_err().code(), ProblemCode::Forbidden.as_str());
    world.gives_role("alice", RoleName::administrator()).await;
    alice.is_online().await;
    let own = alice.client.role().await.unwrap();
    assert!(own.permissions.contains(Permission::Administer));

    let mut bob = world.device().await;
    bob.client.register("bob", PASSWORD).await.unwrap();
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    bob.client.accept_request(chat).await.unwrap();
    alice.sends(chat, "before").await;
    bob.reads(chat, &["before"]).await;
    let admin = alice.client.admin();
    let list = ListAccounts {
        q: Some("bo".to_owned()),
        ..ListAccounts::default()
    };
    let found = admin.accounts(&list).await.unwrap().accounts;
    assert_eq!(found.len(), 1);
    let account = found[0].account;
    admin
        .set_role(account, "moderator".parse().unwrap(), "helps")
        .await
        .unwrap();
    until(&mut bob.events, |event| *event == Event::RoleChanged).await;
    let permissions = bob.client.role().await.unwrap().permissions;
    assert!(permissions.contains(Permission::HandleReports));

    admin.ban(account, "Spam", None).await.unwrap();
    let ban = Ban {
        reason: "Spam".to_owned(),
        until: None,
    };
    until(&mut bob.events, |event| *event == Event::Banned(ban.clone())).await;
    let reason = LogOutReason::Banned;
    until(&mut bob.events, |event| *event == Event::LoggedOut { reason }).await;
    let refused = bob.client.log_in("bob", PASSWORD).await;
    assert_eq!(refused, Err(ClientError::Banned(ban)));
    alice.sends(chat, "meanwhile").await;
    admin.unban(account, "a mistake").await.unwrap();
    bob.client.log_in("bob", PASSWORD).await.unwrap();
    bob.reads(chat, &["before", "meanwhile"]).await;

    let invite = CreateInvite {
        uses: 1,
        expires_in: 60,
        note: String::new(),
    };
    let created = admin.create_invite(&invite).await.unwrap();
    assert!(created.code.code().is_ok());
    assert_eq!(admin.invites().await.unwrap().len(), 1);
    let page = ReadAuditLog {
        account: Some(account),
        limit: Some(1),
        ..ReadAuditLog::default()
    };
    let log = admin.audit_log(&page).await.unwrap();
    assert!(matches!(log.acts[0].change, AdminChange::Unbanned { .. }));
    assert!(log.next.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_reads_what_was_reported_and_says_what_became_of_it() {
    let Pair {
        mut world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let carol = world.person("carol").await;
    world.gives_role("carol", "moderator".parse().unwrap()).await;
    for device in [&alice, &bob, &carol] {
        device.is_online().await;
    }
    alice.sends(chat, "I know where you live").await;
    bob.ends_with(chat, "I know where you live").await;
    let threat = bob.messages(chat).await.pop().unwrap();
    let reason = ReportReason::Violence;
    let reported = bob
        .client
        .report_message(chat, threat.id, reason, "look")
        .await
        .unwrap();

    let admin = carol.client.admin();
    let waiting = admin.reports(&ListReports::default()).await.unwrap();
    let names: Vec<_> = waiting
        .accounts
        .iter()
        .map(|account| account.name.as_str())
        .collect();
    assert_eq!((waiting.reports.len(), names), (1, vec!["alice", "bob"]));
    let shown = admin.report(reported.report).await.unwrap().report;
    assert_eq!((shown.comment.as_str(), shown.reason), ("look", reason));
    let Subject::Message {
        is_proven: true,
        said,
        ..
    } = shown.subject
    else {
        panic!("{:?}", shown.subject);
    };
    let words = ReportedContent::read(said[0].content.as_slice()).unwrap().body;
    assert!(matches!(words, ReportedBody::Text(text) if text.text == "I know where you live"));
    let handled = admin
        .handle_report(reported.report, Outcome::Acted, "warned")
        .await
        .unwrap();
    assert_eq!(handled.report.handled.unwrap().note, "warned");
    assert_eq!(admin.reports(&ListReports::default()).await.unwrap().reports, []);
    let refused = bob.client.admin().reports(&ListReports::default()).await;
    assert_eq!(refused.unwrap_err().code(), ProblemCode::Forbidden.as_str());
}
