//! Groups of communities: nobody comes in, by whatever way, who is not in the community.

use super::house::{Change, Device, House, group_creation};
use crate::delivery::CreateChatError;
use crate::store::contract::communities::{community, profile};
use crate::store::contract::fixture::{ALICE, BOB, EVE, NOW, Person, chat, group_rules};
use crate::store::{
    CommunityGroupStore as _, CommunityMembershipStore as _, CommunityStore as _, NewCommunity,
};
use sotto_protocol::chat_rules::JoinPolicy;
use sotto_protocol::frame::{Outcome, RequestId};
use sotto_protocol::rest::chat::ChatCreated;
use sotto_protocol::{GroupRules, ProblemCode};

const DAN: Person = Person(4);

/// An open group of a community.
fn rules(number: u8) -> GroupRules {
    GroupRules {
        join_policy: JoinPolicy::Open,
        community: Some(community(number)),
        ..group_rules(ALICE)
    }
}

/// A community that Alice has founded and these are in.
async fn with_community(members: &[Person]) -> House {
    let house = House::of(&[ALICE, BOB, EVE, DAN]).await;
    let accounts = &house.stores.accounts;
    let new = NewCommunity {
        community: community(1),
        founder: ALICE.account(),
        profile: profile("Choir"),
        at: NOW,
    };
    accounts.found_community(new).await.unwrap();
    for member in members {
        accounts
            .join_community(community(1), member.account(), NOW)
            .await
            .unwrap();
    }
    house
}

async fn creates(
    house: &House,
    rules: &GroupRules,
    others: &[Person],
) -> Result<ChatCreated, CreateChatError> {
    let request = group_creation(chat(1), rules, others);
    house
        .delivery
        .create_group(ALICE.device(1), ALICE.party(), chat(1), request)
        .await
}

async fn joins(house: &House, person: Person, epoch: u64) -> (Device, RequestId) {
    let (mut device, _) = house.greeted(person.device(1)).await;
    let joining = Change {
        added: vec![person.device(1)],
        external: true,
        as_newcomer: true,
        ..Change::in_group(&rules(1))
    };
    let number = u32::from(person.0);
    let request = device.commits(chat(1), epoch, number, joining).await;
    (device, request)
}

async fn refusal((mut device, request): (Device, RequestId)) -> ProblemCode {
    match device.answer(request).await {
        Outcome::Refused(refusal) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_group_of_a_community_begins_with_those_alone_who_are_in_it() {
    let house = with_community(&[BOB]).await;
    for (rules, others, expected) in [
        (rules(1), &[EVE][..], ProblemCode::MembershipRefused),
        (rules(2), &[], ProblemCode::CommunityNotFound),
    ] {
        let refused = creates(&house, &rules, others).await;
        assert!(matches!(refused, Err(CreateChatError::Refused(code)) if code == expected));
    }
    let accounts = &house.stores.accounts;
    let none = accounts.community_groups(community(1), None, 10).await.unwrap();
    assert_eq!(none, []);
    for _ in 0..2 {
        creates(&house, &rules(1), &[BOB]).await.unwrap();
    }
    let groups = accounts.community_groups(community(1), None, 10).await.unwrap();
    assert_eq!(groups, [chat(1)]);
    let after = accounts.community_groups(community(1), Some(chat(1)), 10).await;
    assert_eq!(after.unwrap(), []);
    house
        .delivery
        .delete_group(ALICE.device(1), chat(1))
        .await
        .unwrap();
    let none = accounts.community_groups(community(1), None, 10).await.unwrap();
    assert_eq!(none, []);
}

#[tokio::test]
async fn who_is_not_in_the_community_neither_joins_its_groups_nor_is_added_nor_asks() {
    let house = with_community(&[BOB]).await;
    creates(&house, &rules(1), &[]).await.unwrap();
    assert_eq!(
        refusal(joins(&house, EVE, 1).await).await,
        ProblemCode::NotInCommunity
    );
    let (mut alice, _) = house.greeted(ALICE.device(1)).await;
    let adding = Change {
        added: vec![EVE.device(1)],
        ..Change::in_group(&rules(1))
    };
    let request = alice.commits(chat(1), 1, 1, adding).await;
    assert_eq!(refusal((alice, request)).await, ProblemCode::MembershipRefused);
    let bound = rules(1);
    let may_ask = |who: Person| house.delivery.may_ask(&bound, who.account());
    assert!(!may_ask(EVE).await.unwrap() && may_ask(BOB).await.unwrap());
    let (mut bob, request) = joins(&house, BOB, 1).await;
    assert_eq!(bob.is_accepted(request).await, 1);
}

#[tokio::test]
async fn who_leaves_the_community_stays_in_its_groups_and_comes_back_into_none() {
    let house = with_community(&[BOB, EVE]).await;
    creates(&house, &rules(1), &[BOB, EVE]).await.unwrap();
    let accounts = &house.stores.accounts;
    for person in [BOB, EVE] {
        accounts
            .leave_community(community(1), person.account())
            .await
            .unwrap();
    }
    // Another device of somebody who is in it is no newcomer.
    let (mut bob, _) = house.greeted(BOB.device(2)).await;
    let joining = Change {
        added: vec![BOB.device(2)],
        external: true,
        ..Change::in_group(&rules(1))
    };
    let request = bob.commits(chat(1), 1, 1, joining).await;
    assert_eq!(bob.is_accepted(request).await, 1);
    house
        .delivery
        .leave_group(EVE.account(), chat(1), None)
        .await
        .unwrap();
    assert_eq!(
        refusal(joins(&house, EVE, 2).await).await,
        ProblemCode::NotInCommunity
    );
    // Without its community a group goes on by its own rules.
    accounts
        .delete_community(community(1), ALICE.account())
        .await
        .unwrap();
    let (mut dan, request) = joins(&house, DAN, 2).await;
    assert_eq!(dan.is_accepted(request).await, 2);
}
