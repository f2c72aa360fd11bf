//! Random submissions against a model that is too simple to be wrong.

use super::Backend;
use super::fixture::*;
use super::log_append::whole_log;
use crate::store::{Appended, LogStore, Submission};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use sotto_protocol::{ChatId, DeviceAddress, MessageId, ProblemCode, Retention, Seq};
use std::collections::{BTreeSet, HashMap};

const CHATS: u8 = 3;
const CASES: usize = 40;

/// A chat as the contract tells of it.
struct Model {
    epoch: u64,
    members: BTreeSet<DeviceAddress>,
    log: Vec<(DeviceAddress, MessageId)>,
}

/// What is to be expected of a submission: `Ok` with a position, or without one.
type Expected = Result<Option<u64>, ProblemCode>;

impl Model {
    fn new(members: [DeviceAddress; 2]) -> Self {
        Self {
            epoch: 1,
            members: members.into(),
            log: Vec::new(),
        }
    }

    fn submit(&mut self, submission: &Submission) -> Expected {
        let id = (submission.from, submission.message);
        if let Some(earlier) = self.log.iter().position(|entry| *entry == id) {
            return Ok(Some(earlier as u64 + 1));
        }
        let is_party = [ALICE, BOB]
            .iter()
            .any(|person| person.account() == submission.from.account);
        let is_member = self.members.contains(&submission.from);
        let external = submission.commit.as_ref().is_some_and(|commit| commit.external);
        if !(is_member || external && is_party) {
            return Err(ProblemCode::ChatNotFound);
        }
        if submission.epoch.0 != self.epoch {
            return Err(ProblemCode::StaleEpoch);
        }
        let Some(commit) = &submission.commit else {
            if submission.retention == Retention::Never {
                return Ok(None);
            }
            self.log.push(id);
            return Ok(Some(self.log.len() as u64));
        };
        let mut members = self.members.clone();
        for &device in &commit.removed {
            let removed = DeviceAddress {
                account: submission.from.account,
                device,
            };
            if removed == submission.from && !external || !members.remove(&removed) {
                return Err(ProblemCode::MembershipRefused);
            }
        }
        for &added in &commit.added {
            let of_the_two = [ALICE, BOB]
                .iter()
                .any(|person| person.account() == added.account);
            if !of_the_two || !members.insert(added) {
                return Err(ProblemCode::MembershipRefused);
            }
        }
        if external
            && commit
                .removed
                .iter()
                .any(|device| *device != submission.from.device)
        {
            return Err(ProblemCode::MembershipRefused);
        }
        self.members = members;
        self.epoch += 1;
        self.log.push(id);
        Ok(Some(self.log.len() as u64))
    }
}

fn outcome(appended: &Appended) -> Expected {
    match appended {
        Appended::Accepted { seq, .. } => Ok(seq.map(|Seq(seq)| seq)),
        Appended::Duplicate { seq, .. } => Ok(Some(seq.0)),
        Appended::Refused(refused) => Err(refused.code),
        Appended::Busy => panic!("nobody else writes"),
    }
}

fn device() -> impl Strategy<Value = DeviceAddress> {
    (1_u8..=3, 1_u8..=3).prop_map(|(person, number)| {
        Person(if person == 3 && number < 3 { 1 } else { person }).device(number)
    })
}

/// A submission; its epoch is off by `-1..=1` from the model's when it is used.
fn submission() -> impl Strategy<Value = (Submission, i64)> {
    let kind = prop_oneof![
        6 => Just(0_u8),
        1 => Just(1),
        2 => Just(2),
        2 => Just(3),
        1 => Just(4),
        1 => Just(5),
        1 => Just(6),
    ];
    let epoch = prop_oneof![8 => Just(0_i64), 1 => Just(-1), 1 => Just(1)];
    (1..=CHATS, device(), 0_u32..30, kind, device(), epoch).prop_map(
        |(number, from, message, kind, other, epoch)| {
            let chat: ChatId = chat(number);
            let submission = match kind {
                0 => says(chat, from, message),
                1 => says(chat, from, message).kept(Retention::Never),
                2 => commits(chat, from, message),
                3 => commits(chat, from, message).adding(other),
                4 => commits(chat, from, message).removing(other),
                5 => commits(chat, from, message).joining(),
                _ => commits(chat, from, message).joining().removing(from),
            };
            (submission, epoch)
        },
    )
}

pub(crate) async fn random_submissions_have_the_outcomes_of_a_simple_model<B: Backend>(mut backend: B) {
    let mut runner = TestRunner::new(Config::default());
    let mut models: HashMap<ChatId, Model> = HashMap::new();
    for number in 1..=CHATS {
        backend
            .log()
            .create_chat(new_chat(number, ALICE, BOB))
            .await
            .unwrap();
        models.insert(chat(number), Model::new([ALICE.device(1), BOB.device(1)]));
    }
    let batches = prop::collection::vec(submission(), 1..40);
    for case in 0..CASES {
        let batch = batches.new_tree(&mut runner).unwrap().current();
        let mut submissions = Vec::new();
        let mut expected = Vec::new();
        for (submission, off) in batch {
            let model = models.get_mut(&submission.chat).unwrap();
            let submission = submission.in_epoch(model.epoch.saturating_add_signed(off));
            expected.push(model.submit(&submission));
            submissions.push(submission);
        }
        let outcomes: Vec<Expected> = write(backend.log(), &submissions)
            .await
            .iter()
            .map(outcome)
            .collect();
        assert_eq!(outcomes, expected, "case {case}: {submissions:#?}");
        if case % 10 == 9 {
            backend = backend.reopen().await;
        }
        for (&chat, model) in &models {
            check(backend.log(), chat, model).await;
        }
    }
}

async fn check(log: &impl LogStore, chat: ChatId, model: &Model) {
    let members: BTreeSet<DeviceAddress> = log
        .members(chat)
        .await
        .unwrap()
        .unwrap()
        .iter()
        .copied()
        .collect();
    assert_eq!(members, model.members);
    let epoch = log
        .group_info(ALICE.account(), chat)
        .await
        .unwrap()
        .unwrap()
        .epoch;
    assert_eq!(epoch.0, model.epoch);
    let Some(&reader) = model.members.first() else {
        return;
    };
    let page = whole_log(log, reader, chat).await;
    assert_eq!(page.last.0, model.log.len() as u64);
    for (entry, expected) in page.entries.iter().zip(&model.log) {
        assert_eq!((entry.from, entry.message), *expected);
    }
}
