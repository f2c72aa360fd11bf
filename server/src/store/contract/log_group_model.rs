//! Random changes to a group against a model: who has a leaf, who is active, who is a party. What is allowed is the rules'
//! business, which have tests of their own.

use super::Backend;
use super::fixture::*;
use super::log_group::leaves;
use crate::store::{Appended, GroupChange, LogStore, Submission};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use sotto_protocol::chat_rules::{Actor, Change, JoinPolicy, Member};
use sotto_protocol::{AccountId, ChatRules, DeviceAddress, GroupRules, ProblemCode, Suite};
use std::collections::{BTreeMap, BTreeSet};

const CASES: usize = 400;

/// What is done to the group.
#[derive(Clone, Debug)]
enum Step {
    /// A Commit of this device adds and removes these.
    Commit(DeviceAddress, Vec<DeviceAddress>, Vec<DeviceAddress>),
    /// A device joins alone, perhaps as a newcomer.
    Join(DeviceAddress, bool),
    /// A member's message.
    Say(DeviceAddress),
    /// An account leaves.
    Leave(Person),
    /// A device is removed from its account.
    Depart(DeviceAddress),
    /// The group is open from now on, or closed.
    SetOpen(bool),
    Restart,
}

struct Model {
    rules: GroupRules,
    epoch: u64,
    /// Whether each leaf's device is in the group.
    leaves: BTreeMap<DeviceAddress, bool>,
    parties: BTreeSet<AccountId>,
    departed: BTreeSet<DeviceAddress>,
}

impl Model {
    fn is_active(&self, device: DeviceAddress) -> bool {
        self.leaves.get(&device) == Some(&true)
    }

    /// What a Commit is answered, and what it changes.
    fn commit(&mut self, submission: &Submission) -> Result<Option<GroupChange>, ProblemCode> {
        let parts = submission.commit.as_deref().unwrap();
        let from = submission.from;
        let is_open = self.rules.join_policy == JoinPolicy::Open;
        let may_join = self.parties.contains(&from.account) || parts.as_newcomer && is_open;
        let may = if parts.external {
            may_join && !self.departed.contains(&from)
        } else {
            self.is_active(from)
        };
        if !may {
            return Err(ProblemCode::ChatNotFound);
        }
        let members: Vec<Member> = self.leaves.keys().copied().map(Member::from).collect();
        let of = |devices: &[DeviceAddress]| devices.iter().copied().map(Member::from).collect::<Vec<_>>();
        let change = Change {
            suite: Suite::default(),
            by: if parts.external {
                Actor::Joiner(from.into())
            } else {
                Actor::Member(from.into())
            },
            members: &members,
            added: &if parts.external {
                Vec::new()
            } else {
                of(&parts.added)
            },
            removed: &of(&parts.removed),
            approvals: &[],
            departed: &[],
            invited: None,
            rules: &parts.rules,
        };
        let rules = ChatRules::Group(self.rules.clone());
        let itself = parts.removed.contains(&from);
        let has_leaf = self.leaves.contains_key(&from);
        let removed_are_there = parts
            .removed
            .iter()
            .all(|device| self.leaves.contains_key(device) || self.departed.contains(device));
        let is_sound = removed_are_there && itself == (parts.external && has_leaf);
        let brings_back = parts.added.iter().any(|device| self.departed.contains(device));
        if !is_sound || brings_back || rules.check(&change).is_err() {
            return Err(ProblemCode::MembershipRefused);
        }
        for device in &parts.removed {
            self.leaves.remove(device);
        }
        let mut newcomers = BTreeSet::new();
        for &device in &parts.added {
            self.leaves.insert(device, true);
            if self.parties.insert(device.account) {
                newcomers.insert(device.account);
            }
        }
        for device in &parts.removed {
            if !self.leaves.keys().any(|leaf| leaf.account == device.account) {
                self.parties.remove(&device.account);
            }
        }
        self.rules = parts.rules.as_group().unwrap().clone();
        self.epoch += 1;
        let newcomers: Vec<AccountId> = newcomers.into_iter().collect();
        Ok((!newcomers.is_empty()).then_some(GroupChange {
            newcomers,
            is_unlisted: false,
        }))
    }
}

fn device() -> impl Strategy<Value = DeviceAddress> {
    (1_u8..=5, 1_u8..=3).prop_map(|(person, number)| Person(person).device(number))
}

