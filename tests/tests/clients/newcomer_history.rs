//! What a newcomer to a group is given of what was said before they came, as far as the group's rules grant it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::chat_rules::JoinPolicy;
use sotto_client_sdk::protocol::{ChatId, Retention, Timestamp};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{
    Body, ClientError, GrantedHistory, GroupChange, GroupSettings, Message, NewMessage, Role, SearchQuery,
    Text,
};
use sotto_tests::world::{BY_MEMBERS, Device, PASSWORD, Vault, World, gardeners, text_of};

const EVERYTHING: GrantedHistory = GrantedHistory::Since(Timestamp(0));

async fn grants(device: &Device, group: ChatId, history: GrantedHistory) {
    let settings = GroupSettings {
        history: Some(history),
        ..GroupSettings::default()
    };
    device.client.set_group(group, settings).await.unwrap();
}

/// What people have said in a chat, of which this account was told.
async fn told_messages(device: &Device, chat: ChatId) -> Vec<Message> {
    let messages = device.messages(chat).await;
    messages
        .into_iter()
        .filter(|message| message.told_by.is_some())
        .collect()
}

async fn the_message(device: &Device, chat: ChatId, text: &str) -> Message {
    let messages = device.messages(chat).await;
    messages
        .into_iter()
        .find(|message| text_of(message) == text)
        .unwrap()
}

