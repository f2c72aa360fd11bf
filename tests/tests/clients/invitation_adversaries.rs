//! Invite links against whoever has none that works, and against a server that lies about them.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::protocol::frame::{Entry, EntryKind, Outcome, ServerFrame};
use sotto_client_sdk::protocol::rest::chat::GroupInfo;
use sotto_client_sdk::protocol::{DeviceAddress, Evidence, InvitationUse, ProblemCode, Signature, Timestamp};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{ClientError, GroupChange};
use sotto_crypto_core::InviteLink;
use sotto_tests::light::ApiError;
use sotto_tests::malicious::Malicious;
use sotto_tests::tampering::{Tamper, TamperAnswer, Tampering, honest};
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, Vault, World, gardeners};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const DAY: u32 = 24 * 60 * 60;

fn showing(invitation: InvitationUse) -> Evidence {
    Evidence {
        invitation: Some(invitation),
        ..Evidence::default()
    }
}

fn is_refused(outcome: &Outcome, code: ProblemCode) {
    assert!(
        matches!(outcome, Outcome::Refused(refusal) if refusal.code == code),
        "{outcome:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_in_by_an_invitation_that_is_forged_anothers_or_revoked() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let carol = Malicious::registers(&world, "carol").await;
    let mut mallory = Malicious::registers(&world, "mallory").await;
    let chat = alice.founds(gardeners(BY_ADMINS, &[])).await;
    let code = alice.client.create_invite_link(chat, DAY, 5).await.unwrap();
    let link = InviteLink::decode(&code).unwrap();
    let good = link.use_for(&mallory.device);
    let read = mallory.reads_group_info_by(chat, &good).await.unwrap();

    let none = mallory.joins_alone(chat, &read, &Evidence::default()).await;
    is_refused(&none, ProblemCode::ChatNotFound);
    let forged = InvitationUse {
        signature: Signature::from_bytes([7; 64]),
        ..good
    };
    // Whatever Mallory sees of how Carol comes in says nothing of her own device.
    let carols = link.use_for(&carol.device);
    let claimed = InvitationUse {
        device_key: mallory.device.credential().device_key,
        ..carols
    };
    for bad in [forged, carols, claimed] {
        let refused = mallory.joins_alone(chat, &read, &showing(bad)).await;
        is_refused(&refused, ProblemCode::InvitationRefused);
        let refused = mallory.reads_group_info_by(chat, &bad).await;
        assert!(
            matches!(&refused, Err(ApiError::Refused(problem)) if problem.code == ProblemCode::InvitationRefused),
            "{refused:?}"
        );
    }
    let key = link.invitation().key;
    alice.client.revoke_invite_link(chat, key).await.unwrap();
    alice
        .sees_change(chat, alice.account(), &GroupChange::LinkRevoked)
        .await;
    // She has kept the GroupInfo in whose rules it stands.
    let late = mallory.joins_alone(chat, &read, &showing(good)).await;
    is_refused(&late, ProblemCode::InvitationRefused);
    alice.sees_group(chat, |group| group.members == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn making_and_revoking_a_link_is_said_in_the_history_of_every_member() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.founds(gardeners(BY_ADMINS, &["bob"])).await;
    bob.takes(chat).await;
    alice.client.create_invite_link(chat, DAY, 5).await.unwrap();
    for device in [&alice, &bob] {
        device
            .sees_change(chat, alice.account(), &GroupChange::LinkMade)
            .await;
    }
    let key = alice.client.invite_links(chat).await.unwrap()[0].key;
    alice.client.revoke_invite_link(chat, key).await.unwrap();
    for device in [&alice, &bob] {
        device
            .sees_change(chat, alice.account(), &GroupChange::LinkRevoked)
            .await;
    }
}

/// As long as it is set, the Commits of this device are said to have come when every link was over.
fn dating_late(of: &Arc<Mutex<Option<DeviceAddress>>>) -> Tamper {
    let of = Arc::clone(of);
    let late = move |entry: &mut Entry| {
        if entry.kind == EntryKind::Commit && Some(entry.from) == *of.lock().unwrap() {
            entry.at = Timestamp(entry.at.0 + 2 * 1000 * u64::from(DAY));
        }
    };
    Arc::new(Mutex::new(move |mut frame: ServerFrame| {
        match &mut frame {
            ServerFrame::Entry { entry, .. } => late(entry),
            ServerFrame::Response {
                outcome: Outcome::Page(page),
                ..
            } => page.entries.iter_mut().for_each(&late),
            _ => {}
        }
        vec![frame]
    }))
}

async fn person_over(world: &World, name: &str, tamper: Tamper) -> Device {
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), tamper);
    let device = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    device.client.register(name, PASSWORD).await.unwrap();
    device.is_online().await;
    device
}

