//! What Commits show and bring along, checked by the keys that the server knows.

use super::house::{Change, Device, House, creation, group_creation, group_info};
use crate::delivery::CreateChatError;
use crate::store::contract::fixture::{
    ALICE, BOB, EVE, NOW, Person, chat, direct, group_rules, signed, vector,
};
use crate::store::{Asked, DeviceStore as _, GroupStore as _, NewJoinRequest};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use sotto_protocol::chat_rules::{Approvers, JoinPolicy, Party, Role};
use sotto_protocol::frame::{Outcome, RequestId, ServerFrame};
use sotto_protocol::rest::chat::CreateDirectChat;
use sotto_protocol::rest::group::CreateGroup;
use sotto_protocol::{
    Approval, ChatId, Departure, DeviceAddress, Evidence, GroupRules, KeyPackageRef, LeafKeyHash,
    ProblemCode, Seq, Suite,
};

const DAN: Person = Person(4);

/// The answer to this request, whatever else comes before it.
async fn outcome(device: &mut Device, request: RequestId) -> Outcome {
    loop {
        if let ServerFrame::Response {
            request: answered,
            outcome,
        } = device.next().await
            && answered == request
        {
            return outcome;
        }
    }
}

async fn refuses(device: &mut Device, request: RequestId) -> ProblemCode {
    match outcome(device, request).await {
        Outcome::Refused(refusal) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

async fn accepts(device: &mut Device, request: RequestId) -> Seq {
    match outcome(device, request).await {
        Outcome::Accepted { seq: Some(seq), .. } => seq,
        other => panic!("not accepted: {other:?}"),
    }
}

/// The same, but for this.
fn spoilt(group_info: &Bytes, spoil: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut bytes = group_info.to_vec();
    spoil(&mut bytes);
    bytes.into()
}

#[tokio::test]
async fn a_group_info_that_the_committers_device_did_not_sign_is_refused() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let rules = direct(ALICE, BOB);
    let good = group_info(ALICE.device(1), chat, 2, &rules);
    for (number, bad) in [
        group_info(BOB.device(1), chat, 2, &rules),
        group_info(ALICE.device(2), chat, 2, &rules),
        spoilt(&good, |bytes| *bytes.last_mut().unwrap() ^= 1),
        spoilt(&good, |bytes| bytes.push(0)),
        spoilt(&good, |bytes| bytes.truncate(bytes.len() - 65)),
        // The external key, which is no part of the GroupContext.
        spoilt(&good, |bytes| {
            let place = bytes.windows(4).rposition(|window| window == [2; 4]).unwrap();
            bytes[place] ^= 1;
        }),
    ]
    .into_iter()
    .enumerate()
    {
        let change = Change {
            group_info: Some(bad),
            ..Change::default()
        };
        let number = u32::try_from(number).unwrap();
        let request = alice.commits(chat, 1, number, change).await;
        assert_eq!(
            refuses(&mut alice, request).await,
            ProblemCode::GroupInfoRefused,
            "{number}"
        );
    }
    let request = alice.commits(chat, 1, 9, Change::default()).await;
    assert_eq!(accepts(&mut alice, request).await, Seq(1));
    // A device that joins alone signs the GroupInfo too.
    let joins = |group_info| Change {
        added: vec![BOB.device(2)],
        external: true,
        group_info,
        ..Change::default()
    };
    let (mut bob, _) = house.greeted(BOB.device(2)).await;
    let others = group_info(ALICE.device(1), chat, 3, &rules);
    let request = bob.commits(chat, 2, 10, joins(Some(others))).await;
    assert_eq!(refuses(&mut bob, request).await, ProblemCode::GroupInfoRefused);
    let request = bob.commits(chat, 2, 11, joins(None)).await;
    assert_eq!(accepts(&mut bob, request).await, Seq(2));
}

#[tokio::test]
async fn a_chat_begins_with_a_group_info_that_its_creators_device_signed() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = chat(1);
    let rules = direct(ALICE, BOB);
    let by_bob = CreateDirectChat {
        group_info: group_info(BOB.device(1), chat, 1, &rules).into(),
        ..creation(chat, ALICE, BOB)
    };
    let refused = house
        .delivery
        .create_direct_chat(ALICE.device(1), chat, by_bob, rules)
        .await;
    assert!(matches!(
        refused,
        Err(CreateChatError::Refused(ProblemCode::GroupInfoRefused))
    ));
    let rules = group_rules(ALICE);
    let by_second = CreateGroup {
        group_info: group_info(
            ALICE.device(2),
            chat,
            1,
            &sotto_protocol::ChatRules::Group(rules.clone()),
        )
        .into(),
        ..group_creation(chat, &rules, &[BOB])
    };
    let refused = house
        .delivery
        .create_group(ALICE.device(1), ALICE.party(), chat, by_second)
        .await;
    assert!(matches!(
        refused,
        Err(CreateChatError::Refused(ProblemCode::GroupInfoRefused))
    ));
    house.chat(1, ALICE, BOB).await;
}

