//! Groups: those in them hear of what concerns them, and nobody else.

use super::house::{Change, Device, House, group_creation, group_info};
use crate::delivery::{CreateChatError, DeliveryError};
use crate::store::contract::fixture::{ALICE, BOB, EVE, NOW, Person, chat, group_rules};
use crate::store::{Asked, ChatIndex as _, GroupStore as _, LogStore as _, NewJoinRequest, ReservedFor};
use bytes::Bytes;
use sotto_protocol::chat_rules::{JoinPolicy, Party, Role};
use sotto_protocol::frame::{Change as Changed, EntryKind, Outcome, ServerFrame};
use sotto_protocol::rest::group::CreateGroup;
use sotto_protocol::{ChatId, ChatRules, GroupRules, ProblemCode, Seq};

const DAN: Person = Person(4);

async fn refuses(device: &mut Device, request: sotto_protocol::frame::RequestId) -> ProblemCode {
    match device.answer(request).await {
        Outcome::Refused(refusal) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

fn code<T: std::fmt::Debug>(refused: Result<T, DeliveryError>) -> ProblemCode {
    match refused {
        Err(DeliveryError::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

fn open_rules() -> GroupRules {
    GroupRules {
        join_policy: JoinPolicy::Open,
        ..group_rules(ALICE)
    }
}

/// After a Commit that removes others.
fn after_removal(rules: &GroupRules) -> GroupRules {
    GroupRules {
        removals: rules.removals + 1,
        ..rules.clone()
    }
}

#[tokio::test]
async fn a_new_group_is_told_to_its_members_and_to_their_other_devices() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let mut bob = house.connected(BOB.device(1)).await;
    let mut outside = house.connected(BOB.device(2)).await;
    let mut eve = house.connected(EVE.device(1)).await;
    let group = house.group(1, &group_rules(ALICE), &[BOB]).await;
    assert!(matches!(bob.next().await, ServerFrame::Welcome { chat, .. } if chat == group));
    assert!(matches!(
        outside.next().await,
        ServerFrame::Cursor { chat, acknowledged: None, .. } if chat == group
    ));
    assert!(eve.has_nothing().await);
}

#[tokio::test]
async fn a_group_that_does_not_begin_as_its_founders_is_refused() {
    let house = House::of(&[ALICE, BOB]).await;
    let founder = ALICE.party();
    let good = group_rules(ALICE);
    let mut with_admin = good.clone();
    with_admin.appoint(BOB.party(), Role::Admin);
    let mut with_ban = good.clone();
    with_ban.ban(EVE.account());
    let not_alice = Party {
        identity_key: EVE.identity_key(),
        ..founder
    };
    let others = GroupRules::new(good.group_key, not_alice, good.join_policy);
    let creates = async |request: CreateGroup| {
        house
            .delivery
            .create_group(ALICE.device(1), founder, chat(1), request)
            .await
    };
    for rules in [
        &with_admin,
        &with_ban,
        &after_removal(&good),
        &group_rules(BOB),
        &others,
    ] {
        let refused = creates(group_creation(chat(1), rules, &[BOB])).await;
        assert!(
            matches!(
                refused,
                Err(CreateChatError::Refused(ProblemCode::MembershipRefused))
            ),
            "{rules:?}: {refused:?}"
        );
    }
    let direct = crate::store::contract::fixture::direct(ALICE, BOB);
    let of_another_kind = CreateGroup {
        group_info: group_info(ALICE.device(1), chat(1), 1, &direct).into(),
        ..group_creation(chat(1), &good, &[BOB])
    };
    let twice = group_creation(chat(1), &good, &[BOB, BOB]);
    for (request, expected) in [
        (of_another_kind, ProblemCode::MalformedMessage),
        (twice, ProblemCode::MembershipRefused),
    ] {
        let refused = creates(request).await;
        assert!(matches!(refused, Err(CreateChatError::Refused(code)) if code == expected));
    }
    let first = creates(group_creation(chat(1), &good, &[BOB])).await.unwrap();
    house.clock.advance(1000);
    // A retry, whose answer was lost.
    let again = creates(group_creation(chat(1), &good, &[BOB])).await.unwrap();
    assert_eq!((again, again.created_at), (first, NOW));
}

#[tokio::test]
async fn a_creation_cut_off_after_the_reservation_is_completed_by_repeating_it_alone() {
    let house = House::of(&[ALICE, BOB]).await;
    let accounts = &house.stores.accounts;
    accounts
        .reserve(ReservedFor::Group, chat(1), ALICE.device(1), 1, NOW)
        .await
        .unwrap();
    let others = house
        .delivery
        .create_group(
            BOB.device(1),
            BOB.party(),
            chat(1),
            group_creation(chat(1), &group_rules(BOB), &[]),
        )
        .await;
    assert!(matches!(
        others,
        Err(CreateChatError::Refused(ProblemCode::ChatTaken))
    ));
    house.group(1, &group_rules(ALICE), &[BOB]).await;
}

#[tokio::test]
async fn a_creation_that_is_repeated_with_others_welcomes_nobody_who_is_not_in() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let rules = group_rules(ALICE);
    let group = house.group(1, &rules, &[BOB]).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let mut eve = house.connected(EVE.device(1)).await;
    house.group(1, &rules, &[BOB, EVE]).await;
    assert!(matches!(bob.next().await, ServerFrame::Welcome { chat, .. } if chat == group));
    assert!(eve.has_nothing().await);
}

#[tokio::test]
async fn a_newcomer_is_welcomed_and_its_other_devices_hear_that_they_can_join() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let rules = group_rules(ALICE);
    let group = house.group(1, &rules, &[BOB]).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let mut eve = house.connected(EVE.device(1)).await;
    let mut outside = house.connected(EVE.device(2)).await;
    let adding = Change {
        added: vec![EVE.device(1)],
        ..Change::in_group(&rules)
    };
    let request = bob.commits(group, 1, 1, adding).await;
    assert_eq!(bob.is_accepted(request).await, 1);
    assert!(matches!(
        eve.next().await,
        ServerFrame::Welcome { after: Seq(1), .. }
    ));
    assert!(matches!(
        outside.next().await,
        ServerFrame::Cursor {
            acknowledged: None,
            last: Seq(1),
            ..
        }
    ));
    let joining = Change {
        added: vec![EVE.device(2)],
        external: true,
        ..Change::in_group(&rules)
    };
    let request = outside.commits(group, 2, 2, joining).await;
    assert_eq!(outside.is_accepted(request).await, 2);
    assert_eq!(eve.gets_entry().await, 2);
}

#[tokio::test]
async fn a_removed_account_sees_the_commit_and_nothing_after() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let rules = group_rules(ALICE);
    let group = house.group(1, &rules, &[BOB, EVE]).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let (mut eve, _) = house.greeted(EVE.device(1)).await;
    let by_bob = Change {
        removed: vec![EVE.device(1)],
        ..Change::in_group(&after_removal(&rules))
    };
    let request = bob.commits(group, 1, 1, by_bob).await;
    assert_eq!(refuses(&mut bob, request).await, ProblemCode::MembershipRefused);
    let by_owner = Change {
        removed: vec![EVE.device(1)],
        ..Change::in_group(&after_removal(&rules))
    };
    let request = alice.commits(group, 1, 2, by_owner).await;
    alice.is_accepted(request).await;
    let ServerFrame::Entry { entry, .. } = eve.next().await else {
        panic!("the Commit did not come");
    };
    assert_eq!((entry.kind, entry.seq), (EntryKind::Commit, Seq(1)));
    let payload = super::house::application(group, 2, 3);
    let request = alice
        .submits(group, 3, sotto_protocol::Retention::Keep, payload)
        .await;
    alice.is_accepted(request).await;
    assert!(eve.has_nothing().await);
    drop(eve);
    house.connected(EVE.device(1)).await;
}

#[tokio::test]
async fn anyone_joins_an_open_group_alone() {
    let house = House::of(&[ALICE, EVE]).await;
    let rules = open_rules();
    let group = house.group(1, &rules, &[]).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let mut eve = house.connected(EVE.device(1)).await;
    let info = house.delivery.group_info(EVE.device(1), group).await.unwrap();
    assert_eq!(info.last, Seq::ZERO);
    let joining = Change {
        added: vec![EVE.device(1)],
        external: true,
        as_newcomer: true,
        ..Change::in_group(&rules)
    };
    let request = eve.commits(group, 1, 1, joining).await;
    assert_eq!(eve.is_accepted(request).await, 1);
    assert_eq!(alice.gets_entry().await, 1);
}

#[tokio::test]
async fn a_group_ends_with_the_last_who_leaves_it() {
    let house = House::of(&[ALICE, BOB]).await;
    let group = house.group(1, &group_rules(ALICE), &[BOB]).await;
    let leaves = async |person: Person| house.delivery.leave_group(person.account(), group, None).await;
    leaves(ALICE).await.unwrap();
    assert!(house.delivery.group(group).await.is_ok());
    leaves(BOB).await.unwrap();
    assert_eq!(
        code(house.delivery.group(group).await),
        ProblemCode::GroupNotFound
    );
    assert_eq!(code(leaves(BOB).await), ProblemCode::GroupNotFound);
}

#[tokio::test]
async fn whoever_leaves_hears_nothing_more() {
    let house = House::of(&[ALICE, BOB]).await;
    let rules = group_rules(ALICE);
    let group = house.group(1, &rules, &[BOB]).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    for _ in 0..2 {
        house
            .delivery
            .leave_group(BOB.account(), group, None)
            .await
            .unwrap();
    }
    let nowhere = house.delivery.leave_group(BOB.account(), chat(9), None).await;
    assert_eq!(code(nowhere), ProblemCode::GroupNotFound);
    let request = alice.sends(group, 1).await;
    assert!(matches!(
        alice.answer(request).await,
        Outcome::Accepted { reached: 0, .. }
    ));
    let request = bob.sends(group, 2).await;
    assert_eq!(refuses(&mut bob, request).await, ProblemCode::ChatNotFound);
    // The leaf goes later, and nobody needs to be told.
    let removing = Change {
        removed: vec![BOB.device(1)],
        ..Change::in_group(&after_removal(&rules))
    };
    let request = alice.commits(group, 1, 3, removing).await;
    alice.is_accepted(request).await;
    assert!(bob.has_nothing().await);
}

#[tokio::test]
async fn a_group_is_deleted_by_its_owner_alone_and_everyone_hears_of_it() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let mut rules = group_rules(ALICE);
    let group = house.group(1, &rules, &[BOB]).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    rules.appoint(BOB.party(), Role::Admin);
    let request = alice.commits(group, 1, 1, Change::in_group(&rules)).await;
    alice.is_accepted(request).await;
    bob.gets_entry().await;
    for other in [BOB, EVE] {
        let refused = house.delivery.delete_group(other.device(1), group).await;
        assert_eq!(code(refused), ProblemCode::Forbidden);
    }
    house.delivery.delete_group(ALICE.device(1), group).await.unwrap();
    for device in [&mut alice, &mut bob] {
        let deleted = ServerFrame::Changed(Changed::ChatDeleted(group));
        assert_eq!(device.next().await, deleted);
    }
    let request = alice.sends(group, 2).await;
    assert_eq!(refuses(&mut alice, request).await, ProblemCode::ChatNotFound);
    let again = house.delivery.delete_group(ALICE.device(1), group).await;
    assert_eq!(code(again), ProblemCode::GroupNotFound);
    let created = house
        .delivery
        .create_group(
            ALICE.device(1),
            ALICE.party(),
            group,
            group_creation(group, &group_rules(ALICE), &[]),
        )
        .await;
    assert!(matches!(
        created,
        Err(CreateChatError::Refused(ProblemCode::ChatTaken))
    ));
    drop((alice, bob));
    let house = house.restarted().await;
    house.connected(BOB.device(1)).await;
}

