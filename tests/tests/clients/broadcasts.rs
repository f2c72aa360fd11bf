//! Broadcasts through a real server: a few speak, everyone else reads, and nobody hears who may not.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::MessageState;
use sotto_client_sdk::protocol::frame::Outcome;
use sotto_client_sdk::protocol::{ChatId, Evidence, ProblemCode, limits};
use sotto_client_sdk::{Audience, CommunityRole, FoundCommunity, GroupSettings, GroupSize, JoinPolicy, Role};
use sotto_tests::malicious::Malicious;
use sotto_tests::world::{Device, World, gardeners};

const NO_VOICE: &str = "no-voice";

/// Somebody speaks to everyone on the server.
async fn with_broadcast(world: &mut World) -> (Device, ChatId) {
    let alice = world.person("alice").await;
    world.gives_role("alice", "administrator".parse().unwrap()).await;
    let started = alice.client.start_broadcast(Audience::Server, "News", "for all");
    let group = started.await.unwrap();
    (alice, group)
}

async fn says(device: &Device, chat: ChatId, text: &str) -> Result<(), String> {
    let sent = device.client.send_text(chat, text).await;
    sent.map(drop).map_err(|error| error.code().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_to_a_broadcast_reads_what_was_said_and_writes_when_made_an_admin() {
    let mut world = World::start().await;
    let (alice, group) = with_broadcast(&mut world).await;
    let bob = world.person("bob").await;
    // Begun again, it is the same one.
    let again = alice.client.start_broadcast(Audience::Server, "Other", "").await;
    assert_eq!(again.unwrap(), group);
    alice.sends(group, "We are moving").await;
    alice.hears(group, &["We are moving"]).await;

    let found = bob.client.broadcast(Audience::Server).await.unwrap().unwrap();
    assert_eq!((found.group, found.title.as_deref()), (group, Some("News")));
    assert_eq!((found.join_policy, found.members), (JoinPolicy::Open, 1));
    bob.client.join_group(group).await.unwrap();
    bob.hears(group, &["We are moving"]).await;
    let seen = bob.sees_group(group, |seen| seen.title.is_some()).await;
    assert_eq!((seen.is_broadcast, seen.size), (true, GroupSize::Large));
    assert_eq!(says(&bob, group, "Why?").await, Err(NO_VOICE.to_owned()));
    let target = bob.messages(group).await[0].id;
    let reacts = bob.client.react(group, target, "👍", true).await;
    assert_eq!(reacts.unwrap_err().code(), NO_VOICE);

    let settings = GroupSettings {
        roles: vec![(bob.account(), Role::Admin)],
        ..GroupSettings::default()
    };
    alice.client.set_group(group, settings).await.unwrap();
    bob.sees_group(group, |seen| seen.own_role == Some(Role::Admin))
        .await;
    bob.sends(group, "On Friday").await;
    alice.hears(group, &["We are moving", "On Friday"]).await;

    // What waits when the word is taken from somebody is not said, and they see that.
    bob.client.disconnect().await.unwrap();
    let late = bob.client.send_text(group, "On Saturday").await.unwrap();
    let settings = GroupSettings {
        roles: vec![(bob.account(), Role::Member)],
        ..GroupSettings::default()
    };
    alice.client.set_group(group, settings).await.unwrap();
    bob.client.connect().await.unwrap();
    bob.sees(group, late, |late| {
        matches!(late.state, MessageState::Failed { .. })
    })
    .await;
    bob.client.delete_here(group, late).await.unwrap();
    alice.hears(group, &["We are moving", "On Friday"]).await;

    // Who reads along goes without a word, and is let go.
    let carol = world.person("carol").await;
    carol.client.join_group(group).await.unwrap();
    carol.hears(group, &["We are moving", "On Friday"]).await;
    carol.client.leave_group(group).await.unwrap();
    alice.sees_group(group, |seen| seen.members == 2).await;
    alice.hears(group, &["We are moving", "On Friday"]).await;

    alice.client.stop_broadcast(Audience::Server).await.unwrap();
    assert_eq!(bob.client.broadcast(Audience::Server).await.unwrap(), None);
    alice.sends(group, "Still here").await;
    bob.hears(group, &["We are moving", "On Friday", "Still here"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_who_keeps_to_no_rule_and_speaks_where_they_may_not() {
    let mut world = World::start().await;
    let (alice, group) = with_broadcast(&mut world).await;
    let bob = world.person("bob").await;
    bob.client.join_group(group).await.unwrap();
    let mut mallory = Malicious::registers(&world, "mallory").await;
    let read = mallory.reads_group_info(group).await.unwrap();
    let joined = mallory.joins_alone(group, &read, &Evidence::default()).await;
    assert!(matches!(joined, Outcome::Accepted { .. }), "{joined:?}");

    let long = "Send me your money! ".repeat(limits::UNHEARD_BYTES / 16);
    let (message, payload) = mallory.says(group, &long, true);
    let refused = mallory.publishes(group, message, payload).await;
    assert!(
        matches!(&refused, Outcome::Refused(refusal) if refusal.code == ProblemCode::Forbidden),
        "{refused:?}"
    );
    for (text, is_committed_to) in [("I am the management", true), ("And nobody can prove it", false)] {
        let (message, payload) = mallory.says(group, text, is_committed_to);
        let taken = mallory.publishes(group, message, payload).await;
        assert!(matches!(taken, Outcome::Accepted { .. }), "{taken:?}");
    }
    alice.sends(group, "Beware of impostors").await;
    for device in [&alice, &bob] {
        device.hears(group, &["Beware of impostors"]).await;
        let chat = &device.client.chats().await.unwrap()[0];
        assert_eq!(
            (chat.undecryptable, chat.unread),
            (0, u32::from(device.account() == bob.account()))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_community_has_a_broadcast_of_those_who_look_after_it() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let choir = FoundCommunity {
        title: "Choir".to_owned(),
        topics: vec!["music".to_owned()],
        place: String::new(),
        location: None,
        description: String::new(),
    };
    let (of_alice, of_bob) = (alice.client.communities(), bob.client.communities());
    let id = of_alice.found(&choir).await.unwrap().community;
    let audience = Audience::Community(id);
    let group = alice.client.start_broadcast(audience, "Choir", "").await.unwrap();
    let found = bob.client.broadcast(audience).await.unwrap().unwrap();
    assert_eq!(found.group, group);
    let outside = bob.client.join_group(group).await.unwrap_err();
    assert_eq!(outside.code(), ProblemCode::NotInCommunity.as_str());
    of_bob.join(id).await.unwrap();
    bob.client.join_group(group).await.unwrap();
    alice.sends(group, "Monday at eight").await;
    bob.hears(group, &["Monday at eight"]).await;

    // Neither those who are no moderators, nor for others, nor what is none.
    let forbidden = ProblemCode::Forbidden.as_str();
    for audience in [audience, Audience::Server] {
        let refused = bob
            .client
            .start_broadcast(audience, "Mine", "")
            .await
            .unwrap_err();
        assert_eq!(refused.code(), forbidden);
        let refused = bob.client.stop_broadcast(audience).await.unwrap_err();
        assert_eq!(refused.code(), forbidden);
    }
    let still = bob.client.broadcast(audience).await.unwrap().unwrap();
    assert_eq!(still.group, group);
    of_alice
        .set_role(id, bob.account(), CommunityRole::Moderator)
        .await
        .unwrap();
    let own = bob.client.start_broadcast(audience, "Mine", "").await.unwrap();
    assert_ne!(own, group);
    let now = alice.client.broadcast(audience).await.unwrap().unwrap();
    assert_eq!(now.group, own);
    bob.client.delete_group(own).await.unwrap();
    assert_eq!(alice.client.broadcast(audience).await.unwrap(), None);
    alice
        .client
        .create_group(gardeners(JoinPolicy::Open, &[]))
        .await
        .unwrap();
    assert_eq!(
        alice.client.start_broadcast(audience, "", "").await.unwrap(),
        group
    );
}