/// A KeyPackage as far as a server reads it, and its reference (RFC 9420, section 5.2).
fn key_package(number: u8) -> (Bytes, KeyPackageRef) {
    let mut inside = vec![0, 1];
    inside.extend_from_slice(&Suite::XWing.code_point().to_be_bytes());
    inside.push(number);
    let label = vector(b"MLS 1.0 KeyPackage Reference");
    let reference = Sha256::digest([label, vector(&inside)].concat());
    let message = [[0, 1, 0, 5].as_slice(), &inside].concat();
    (message.into(), KeyPackageRef::from_bytes(reference.into()))
}

fn approval(
    group: ChatId,
    removals: u64,
    by: DeviceAddress,
    newcomer: DeviceAddress,
    key_package: KeyPackageRef,
) -> Approval {
    let bytes = Approval::signed_bytes(group, removals, newcomer, key_package);
    Approval {
        newcomer,
        key_package,
        by,
        signature: signed(by, "sotto.v1 approval", &bytes),
    }
}

fn departure(group: ChatId, by: DeviceAddress) -> Departure {
    let leaf_key = LeafKeyHash::from_bytes([5; 32]);
    let bytes = Departure::signed_bytes(group, by.account, leaf_key);
    Departure {
        by,
        leaf_key,
        signature: signed(by, "sotto.v1 departure", &bytes),
    }
}

async fn asks(house: &House, group: ChatId, who: Person, key_package: Bytes) {
    let request = NewJoinRequest {
        group,
        account: who.account(),
        key_package,
        at: NOW,
    };
    let asked = house.stores.accounts.ask_to_join(request).await.unwrap();
    assert_eq!(asked, Asked::Waiting);
}

#[tokio::test]
async fn an_approval_counts_that_its_device_signed_for_a_request_that_waits() {
    let house = House::of(&[ALICE, BOB, EVE, DAN]).await;
    let rules = GroupRules {
        join_policy: JoinPolicy::Approval {
            by: Approvers::Members(2),
        },
        ..group_rules(ALICE)
    };
    let group = house.group(1, &rules, &[BOB]).await;
    let (request, reference) = key_package(1);
    asks(&house, group, EVE, request).await;
    let (_, earlier) = key_package(2);
    let (eve, bob) = (EVE.device(1), BOB.device(1));
    let good = approval(group, 0, bob, eve, reference);
    let adds = |approvals: Vec<Approval>| Change {
        added: vec![eve],
        evidence: Evidence {
            approvals,
            ..Evidence::default()
        },
        ..Change::in_group(&rules)
    };
    let mut alice = house.connected(ALICE.device(1)).await;
    let in_bobs_name = Approval {
        signature: approval(group, 0, ALICE.device(1), eve, reference).signature,
        ..good
    };
    let for_dan = Approval {
        newcomer: DAN.device(1),
        ..good
    };
    for (number, approvals) in [
        vec![in_bobs_name],
        vec![for_dan],
        vec![approval(group, 1, bob, eve, reference)],
        vec![approval(chat(2), 0, bob, eve, reference)],
        vec![approval(group, 0, bob, eve, earlier)],
        vec![approval(group, 0, bob, EVE.device(2), reference)],
        vec![approval(group, 0, bob, DAN.device(1), reference)],
        // One that does not hold spoils those that do.
        vec![good, in_bobs_name],
    ]
    .into_iter()
    .enumerate()
    {
        let number = u32::try_from(number).unwrap();
        let request = alice.commits(group, 1, number, adds(approvals)).await;
        let code = refuses(&mut alice, request).await;
        assert_eq!(code, ProblemCode::StatementRefused, "{number}");
    }
    let request = alice.commits(group, 1, 20, adds(vec![])).await;
    assert_eq!(refuses(&mut alice, request).await, ProblemCode::MembershipRefused);
    let request = alice.commits(group, 1, 21, adds(vec![good])).await;
    assert_eq!(accepts(&mut alice, request).await, Seq(1));
    // Whoever is in asks no more, and a retry is told what the first was.
    let gone = [EVE.account()];
    house
        .stores
        .accounts
        .forget_join_requests(group, &gone)
        .await
        .unwrap();
    let request = alice.commits(group, 1, 21, adds(vec![good])).await;
    assert_eq!(accepts(&mut alice, request).await, Seq(1));
}

