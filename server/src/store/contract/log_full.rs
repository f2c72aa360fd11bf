//! The contract of [`LogStore`]: a chat has as many devices as its suite allows, and keeps its suite.

use super::Backend;
use super::fixture::*;
use crate::store::{Appended, ChatCreation, LogStore, NewChat, Submission};
use sotto_protocol::chat_rules::JoinPolicy;
use sotto_protocol::{ChatRules, DeviceAddress, GroupRules, ProblemCode, Suite};

fn rules() -> GroupRules {
    GroupRules {
        join_policy: JoinPolicy::Open,
        ..group_rules(ALICE)
    }
}

fn by_alice(number: u32) -> Submission {
    commits(chat(1), ALICE.device(1), number).under(&ChatRules::Group(rules()))
}

/// So many devices, Alice's first of them.
fn crowd(number: usize) -> Vec<DeviceAddress> {
    (1..=u8::MAX)
        .flat_map(|person| [Person(person).device(1), Person(person).device(2)])
        .take(number)
        .collect()
}

/// Alice's group with so many devices, put there without a Commit, as if their number had been allowed before.
async fn open(log: &impl LogStore, suite: Suite, devices: usize) {
    let mut group = new_group(1, ALICE, &[BOB]);
    group.rules = ChatRules::Group(rules()).into();
    let group = NewChat {
        suite,
        added: crowd(devices).split_off(1),
        ..group
    };
    assert_eq!(log.create_chat(group).await.unwrap(), ChatCreation::Created);
}

fn is_refused(appended: &Appended, code: ProblemCode) -> bool {
    matches!(appended, Appended::Refused(refusal) if refusal.code == code)
}

fn is_accepted(appended: &Appended) -> bool {
    matches!(appended, Appended::Accepted { .. })
}

const LATE: Person = Person(250);

pub(crate) async fn a_chat_takes_devices_until_it_is_full<B: Backend>(backend: B) {
    let log = backend.log();
    let most = Suite::XWing.most_devices();
    open(log, Suite::XWing, most - 1).await;
    let two = by_alice(1).adding(LATE.device(1)).adding(LATE.device(2));
    assert!(is_refused(&write_one(log, two).await, ProblemCode::GroupFull));
    assert!(is_accepted(
        &write_one(log, by_alice(2).adding(LATE.device(1))).await
    ));
    let another = by_alice(3).adding(LATE.device(2)).in_epoch(2);
    assert!(is_refused(&write_one(log, another).await, ProblemCode::GroupFull));
    let alone = commits(chat(1), LATE.device(2), 4)
        .under(&ChatRules::Group(rules()))
        .in_epoch(2)
        .joining();
    assert!(is_refused(&write_one(log, alone).await, ProblemCode::GroupFull));
    // A device comes back to its own place.
    let back = commits(chat(1), LATE.device(1), 5)
        .under(&ChatRules::Group(rules()))
        .in_epoch(2)
        .joining()
        .removing(LATE.device(1));
    assert!(is_accepted(&write_one(log, back).await));
    let renewed = by_alice(7).in_epoch(3);
    assert!(is_accepted(&write_one(log, renewed).await));
}

pub(crate) async fn a_large_group_takes_more_than_another<B: Backend>(backend: B) {
    let log = backend.log();
    open(log, Suite::X25519, Suite::XWing.most_devices()).await;
    let adding = of_suite(by_alice(1).adding(LATE.device(1)), Suite::X25519);
    assert!(is_accepted(&write_one(log, adding).await));
}

pub(crate) async fn a_chat_keeps_its_suite<B: Backend>(backend: B) {
    let log = backend.log();
    open(log, Suite::XWing, 3).await;
    let other = of_suite(by_alice(1), Suite::X25519);
    assert!(is_refused(
        &write_one(log, other).await,
        ProblemCode::MalformedMessage
    ));
    assert!(is_accepted(&write_one(log, by_alice(2)).await));
}

fn of_suite(mut submission: Submission, suite: Suite) -> Submission {
    submission.commit.as_mut().unwrap().suite = suite;
    submission
}
