//! People in groups through a real server: who comes in, who goes, who may what, and that everything that was asked for happens.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::{AccountId, ChatId, Retention};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{
    Approvers, Body, ChatKind, ClientError, GroupChange, GroupSettings, GroupSize, JoinPolicy, JoinRequest,
    NewGroup, Role,
};
use sotto_tests::world::{BY_ADMINS, BY_MEMBERS, Device, PASSWORD, World, gardeners, next};

fn group(title: &str, join_policy: JoinPolicy, members: &[&str]) -> NewGroup {
    NewGroup {
        title: title.to_owned(),
        description: "Seeds and slugs".to_owned(),
        ..gardeners(join_policy, members)
    }
}

fn roles(account: AccountId, role: Role) -> GroupSettings {
    GroupSettings {
        roles: vec![(account, role)],
        ..GroupSettings::default()
    }
}

async fn people<const N: usize>(world: &World, names: [&str; N]) -> [Device; N] {
    let mut people = Vec::new();
    for name in names {
        people.push(world.person(name).await);
    }
    people.try_into().ok().unwrap()
}

/// What changed in a group, as this device tells it.
async fn changes(device: &Device, group: ChatId) -> Vec<GroupChange<AccountId>> {
    let messages = device.messages(group).await;
    messages
        .into_iter()
        .filter_map(|message| match message.body {
            Body::GroupChanges(changes) => Some(changes),
            Body::Text(_) | Body::File { .. } | Body::Deleted { .. } | Body::Unknown { .. } => None,
        })
        .flatten()
        .map(|change| change.map(|whom| whom.account))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_are_in_a_group_from_the_beginning_know_its_title_and_talk() {
    let world = World::start().await;
    let [alice, bob, carol] = people(&world, ["alice", "bob", "carol"]).await;
    let new = group("Gardeners", BY_ADMINS, &["bob", "carol"]);
    let id = alice.client.create_group(new).await.unwrap();
    for device in [&bob, &carol] {
        device.has_chat(id).await;
        let seen = device
            .sees_group(id, |group| group.title.as_deref() == Some("Gardeners"))
            .await;
        assert_eq!((seen.members, seen.own_role), (3, Some(Role::Member)));
        assert_eq!(seen.description.as_deref(), Some("Seeds and slugs"));
    }
    bob.sends(id, "Slugs!").await;
    for device in [&alice, &bob, &carol] {
        device.hears(id, &["Slugs!"]).await;
    }
    let members = carol.client.group_members(id, 0, 10).await.unwrap();
    assert_eq!(members.total, 3);
    assert_eq!(
        (members.members[0].account, members.members[0].role),
        (alice.account(), Role::Owner)
    );
    let listed = &bob.client.chats().await.unwrap()[0];
    assert!(
        matches!(&listed.kind, ChatKind::Group { title: Some(title), is_member: true, .. } if title == "Gardeners")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_added_later_reads_what_comes_and_whoever_is_removed_no_more() {
    let world = World::start().await;
    let [alice, bob, carol] = people(&world, ["alice", "bob", "carol"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_ADMINS, &["bob"]))
        .await
        .unwrap();
    bob.has_chat(id).await;
    alice.sends(id, "before Carol").await;
    alice.client.add_to_group(id, &["carol"]).await.unwrap();
    carol.has_chat(id).await;
    bob.sends(id, "welcome").await;
    carol.hears(id, &["welcome"]).await;
    carol
        .sees_group(id, |group| group.title.as_deref() == Some("Gardeners"))
        .await;

    alice
        .client
        .remove_from_group(id, &[carol.account()], false)
        .await
        .unwrap();
    carol.sees_group(id, |group| group.own_role.is_none()).await;
    alice.sends(id, "without Carol").await;
    bob.hears(id, &["before Carol", "welcome", "without Carol"]).await;
    carol.hears(id, &["welcome"]).await;
    assert_eq!(
        carol.client.send_text(id, "let me in").await.unwrap_err(),
        ClientError::NotAMember
    );
    assert_eq!(
        changes(&bob, id).await,
        [
            GroupChange::Added(carol.account()),
            GroupChange::Removed(carol.account())
        ]
    );
    // And may come back.
    alice.client.add_to_group(id, &["carol"]).await.unwrap();
    carol.sees_group(id, |group| group.own_role.is_some()).await;
    alice.sends(id, "there you are").await;
    carol.hears(id, &["welcome", "there you are"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_may_change_a_group_do_and_the_others_are_told() {
    let world = World::start().await;
    let [alice, bob, carol, _dave] = people(&world, ["alice", "bob", "carol", "dave"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_ADMINS, &["bob", "carol"]))
        .await
        .unwrap();
    for device in [&bob, &carol] {
        device.has_chat(id).await;
    }
    for refused in [
        carol.client.add_to_group(id, &["dave"]).await,
        carol.client.remove_from_group(id, &[bob.account()], true).await,
        carol
            .client
            .set_group(id, roles(carol.account(), Role::Owner))
            .await,
    ] {
        assert!(matches!(refused, Err(ClientError::NotAllowed(_))), "{refused:?}");
    }
    alice
        .client
        .set_group(id, roles(bob.account(), Role::Admin))
        .await
        .unwrap();
    bob.sees_group(id, |group| group.own_role == Some(Role::Admin))
        .await;
    bob.client.add_to_group(id, &["dave"]).await.unwrap();
    let settings = GroupSettings {
        join_policy: Some(BY_MEMBERS),
        retention: Some(Retention::For { seconds: 3600 }),
        ..GroupSettings::default()
    };
    bob.client.set_group(id, settings).await.unwrap();
    let seen = carol
        .sees_group(id, |group| group.join_policy == BY_MEMBERS)
        .await;
    assert_eq!(
        (seen.members, seen.retention),
        (4, Retention::For { seconds: 3600 })
    );
    // The group is handed on, and its former owner stays an admin.
    alice
        .client
        .set_group(id, roles(carol.account(), Role::Owner))
        .await
        .unwrap();
    carol
        .sees_group(id, |group| group.own_role == Some(Role::Owner))
        .await;
    alice
        .sees_group(id, |group| group.own_role == Some(Role::Admin))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_listed_group_is_found_by_search_and_joined_alone() {
    let world = World::start().await;
    let [alice, bob, carol] = people(&world, ["alice", "bob", "carol"]).await;
    let new = NewGroup {
        size: GroupSize::Normal,
        is_listed: true,
        ..group("Gardeners of Ghent", JoinPolicy::Open, &["bob"])
    };
    let id = alice.client.create_group(new).await.unwrap();
    bob.has_chat(id).await;
    let found = carol.client.search_groups("ghent", None).await.unwrap();
    assert_eq!(found.groups.len(), 1);
    assert_eq!(
        (found.groups[0].group, found.groups[0].title.as_deref()),
        (id, Some("Gardeners of Ghent"))
    );
    assert_eq!(carol.client.join_group(id).await.unwrap(), id);
    carol.sends(id, "hello").await;
    for device in [&alice, &bob] {
        device.hears(id, &["hello"]).await;
        assert_eq!(changes(device, id).await, [GroupChange::Joined(carol.account())]);
    }
    carol
        .sees_group(id, |group| group.title.as_deref() == Some("Gardeners of Ghent"))
        .await;
    // Whoever is banned is out, and does not come back.
    alice
        .client
        .remove_from_group(id, &[carol.account()], true)
        .await
        .unwrap();
    carol.sees_group(id, |group| group.own_role.is_none()).await;
    assert!(carol.client.join_group(id).await.is_err());
    bob.sends(id, "quiet here").await;
    alice.hears(id, &["hello", "quiet here"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_cannot_be_is_refused_when_a_group_is_made_and_when_it_is_changed() {
    let world = World::start().await;
    let [alice] = people(&world, ["alice"]).await;
    let impossible = JoinPolicy::Approval {
        by: Approvers::Members(1),
    };
    let refused = alice
        .client
        .create_group(group("Gardeners", impossible, &[]))
        .await;
    assert!(
        matches!(refused, Err(ClientError::InvalidGroup(_))),
        "{refused:?}"
    );
    let id = alice
        .client
        .create_group(group("Gardeners", BY_ADMINS, &[]))
        .await
        .unwrap();
    let settings = GroupSettings {
        join_policy: Some(impossible),
        ..GroupSettings::default()
    };
    let refused = alice.client.set_group(id, settings).await;
    assert!(
        matches!(refused, Err(ClientError::InvalidGroup(_))),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_not_open_is_joined_by_nobody_alone() {
    let world = World::start().await;
    let [alice, bob] = people(&world, ["alice", "bob"]).await;
    let new = NewGroup {
        size: GroupSize::Normal,
        is_listed: true,
        ..group("Gardeners", BY_MEMBERS, &[])
    };
    let id = alice.client.create_group(new).await.unwrap();
    assert!(matches!(
        bob.client.join_group(id).await,
        Err(ClientError::InvalidGroup(_))
    ));
    let nowhere = ChatId::from_bytes([9; 16]);
    assert_eq!(
        bob.client.join_group(nowhere).await,
        Err(ClientError::GroupNotFound)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_is_gone_for_everyone() {
    let world = World::start().await;
    let [alice, bob, carol] = people(&world, ["alice", "bob", "carol"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_ADMINS, &["bob", "carol"]))
        .await
        .unwrap();
    for device in [&bob, &carol] {
        // Who only looks at a request takes nobody out of it.
        device.takes(id).await;
    }
    bob.sends(id, "bye").await;
    bob.client.leave_group(id).await.unwrap();
    for device in [&alice, &carol] {
        device.sees_group(id, |group| group.members == 2).await;
        device.hears(id, &["bye"]).await;
        assert_eq!(changes(device, id).await, [GroupChange::Left(bob.account())]);
    }
    alice.sends(id, "a pity").await;
    carol.hears(id, &["bye", "a pity"]).await;
    bob.hears(id, &["bye"]).await;
    let listed = &bob.client.chats().await.unwrap()[0];
    assert!(matches!(listed.kind, ChatKind::Group { is_member: false, .. }));
    // The owner leaves too: whoever is left can take the group over.
    alice.client.leave_group(id).await.unwrap();
    carol.sees_group(id, |group| group.members == 1).await;
    carol
        .client
        .set_group(id, roles(carol.account(), Role::Owner))
        .await
        .unwrap();
    let seen = carol.client.group(id).await.unwrap();
    assert_eq!(seen.own_role, Some(Role::Owner));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_of_a_member_joins_the_group_by_itself_and_is_told_its_title() {
    let world = World::start().await;
    let [alice, bob] = people(&world, ["alice", "bob"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_ADMINS, &["bob"]))
        .await
        .unwrap();
    bob.has_chat(id).await;
    let phone = world.device().await;
    phone.client.log_in("bob", PASSWORD).await.unwrap();
    phone.has_chat(id).await;
    let seen = phone
        .sees_group(id, |group| group.title.as_deref() == Some("Gardeners"))
        .await;
    assert_eq!(seen.members, 2);
    phone.sends(id, "from the phone").await;
    for device in [&alice, &bob] {
        device.hears(id, &["from the phone"]).await;
        assert_eq!(changes(device, id).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_several_admins_ask_for_at_once_happens() {
    let world = World::start().await;
    let [alice, bob, carol, dave, erin, frank] =
        people(&world, ["alice", "bob", "carol", "dave", "erin", "frank"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_MEMBERS, &["bob", "carol"]))
        .await
        .unwrap();
    for device in [&bob, &carol] {
        device.has_chat(id).await;
    }
    let settings = GroupSettings {
        retention: Some(Retention::For { seconds: 60 }),
        ..GroupSettings::default()
    };
    let (one, two, three, four) = tokio::join!(
        alice.client.add_to_group(id, &["dave"]),
        bob.client.add_to_group(id, &["erin"]),
        carol.client.add_to_group(id, &["frank"]),
        alice.client.set_group(id, settings),
    );
    for result in [one, two, three, four] {
        result.unwrap();
    }
    for device in [&alice, &bob, &carol, &dave, &erin, &frank] {
        device.has_chat(id).await;
        device
            .sees_group(id, |group| {
                group.members == 6 && group.retention == Retention::For { seconds: 60 }
            })
            .await;
    }
    for (device, text) in [(&dave, "one"), (&erin, "two"), (&frank, "three")] {
        device.sends(id, text).await;
        alice.ends_with(id, text).await;
    }
    frank.hears(id, &["one", "two", "three"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_add_the_same_person_have_added_that_person_once() {
    let world = World::start().await;
    let [alice, bob, carol] = people(&world, ["alice", "bob", "carol"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_MEMBERS, &["bob"]))
        .await
        .unwrap();
    bob.has_chat(id).await;
    let (one, two) = tokio::join!(
        alice.client.add_to_group(id, &["carol"]),
        bob.client.add_to_group(id, &["carol"]),
    );
    one.unwrap();
    two.unwrap();
    carol.has_chat(id).await;
    for device in [&alice, &bob, &carol] {
        device.sees_group(id, |group| group.members == 3).await;
    }
    carol.sends(id, "once").await;
    alice.hears(id, &["once"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_before_a_crash_happens_after_it() {
    let world = World::start().await;
    let [alice, bob, carol] = people(&world, ["alice", "bob", "carol"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_ADMINS, &["bob"]))
        .await
        .unwrap();
    bob.has_chat(id).await;
    alice.client.disconnect().await.unwrap();
    let asked = alice.client.clone();
    let asking = tokio::spawn(async move { asked.add_to_group(id, &["carol"]).await });
    // Once it answers to something else, it has taken what was asked before.
    while alice
        .vault
        .records()
        .scan_keys(sotto_client_sdk::store::Scan::all())
        .await
        .unwrap()
        .iter()
        .all(|key| key[0] != 0x19)
    {
        alice.client.group(id).await.unwrap();
    }
    asking.abort();
    let _ = asking.await;
    let vault = alice.vault.snapshot();
    drop(alice);
    let alice = Device::open(&world.url(), vault, Faults::none()).await;
    carol.has_chat(id).await;
    alice.sees_group(id, |group| group.members == 3).await;
    bob.sees_group(id, |group| group.members == 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_title_reaches_everyone_and_of_an_unlisted_group_not_the_server() {
    let world = World::start().await;
    let [alice, bob] = people(&world, ["alice", "bob"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_ADMINS, &["bob"]))
        .await
        .unwrap();
    bob.has_chat(id).await;
    bob.sees_group(id, |group| group.title.as_deref() == Some("Gardeners"))
        .await;
    alice
        .client
        .describe_group(id, "Slug watchers", "")
        .await
        .unwrap();
    bob.sees_group(id, |group| group.title.as_deref() == Some("Slug watchers"))
        .await;
    assert_eq!(
        changes(&bob, id).await,
        [GroupChange::Title("Slug watchers".to_owned())]
    );
    assert!(
        bob.client
            .search_groups("slug", None)
            .await
            .unwrap()
            .groups
            .is_empty()
    );
    assert!(matches!(
        alice.client.describe_group(id, " ", "").await,
        Err(ClientError::InvalidGroup(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_made_public_later_is_found_under_its_title_and_names_are_learnt() {
    let world = World::start().await;
    let [alice, bob, carol] = people(&world, ["alice", "bob", "carol"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_ADMINS, &["bob", "carol"]))
        .await
        .unwrap();
    for device in [&bob, &carol] {
        device.has_chat(id).await;
    }
    let settings = GroupSettings {
        is_listed: Some(true),
        ..GroupSettings::default()
    };
    let mut published = alice.client.events();
    alice.client.set_group(id, settings).await.unwrap();
    while bob
        .client
        .search_groups("garden", None)
        .await
        .unwrap()
        .groups
        .is_empty()
    {
        // It is published after the Commit.
        next(&mut published).await;
    }
    bob.client.leave_group(id).await.unwrap();
    let mut events = carol.client.events();
    loop {
        let messages = carol.messages(id).await;
        let named = messages.iter().any(|message| match &message.body {
            Body::GroupChanges(changes) => changes.iter().any(|change| {
                matches!(change, GroupChange::Left(whom) if whom.name.as_ref().is_some_and(|name| name.as_str() == "bob"))
            }),
            Body::Text(_) | Body::File { .. } | Body::Deleted { .. } | Body::Unknown { .. } => false,
        });
        if named {
            break;
        }
        next(&mut events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_one_chat_on_all_devices_of_an_account() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let notes = alice.client.notes().await.unwrap();
    assert_eq!(alice.client.notes().await.unwrap(), notes);
    alice.sends(notes, "milk, eggs").await;
    let phone = world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.has_chat(notes).await;
    assert_eq!(phone.client.notes().await.unwrap(), notes);
    phone.sends(notes, "bread").await;
    alice.reads(notes, &["milk, eggs", "bread"]).await;
    assert!(matches!(
        alice.client.chats().await.unwrap()[0].kind,
        ChatKind::Notes
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_group_is_gone_for_everyone_and_only_its_owner_deletes_it() {
    let world = World::start().await;
    let [alice, bob] = people(&world, ["alice", "bob"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_ADMINS, &["bob"]))
        .await
        .unwrap();
    bob.has_chat(id).await;
    assert!(bob.client.delete_group(id).await.is_err());
    alice.client.delete_group(id).await.unwrap();
    for device in [&alice, &bob] {
        device.sees_group(id, |group| group.own_role.is_none()).await;
    }
}

const BY_TWO: JoinPolicy = JoinPolicy::Approval {
    by: Approvers::Members(2),
};

/// Waits until somebody asks to be let into the group, and so many have approved.
async fn is_asked(device: &Device, group: ChatId, approvals: usize) -> JoinRequest {
    let mut events = device.client.events();
    loop {
        let requests = device.client.join_requests(group).await.unwrap();
        if let Some(request) = requests
            .into_iter()
            .find(|request| request.approvals == approvals)
        {
            return request;
        }
        next(&mut events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_is_let_in_when_as_many_have_approved_as_the_rule_says() {
    let world = World::start().await;
    let [alice, bob, carol, dave] = people(&world, ["alice", "bob", "carol", "dave"]).await;
    let new = NewGroup {
        size: GroupSize::Normal,
        is_listed: true,
        ..group("Gardeners", BY_TWO, &["bob", "carol"])
    };
    let id = alice.client.create_group(new).await.unwrap();
    for device in [&bob, &carol] {
        device.has_chat(id).await;
    }
    // Not alone, and not by one member's will.
    assert!(dave.client.join_group(id).await.is_err());
    assert!(matches!(
        alice.client.add_to_group(id, &["dave"]).await,
        Err(ClientError::NotAllowed(_))
    ));
    dave.client.ask_to_join(id).await.unwrap();
    let request = is_asked(&bob, id, 0).await;
    assert_eq!(request.account, dave.account());
    bob.client.approve_join_request(id, dave.account()).await.unwrap();
    let request = is_asked(&carol, id, 1).await;
    assert!(!request.is_approved_here);
    assert_eq!(alice.client.group(id).await.unwrap().members, 3);
    carol
        .client
        .approve_join_request(id, dave.account())
        .await
        .unwrap();
    dave.has_chat(id).await;
    for device in [&alice, &bob, &carol, &dave] {
        device.sees_group(id, |group| group.members == 4).await;
    }
    dave.sends(id, "thank you").await;
    alice.hears(id, &["thank you"]).await;
    assert!(alice.client.join_requests(id).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_approve_at_the_same_moment_let_the_newcomer_in_once() {
    let world = World::start().await;
    let [alice, bob, carol] = people(&world, ["alice", "bob", "carol"]).await;
    let id = alice
        .client
        .create_group(group("Gardeners", BY_TWO, &["bob"]))
        .await
        .unwrap();
    bob.has_chat(id).await;
    carol.client.ask_to_join(id).await.unwrap();
    let account = carol.account();
    let (one, two) = tokio::join!(
        alice.client.approve_join_request(id, account),
        bob.client.approve_join_request(id, account),
    );
    one.unwrap();
    two.unwrap();
    carol.has_chat(id).await;
    for device in [&alice, &bob, &carol] {
        device.sees_group(id, |group| group.members == 3).await;
    }
    bob.sends(id, "welcome").await;
    carol.hears(id, &["welcome"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_admins_approve_a_members_word_does_not_count_and_a_request_can_be_declined() {
    let world = World::start().await;
    let [alice, bob, carol] = people(&world, ["alice", "bob", "carol"]).await;
    let by_admin = JoinPolicy::Approval {
        by: Approvers::AnyAdmin,
    };
    let id = alice
        .client
        .create_group(group("Gardeners", by_admin, &["bob"]))
        .await
        .unwrap();
    bob.has_chat(id).await;
    carol.client.ask_to_join(id).await.unwrap();
    let account = carol.account();
    is_asked(&bob, id, 0).await;
    assert!(matches!(
        bob.client.approve_join_request(id, account).await,
        Err(ClientError::NotAllowed(_))
    ));
    alice.client.decline_join_request(id, account).await.unwrap();
    assert!(alice.client.join_requests(id).await.unwrap().is_empty());
    // Of nobody who asks there is nothing to approve.
    alice.client.approve_join_request(id, account).await.unwrap();
    assert_eq!(alice.client.group(id).await.unwrap().members, 2);
    carol.client.ask_to_join(id).await.unwrap();
    alice.client.approve_join_request(id, account).await.unwrap();
    carol.has_chat(id).await;
    carol.client.ask_to_join(id).await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_a_listed_group_alone_knows_its_title_although_nobody_is_there_to_tell_it() {
    let world = World::start().await;
    let [alice, bob] = people(&world, ["alice", "bob"]).await;
    let new = NewGroup {
        size: GroupSize::Normal,
        is_listed: true,
        ..group("Gardeners", JoinPolicy::Open, &[])
    };
    let id = alice.client.create_group(new).await.unwrap();
    alice.client.disconnect().await.unwrap();
    bob.client.join_group(id).await.unwrap();
    bob.sees_group(id, |group| group.title.as_deref() == Some("Gardeners"))
        .await;
}