#[tokio::test]
async fn what_a_device_approved_that_was_removed_since_does_not_count() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let rules = GroupRules {
        join_policy: JoinPolicy::Approval {
            by: Approvers::Members(2),
        },
        ..group_rules(ALICE)
    };
    let group = house.group(1, &rules, &[BOB]).await;
    let (request, reference) = key_package(1);
    asks(&house, group, EVE, request).await;
    let list = BOB.device_list(3, &[2]);
    let accounts = &house.stores.accounts;
    accounts.remove_device(BOB.device(1), list, NOW).await.unwrap();
    let mut alice = house.connected(ALICE.device(1)).await;
    let given = approval(group, 0, BOB.device(1), EVE.device(1), reference);
    let change = Change {
        added: vec![EVE.device(1)],
        evidence: Evidence {
            approvals: vec![given],
            ..Evidence::default()
        },
        ..Change::in_group(&rules)
    };
    let request = alice.commits(group, 1, 1, change).await;
    assert_eq!(refuses(&mut alice, request).await, ProblemCode::MembershipRefused);
}

#[tokio::test]
async fn a_departure_counts_that_its_device_signed() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let rules = group_rules(ALICE);
    let group = house.group(1, &rules, &[BOB, EVE]).await;
    let after = GroupRules { removals: 1, ..rules };
    let removes = |departures| Change {
        removed: vec![EVE.device(1)],
        evidence: Evidence {
            departures,
            ..Evidence::default()
        },
        ..Change::in_group(&after)
    };
    let good = departure(group, EVE.device(1));
    let forged = Departure {
        signature: departure(group, BOB.device(1)).signature,
        ..good
    };
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    for departure in [forged, departure(chat(2), EVE.device(1))] {
        let request = bob.commits(group, 1, 1, removes(vec![departure])).await;
        assert_eq!(refuses(&mut bob, request).await, ProblemCode::StatementRefused);
    }
    let request = bob.commits(group, 1, 1, removes(vec![])).await;
    assert_eq!(refuses(&mut bob, request).await, ProblemCode::MembershipRefused);
    let request = bob.commits(group, 1, 1, removes(vec![good])).await;
    assert_eq!(accepts(&mut bob, request).await, Seq(1));
}

#[tokio::test]
async fn statements_have_no_place_in_a_direct_chat() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let change = Change {
        evidence: Evidence {
            departures: vec![departure(chat, BOB.device(1))],
            ..Evidence::default()
        },
        ..Change::default()
    };
    let request = alice.commits(chat, 1, 1, change).await;
    assert_eq!(refuses(&mut alice, request).await, ProblemCode::StatementRefused);
}

#[tokio::test]
async fn an_office_is_for_an_account_with_the_identity_key_that_it_has() {
    let house = House::of(&[ALICE, BOB]).await;
    let rules = group_rules(ALICE);
    let group = house.group(1, &rules, &[BOB]).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let mut appoints = async |holder: Party, number| {
        let mut after = rules.clone();
        after.appoint(holder, Role::Admin);
        let request = alice.commits(group, 1, number, Change::in_group(&after)).await;
        outcome(&mut alice, request).await
    };
    let not_bob = Party {
        identity_key: EVE.identity_key(),
        ..BOB.party()
    };
    let refused = Outcome::Refused(ProblemCode::OfficeRefused.into());
    assert_eq!(appoints(not_bob, 1).await, refused);
    assert!(matches!(appoints(BOB.party(), 2).await, Outcome::Accepted { .. }));
}