fn step() -> impl Strategy<Value = Step> {
    let some =
        || prop::collection::btree_set(device(), 0..3).prop_map(|devices| devices.into_iter().collect());
    prop_oneof![
        6 => (device(), some(), some()).prop_map(|(from, added, removed)| Step::Commit(from, added, removed)),
        4 => device().prop_map(|device| Step::Commit(ALICE.device(1), vec![device], Vec::new())),
        // Often of Alice, who may, and of all of an account's devices.
        4 => (2_u8..=5).prop_map(|person| {
            let all = (1..=3).map(|number| Person(person).device(number));
            Step::Commit(ALICE.device(1), Vec::new(), all.collect())
        }),
        6 => (device(), any::<bool>()).prop_map(|(device, as_newcomer)| Step::Join(device, as_newcomer)),
        6 => device().prop_map(Step::Say),
        3 => (2_u8..=5).prop_map(|person| Step::Leave(Person(person))),
        1 => (2_u8..=5, 1_u8..=3).prop_map(|(person, number)| Step::Depart(Person(person).device(number))),
        2 => any::<bool>().prop_map(Step::SetOpen),
        1 => Just(Step::Restart),
    ]
}

/// The Commit of a step, as a device would make it that knows the group.
fn commit(model: &Model, step: &Step, number: u32) -> Submission {
    let mut rules = model.rules.clone();
    let submission = match step {
        Step::Commit(from, added, removed) => {
            let mut submission = commits(chat(1), *from, number);
            for &device in added {
                submission = submission.adding(device);
            }
            // Of another's devices those that have leaves, as whoever removes an account knows them.
            let removed = removed.iter().filter(|device| model.leaves.contains_key(device));
            for &device in removed {
                submission = submission.removing(device);
            }
            let others = submission.commit.as_ref().unwrap().removed.iter();
            let others = others.filter(|device| device.account != from.account);
            rules.removals += u64::from(others.count() > 0);
            submission
        }
        Step::Join(from, as_newcomer) => {
            let submission = commits(chat(1), *from, number);
            let submission = if *as_newcomer {
                submission.joining_as_newcomer()
            } else {
                submission.joining()
            };
            if model.leaves.contains_key(from) {
                submission.removing(*from)
            } else {
                submission
            }
        }
        Step::SetOpen(is_open) => {
            rules.join_policy = if *is_open {
                JoinPolicy::Open
            } else {
                group_rules(ALICE).join_policy
            };
            commits(chat(1), ALICE.device(1), number)
        }
        Step::Say(_) | Step::Leave(_) | Step::Depart(_) | Step::Restart => unreachable!("no Commit"),
    };
    submission.under(&ChatRules::Group(rules)).in_epoch(model.epoch)
}

pub(crate) async fn random_changes_leave_the_members_of_a_simple_model<B: Backend>(mut backend: B) {
    let mut runner = TestRunner::new(Config::default());
    backend
        .log()
        .create_chat(new_group(1, ALICE, &[BOB]))
        .await
        .unwrap();
    let mut model = Model {
        rules: group_rules(ALICE),
        epoch: 1,
        leaves: [(ALICE.device(1), true), (BOB.device(1), true)].into(),
        parties: [ALICE.account(), BOB.account()].into(),
        departed: BTreeSet::new(),
    };
    let mut steps = Vec::new();
    for case in 0..CASES {
        let step = step().new_tree(&mut runner).unwrap().current();
        let number = u32::try_from(case).unwrap();
        steps.push(step.clone());
        match &step {
            Step::Commit(..) | Step::Join(..) | Step::SetOpen(_) => {
                let submission = commit(&model, &step, number);
                let expected = model.commit(&submission);
                let outcome = match write_one(backend.log(), submission).await {
                    Appended::Accepted { group, .. } => Ok(group.map(|group| *group)),
                    Appended::Refused(refusal) => Err(refusal.code),
                    other => panic!("{other:?}"),
                };
                assert_eq!(outcome, expected, "{steps:#?}");
            }
            Step::Say(from) => {
                let said = write_one(backend.log(), says(chat(1), *from, number).in_epoch(model.epoch)).await;
                let is_accepted = matches!(said, Appended::Accepted { .. });
                assert_eq!(is_accepted, model.is_active(*from), "{steps:#?}");
            }
            Step::Leave(person) => {
                let left = leaves(backend.log(), *person).await;
                assert_eq!(left, model.parties.remove(&person.account()), "{steps:#?}");
                for (device, active) in &mut model.leaves {
                    *active &= device.account != person.account();
                }
            }
            Step::Depart(device) => {
                backend.log().remove_devices(&[*device]).await.unwrap();
                model.departed.insert(*device);
                if let Some(active) = model.leaves.get_mut(device) {
                    *active = false;
                }
            }
            Step::Restart => backend = backend.reopen().await,
        }
        let members: BTreeSet<DeviceAddress> = backend
            .log()
            .members(chat(1))
            .await
            .unwrap()
            .unwrap()
            .iter()
            .copied()
            .collect();
        let active = model.leaves.iter().filter(|(_, active)| **active);
        assert_eq!(members, active.map(|(device, _)| *device).collect(), "{steps:#?}");
        let parties: BTreeSet<AccountId> = backend
            .log()
            .parties(chat(1))
            .await
            .unwrap()
            .into_iter()
            .collect();
        assert_eq!(parties, model.parties, "{steps:#?}");
    }
    assert!(model.epoch > 20, "hardly anything was allowed");
}