/// A server that lets somebody in by a link that is over, or says that it has.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_in_by_a_link_that_is_over_is_put_out_by_the_members_and_the_use_is_given_back() {
    let world = World::start().await;
    let late = Arc::default();
    let alice = person_over(&world, "alice", dating_late(&late)).await;
    let bob = person_over(&world, "bob", dating_late(&late)).await;
    let dan = world.person("dan").await;
    let chat = alice.founds(gardeners(BY_ADMINS, &["bob"])).await;
    bob.takes(chat).await;
    alice.sends(chat, "before").await;
    bob.hears(chat, &["before"]).await;
    let code = alice.client.create_invite_link(chat, DAY, 1).await.unwrap();
    let account = dan.client.account().unwrap();
    *late.lock().unwrap() = Some(DeviceAddress {
        account: account.account,
        device: account.device,
    });
    assert_eq!(dan.client.join_by_invite_link(&code).await.unwrap(), chat);
    for device in [&alice, &bob] {
        device.sees_refused(chat, account.account).await;
        device.sees_group(chat, |group| group.members == 2).await;
    }
    bob.sends(chat, "after").await;
    for device in [&alice, &bob] {
        device.hears(chat, &["before", "after"]).await;
    }
    // He learns that he is out, and comes again, as the link was for one.
    dan.sees_group(chat, |group| group.own_role.is_none()).await;
    *late.lock().unwrap() = None;
    assert_eq!(dan.client.join_by_invite_link(&code).await.unwrap(), chat);
    dan.sends(chat, "hello").await;
    for device in [&alice, &bob] {
        device.hears(chat, &["before", "after", "hello"]).await;
        device.sees_group(chat, |group| group.members == 3).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_leads_a_link_to_another_group_leads_nowhere() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let carol = world.person("carol").await;
    let chat = alice.founds(gardeners(BY_ADMINS, &[])).await;
    let other = alice.founds(gardeners(BY_ADMINS, &["carol"])).await;
    carol.takes(other).await;
    alice.sends(other, "first").await;
    carol.hears(other, &["first"]).await;
    let code = alice.client.create_invite_link(chat, DAY, 1).await.unwrap();
    // What the server hands out for the other group.
    let vault = carol.goes_away().await;
    vault.loses_group(other).await;
    let kept: Arc<Mutex<Option<GroupInfo>>> = Arc::default();
    let lies = Arc::new(AtomicBool::new(true));
    let answers: TamperAnswer = {
        let (kept, lies) = (Arc::clone(&kept), Arc::clone(&lies));
        let (of_other, of_chat) = (
            format!("/v1/chat/{other}/group-info"),
            format!("/v1/chat/{chat}/group-info"),
        );
        Arc::new(move |request, mut answer| {
            let mut kept = kept.lock().unwrap();
            if answer.status == 200 && request.path.starts_with(&of_other) {
                *kept = serde_json::from_slice(&answer.body).ok();
            }
            if answer.status == 200 && request.path.starts_with(&of_chat) && lies.load(Ordering::SeqCst) {
                answer.body = serde_json::to_vec(kept.as_ref().unwrap()).unwrap();
            }
            answer
        })
    };
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(answers);
    let carol = Device::open_over(transport, vault, Faults::none()).await.unwrap();
    carol.sends(other, "again").await;
    carol
        .sees_change(other, carol.account(), &GroupChange::Rejoined)
        .await;
    let refused = carol.client.join_by_invite_link(&code).await;
    assert!(
        matches!(&refused, Err(ClientError::Refused(problem)) if problem.code == ProblemCode::InvitationRefused),
        "{refused:?}"
    );
    assert!(carol.client.group(chat).await.is_err());
    alice.sees_group(chat, |group| group.members == 1).await;
    lies.store(false, Ordering::SeqCst);
    assert_eq!(carol.client.join_by_invite_link(&code).await.unwrap(), chat);
    alice.sees_group(chat, |group| group.members == 2).await;
}