#[tokio::test]
async fn a_deletion_that_was_cut_off_is_completed() {
    let house = House::of(&[ALICE, BOB]).await;
    let cut_off_early = house.group(1, &group_rules(ALICE), &[BOB]).await;
    let cut_off_late = house.group(2, &group_rules(ALICE), &[BOB]).await;
    let stays = house.group(3, &group_rules(ALICE), &[BOB]).await;
    let accounts = &house.stores.accounts;
    for group in [cut_off_early, cut_off_late] {
        accounts.begin_deletion(group).await.unwrap();
    }
    house.stores.logs[0].delete_group(cut_off_late).await.unwrap();
    house.delivery.complete_deletions().await.unwrap();
    assert_eq!(accounts.deletions(10).await.unwrap(), []);
    for group in [cut_off_early, cut_off_late] {
        assert_eq!(
            code(house.delivery.group(group).await),
            ProblemCode::GroupNotFound
        );
    }
    assert_eq!(house.delivery.group(stays).await.unwrap().stored.members, 2);
}

#[tokio::test]
async fn the_request_of_whoever_is_added_is_forgotten_and_the_members_hear_of_it() {
    let house = House::of(&[ALICE, BOB, EVE, DAN]).await;
    let rules = group_rules(ALICE);
    let group = house.group(1, &rules, &[BOB]).await;
    for person in [EVE, DAN] {
        let request = NewJoinRequest {
            group,
            account: person.account(),
            key_package: Bytes::from_static(b"key package"),
            at: NOW,
        };
        let asked = house.stores.accounts.ask_to_join(request).await.unwrap();
        assert_eq!(asked, Asked::Waiting);
    }
    let mut alice = house.connected(ALICE.device(1)).await;
    let adding = Change {
        added: vec![EVE.device(1)],
        ..Change::in_group(&rules)
    };
    let request = alice.commits(group, 1, 1, adding).await;
    alice.is_accepted(request).await;
    let changed = ServerFrame::Changed(Changed::JoinRequests(group));
    assert_eq!(alice.next().await, changed);
    let waiting = house.stores.accounts.join_requests(group).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].account, DAN.account());
}