/// Alice's group with Bob, in which both have said something.
async fn group(world: &World) -> (Device, Device, ChatId) {
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let group = alice
        .client
        .create_group(gardeners(BY_MEMBERS, &["bob"]))
        .await
        .unwrap();
    bob.has_chat(group).await;
    alice.sends(group, "first").await;
    bob.ends_with(group, "first").await;
    bob.sends(group, "second").await;
    alice.ends_with(group, "second").await;
    (alice, bob, group)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_is_told_by_a_member_what_was_said_and_who_has_told_it_is_shown() {
    let world = World::start().await;
    let (alice, bob, group) = group(&world).await;
    grants(&alice, group, EVERYTHING).await;
    bob.sees_change(group, alice.account(), &GroupChange::History(EVERYTHING))
        .await;
    let first = the_message(&alice, group, "first").await;
    bob.client.react(group, first.id, "🌱", true).await.unwrap();
    alice
        .sees(group, first.id, |message| !message.reactions.is_empty())
        .await;

    let carol = world.person("carol").await;
    alice.client.add_to_group(group, &["carol"]).await.unwrap();
    carol.takes(group).await;
    carol.hears(group, &["first", "second"]).await;
    let told = told_messages(&carol, group).await;
    assert_eq!(told.len(), 2);
    let tellers = [alice.account(), bob.account()];
    assert!(told.iter().all(|message| {
        let teller = message.told_by.as_ref().unwrap().account;
        tellers.contains(&teller) && message.retention == Retention::Keep
    }));
    assert_eq!(told[0].from.account, alice.account());
    assert_eq!(told[0].id, first.id);
    assert_eq!(told[0].reactions[0].by[0].account, bob.account());
    // It is no news, and it is found.
    let summary = &carol.client.chats().await.unwrap()[0];
    assert_eq!(summary.unread, 0);
    let found = carol
        .client
        .search(&SearchQuery::text("second"), 10, None)
        .await
        .unwrap();
    assert_eq!(found.found.len(), 1);
    // What is said from now on is nobody's word but its sender's.
    alice.sends(group, "welcome").await;
    carol.hears(group, &["first", "second", "welcome"]).await;
    assert_eq!(told_messages(&carol, group).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_is_given_nothing_unless_the_rules_say_so_and_then_nothing_that_is_older_or_ends() {
    let world = World::start().await;
    let (alice, bob, group) = group(&world).await;
    let carol = world.person("carol").await;
    alice.client.add_to_group(group, &["carol"]).await.unwrap();
    carol.takes(group).await;
    bob.sends(group, "hello Carol").await;
    carol.hears(group, &["hello Carol"]).await;

    alice.ends_with(group, "hello Carol").await;
    let since = the_message(&alice, group, "hello Carol").await.at;
    let timed = NewMessage::text(Text::from("for an hour")).kept(Retention::For { seconds: 3600 });
    alice.client.send(group, timed).await.unwrap();
    alice.sends(group, "for good").await;
    bob.ends_with(group, "for good").await;
    grants(&alice, group, GrantedHistory::Since(since)).await;
    let dave = world.person("dave").await;
    bob.client.add_to_group(group, &["dave"]).await.unwrap();
    dave.takes(group).await;
    dave.hears(group, &["hello Carol", "for good"]).await;
    // Who came when nothing was given is given nothing later.
    carol
        .hears(group, &["hello Carol", "for an hour", "for good"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_in_alone_is_answered_by_whoever_is_there_later_and_on_each_device() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let group = alice
        .client
        .create_group(gardeners(JoinPolicy::Open, &[]))
        .await
        .unwrap();
    alice.sends(group, "nobody is here yet").await;
    alice.ends_with(group, "nobody is here yet").await;
    grants(&alice, group, EVERYTHING).await;
    alice.client.close().await.unwrap();

    let bob = world.person("bob").await;
    bob.client.join_group(group).await.unwrap();
    bob.sends(group, "is anybody there?").await;
    bob.hears(group, &["is anybody there?"]).await;
    let alice = Device::open(&world.url(), alice.vault.snapshot(), Faults::none()).await;
    let all = ["nobody is here yet", "is anybody there?"];
    bob.hears(group, &all).await;
    assert_eq!(
        told_messages(&bob, group).await[0]
            .told_by
            .as_ref()
            .unwrap()
            .account,
        alice.account()
    );

    // The account's other devices have it from its archive, and still know who has told it.
    bob.client.archive_now().await.unwrap();
    alice.client.close().await.unwrap();
    let laptop = Device::open(&world.url(), Vault::new(), Faults::none()).await;
    laptop.client.log_in("bob", PASSWORD).await.unwrap();
    laptop.has_chat(group).await;
    laptop.hears(group, &all).await;
    assert_eq!(
        told_messages(&laptop, group).await[0]
            .told_by
            .as_ref()
            .unwrap()
            .account,
        alice.account()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_and_the_admins_set_what_newcomers_are_given() {
    let world = World::start().await;
    let (alice, bob, group) = group(&world).await;
    let settings = GroupSettings {
        history: Some(EVERYTHING),
        ..GroupSettings::default()
    };
    let refused = bob.client.set_group(group, settings.clone()).await;
    assert!(matches!(refused, Err(ClientError::NotAllowed(_))), "{refused:?}");
    assert_eq!(
        alice.client.group(group).await.unwrap().history,
        GrantedHistory::None
    );
    let roles = GroupSettings {
        roles: vec![(bob.account(), Role::Admin)],
        ..GroupSettings::default()
    };
    alice.client.set_group(group, roles).await.unwrap();
    bob.sees_group(group, |group| group.own_role == Some(Role::Admin))
        .await;
    bob.client.set_group(group, settings).await.unwrap();
    alice.sees_group(group, |group| group.history == EVERYTHING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_for_all_is_not_told() {
    let world = World::start().await;
    let (alice, bob, group) = group(&world).await;
    grants(&alice, group, EVERYTHING).await;
    let first = the_message(&alice, group, "first").await;
    alice.client.delete(group, first.id).await.unwrap();
    bob.hears(group, &["<deleted>", "second"]).await;
    let carol = world.person("carol").await;
    bob.client.add_to_group(group, &["carol"]).await.unwrap();
    carol.takes(group).await;
    carol.hears(group, &["<deleted>", "second"]).await;
    assert!(matches!(
        told_messages(&carol, group).await[0].body,
        Body::Deleted { .. }
    ));
    assert!(!carol.vault.holds("first").await);
}
