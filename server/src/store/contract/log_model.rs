//! Random submissions against a model that is too simple to be wrong.

use super::Backend;
use super::fixture::*;
use super::log_append::whole_log;
use crate::store::{Appended, LogStore, Submission};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use sotto_protocol::limits::UNREAD_ENTRIES;
use sotto_protocol::{ChatId, DeviceAddress, MessageId, ProblemCode, Retention, Seq};
use std::collections::{BTreeSet, HashMap};

const CHATS: u8 = 3;
const CASES: usize = 40;

/// A chat as the contract tells of it.
struct Model {
    epoch: u64,
    members: BTreeSet<DeviceAddress>,
    log: Vec<(DeviceAddress, MessageId)>,
    /// The log's end before the batch.
    last: u64,
}

/// What is to be expected of a submission: `Ok` with a position, or without one.
type Expected = Result<Option<u64>, ProblemCode>;

impl Model {
    fn new(members: [DeviceAddress; 2]) -> Self {
        Self {
            epoch: 1,
            members: members.into(),
            log: Vec::new(),
            last: 0,
        }
    }

    fn submit(&mut self, submission: &Submission) -> Expected {
        let id = (submission.from, submission.message);
        let is_fleeting = submission.commit.is_none() && submission.retention == Retention::Never;
        let furthest = self.last.saturating_sub(UNREAD_ENTRIES);
        let is_behind = !is_fleeting && submission.after.0 < furthest;
        let after = match submission.after.0 {
            after if after > self.last => furthest,
            _ if is_behind => self.last,
            after => after,
        };
        let mut unread = (1..).zip(&self.log).skip_while(|(seq, _)| *seq <= after);
        if !is_fleeting && let Some((seq, _)) = unread.find(|(_, entry)| **entry == id) {
            return Ok(Some(seq));
        }
        let is_party = [ALICE, BOB]
            .iter()
            .any(|person| person.account() == submission.from.account);
        let is_member = self.members.contains(&submission.from);
        let external = submission.commit.as_ref().is_some_and(|commit| commit.external);
        if !(is_member || external && is_party) {
            return Err(ProblemCode::ChatNotFound);
        }
        if is_behind {
            return Err(ProblemCode::Behind);
        }
        if submission.epoch.0 != self.epoch {
            return Err(ProblemCode::StaleEpoch);
        }
        let Some(commit) = &submission.commit else {
            if is_fleeting {
                return Ok(None);
            }
            self.log.push(id);
            return Ok(Some(self.log.len() as u64));
        };
        let mut members = self.members.clone();
        for removed in &commit.removed {
            let is_others = removed.account != submission.from.account;
            let is_itself = *removed == submission.from && !external;
            if is_others || is_itself || !members.remove(removed) {
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
        if external && commit.removed.iter().any(|device| *device != submission.from) {
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

/// How far before the log's end its sender has read; below 0 it is beyond.
fn unread() -> impl Strategy<Value = i64> {
    let limit = i64::try_from(UNREAD_ENTRIES).unwrap();
    prop_oneof![
        4 => 0_i64..10,
        4 => 10_i64..200,
        2 => 200..limit,
        1 => limit - 2..=limit + 2,
        1 => Just(i64::MAX),
        1 => -10_i64..0,
    ]
}

/// A submission; its epoch is off by `-1..=1` from the model's when it is used.
fn submission() -> impl Strategy<Value = (Submission, i64, i64)> {
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
    (1..=CHATS, device(), 0_u32..30, kind, device(), epoch, unread()).prop_map(
        |(number, from, message, kind, other, epoch, unread)| {
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
            (submission, epoch, unread)
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
    // One chat is long from the beginning.
    let old: Vec<Submission> = (0..2_000)
        .map(|number| says(chat(1), ALICE.device(1), 1_000 + number))
        .collect();
    if let Some(model) = models.get_mut(&chat(1)) {
        for submission in &old {
            model.submit(submission).unwrap();
        }
    }
    write(backend.log(), &old).await;
    let batches = prop::collection::vec(submission(), 1..40);
    for case in 0..CASES {
        let batch = batches.new_tree(&mut runner).unwrap().current();
        let mut submissions = Vec::new();
        let mut expected = Vec::new();
        for model in models.values_mut() {
            model.last = model.log.len() as u64;
        }
        for (submission, off, unread) in batch {
            let model = models.get_mut(&submission.chat).unwrap();
            let read = i64::try_from(model.last).unwrap().saturating_sub(unread).max(0);
            let submission = submission
                .in_epoch(model.epoch.saturating_add_signed(off))
                .after(read.unsigned_abs());
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
