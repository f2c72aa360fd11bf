//! The group's key comes to those who hold an office, and invite links let people in, through a real server.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::{ChatId, ProblemCode};
use sotto_client_sdk::{ClientError, GroupSettings, Role, invite_link_at, split_invite_link};
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, World, gardeners};

const DAY: u32 = 24 * 60 * 60;

/// Alice's group with Bob in it.
async fn alice_and_bob(world: &World) -> (Device, Device, ChatId) {
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let id = alice.founds(gardeners(BY_ADMINS, &["bob"])).await;
    bob.takes(id).await;
    (alice, bob, id)
}

async fn appoints(owner: &Device, other: &Device, id: ChatId, role: Role) {
    let settings = GroupSettings {
        roles: vec![(other.account(), role)],
        ..GroupSettings::default()
    };
    owner.client.set_group(id, settings).await.unwrap();
}

fn is_refused<T: std::fmt::Debug>(result: Result<T, ClientError>) {
    match result {
        Err(ClientError::Refused(problem)) => assert_eq!(problem.code, ProblemCode::InvitationRefused),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_admin_gets_the_groups_key_on_every_device_and_describes_the_group() {
    let world = World::start().await;
    let (alice, bob, id) = alice_and_bob(&world).await;
    let denied = bob.client.describe_group(id, "Bobs", "").await;
    assert!(matches!(denied, Err(ClientError::InvalidGroup(_))));
    appoints(&alice, &bob, id, Role::Admin).await;
    bob.sees_group(id, |group| group.has_key).await;
    bob.client.describe_group(id, "Slug friends", "").await.unwrap();
    alice
        .sees_group(id, |group| group.title.as_deref() == Some("Slug friends"))
        .await;
    // The owner is away: another admin's device answers.
    alice.client.disconnect().await.unwrap();
    let tablet = world.device().await;
    tablet.client.log_in("bob", PASSWORD).await.unwrap();
    tablet.has_chat(id).await;
    tablet
        .sees_group(id, |group| {
            group.has_key && group.title.as_deref() == Some("Slug friends")
        })
        .await;
    tablet.client.describe_group(id, "Snails", "").await.unwrap();
    bob.sees_group(id, |group| group.title.as_deref() == Some("Snails"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_the_groups_key_waits_until_somebody_comes_who_has_it() {
    let world = World::start().await;
    let (alice, bob, id) = alice_and_bob(&world).await;
    appoints(&alice, &bob, id, Role::Owner).await;
    bob.sees_group(id, |group| group.has_key).await;
    for device in [&alice, &bob] {
        device.client.disconnect().await.unwrap();
    }
    let tablet = world.device().await;
    tablet.client.log_in("bob", PASSWORD).await.unwrap();
    tablet.has_chat(id).await;
    let seen = tablet
        .sees_group(id, |group| group.own_role == Some(Role::Owner))
        .await;
    assert!(!seen.has_key);
    let early = tablet.client.create_invite_link(id, DAY, 1).await;
    assert!(matches!(early, Err(ClientError::NoGroupKey)));
    alice.client.connect().await.unwrap();
    tablet.sees_group(id, |group| group.has_key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_lets_in_whoever_has_it_until_it_is_used_up() {
    let world = World::start().await;
    let (alice, bob, id) = alice_and_bob(&world).await;
    let (carol, dan) = (world.person("carol").await, world.person("dan").await);
    let code = alice.client.create_invite_link(id, DAY, 1).await.unwrap();
    let link = invite_link_at(&world.url(), &code);
    assert_eq!(
        split_invite_link(&link),
        (Some(world.url().as_str()), code.as_str())
    );
    let read = carol.client.read_invite_link(&link).await.unwrap();
    assert_eq!((read.group, read.title.as_deref()), (id, Some("Gardeners")));
    assert_eq!((read.members, read.is_member), (Some(2), false));
    assert_eq!(carol.client.join_by_invite_link(&link).await.unwrap(), id);
    carol
        .sees_group(id, |group| group.title.as_deref() == Some("Gardeners"))
        .await;
    carol.sends(id, "hello").await;
    for device in [&alice, &bob, &carol] {
        device.hears(id, &["hello"]).await;
    }
    // Once in, she is in with her other devices, which need no link.
    let tablet = world.device().await;
    tablet.client.log_in("carol", PASSWORD).await.unwrap();
    tablet.has_chat(id).await;
    alice.sees_group(id, |group| group.members == 3).await;
    is_refused(dan.client.join_by_invite_link(&link).await);
    assert!(carol.client.read_invite_link(&link).await.unwrap().is_member);
    assert_eq!(carol.client.join_by_invite_link(&link).await.unwrap(), id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_link_and_a_banned_account_are_let_in_by_nobody() {
    let world = World::start().await;
    let (alice, bob, id) = alice_and_bob(&world).await;
    let carol = world.person("carol").await;
    let revoked = alice.client.create_invite_link(id, DAY, 5).await.unwrap();
    let first = loop {
        // Every member sees which links there are, as soon as the Commit has come.
        if let Some(link) = bob.client.invite_links(id).await.unwrap().first() {
            break *link;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(first.uses, 5);
    let denied = bob.client.revoke_invite_link(id, first.key).await;
    assert!(matches!(denied, Err(ClientError::NotAllowed(_))), "{denied:?}");
    let denied = bob.client.create_invite_link(id, DAY, 1).await;
    assert!(matches!(denied, Err(ClientError::InvalidGroup(_))));
    alice.client.revoke_invite_link(id, first.key).await.unwrap();
    assert_eq!(alice.client.invite_links(id).await.unwrap(), []);
    is_refused(carol.client.join_by_invite_link(&revoked).await);
    let other = alice.client.create_invite_link(id, DAY, 5).await.unwrap();
    alice
        .client
        .remove_from_group(id, &[carol.account()], true)
        .await
        .unwrap();
    is_refused(carol.client.join_by_invite_link(&other).await);
    assert!(carol.client.chats().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_no_whole_link_is_refused_before_the_server_hears_of_it() {
    let world = World::start().await;
    let (alice, _bob, id) = alice_and_bob(&world).await;
    let carol = world.person("carol").await;
    let code = alice.client.create_invite_link(id, DAY, 5).await.unwrap();
    for text in [
        "",
        "https://example.org/join#",
        "nonsense",
        code.get(1..).unwrap(),
    ] {
        for refused in [
            carol.client.join_by_invite_link(text).await.map(drop),
            carol.client.read_invite_link(text).await.map(drop),
        ] {
            assert!(matches!(refused, Err(ClientError::InvalidInviteLink(_))));
        }
    }
    for (seconds, uses) in [(0, 1), (91 * DAY, 1), (DAY, 0), (DAY, 1_001)] {
        let refused = alice.client.create_invite_link(id, seconds, uses).await;
        assert!(matches!(refused, Err(ClientError::InvalidGroup(_))));
    }
}