#[tokio::test]
async fn a_group_is_described_as_it_is_now_and_other_chats_are_none() {
    let house = House::of(&[ALICE, BOB]).await;
    let rules = open_rules();
    let group = house.group(1, &rules, &[BOB]).await;
    let direct = house.chat(2, ALICE, BOB).await;
    let (mut alice, _) = house.greeted(ALICE.device(1)).await;
    let request = alice.commits(group, 1, 1, Change::in_group(&rules)).await;
    alice.is_accepted(request).await;
    let read = house.delivery.group(group).await.unwrap();
    assert_eq!(read.header.epoch.0, 2);
    assert_eq!(read.header.rules, ChatRules::Group(rules));
    assert_eq!(read.header.external_key, [2; 32]);
    assert_eq!((read.stored.members, read.profile), (2, None));
    for none in [direct, ChatId::from_bytes([99; 16])] {
        assert_eq!(code(house.delivery.group(none).await), ProblemCode::GroupNotFound);
    }
}

#[tokio::test]
async fn what_follows_from_a_commit_is_done_before_the_server_stops() {
    let house = House::of(&[ALICE, EVE]).await;
    let mut rules = group_rules(ALICE);
    rules.is_listed = true;
    let group = house.group(1, &rules, &[]).await;
    let profile = sotto_protocol::GroupProfile {
        group,
        revision: 1,
        title: "Gardeners".to_owned(),
        description: String::new(),
        picture: None,
    };
    let signed = sotto_protocol::SignedGroupProfile {
        profile: profile.encode().into(),
        signature: sotto_protocol::Signature::from_bytes([1; 64]),
    };
    let accounts = house.stores.accounts.clone();
    assert!(accounts.put_group_profile(profile, signed).await.unwrap());
    let mut alice = house.connected(ALICE.device(1)).await;
    let mut unlisted = rules.clone();
    unlisted.is_listed = false;
    let request = alice.commits(group, 1, 1, Change::in_group(&unlisted)).await;
    alice.is_accepted(request).await;
    house.delivery.shutdown().await;
    assert_eq!(accounts.group_profile(group).await.unwrap(), None);
}
