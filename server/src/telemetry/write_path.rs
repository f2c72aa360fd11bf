//! The way of submissions through the write path, as metrics and traces have it. What is counted of each submission is
//! gathered for a transaction and added once.

use super::metrics::{Held, METRICS, SubmissionOutcome, Submitted, Tally};
use super::traces::{self, BatchTrace, MessageTrace};
use crate::store::Submission;
use std::time::Duration;
use tokio::time::Instant;

/// A transaction that took longer is worth a line in the log.
const SLOW: Duration = Duration::from_secs(1);

/// A submission on its way, from when it was received.
#[derive(Debug)]
pub(crate) struct Journey {
    received: Instant,
    kind: Submitted,
    trace: MessageTrace,
    _waiting: Held,
}

impl Journey {
    /// Of a submission that was received just now.
    pub(crate) fn begin(submission: &Submission) -> Self {
        let kind = match submission.commit {
            Some(_) => Submitted::Commit,
            None => submission.retention.into(),
        };
        Self {
            received: Instant::now(),
            kind,
            trace: MessageTrace::begin(kind),
            _waiting: METRICS.submissions_waiting.hold(),
        }
    }

    /// It was in a transaction that failed.
    pub(crate) fn fail(self) {
        let outcome = SubmissionOutcome::Failed;
        METRICS.submissions.of(self.kind).of(outcome).increment();
        self.trace.end(outcome, 0);
    }

    /// It waits for the next transaction: its chat was held by another node.
    pub(crate) fn wait_again(&mut self) {
        METRICS.busy_chats.increment();
        self.trace.queue_again();
    }
}

/// A transaction of a shard's writer.
#[derive(Debug)]
pub(crate) struct Transaction {
    begun: Instant,
    submissions: usize,
    trace: BatchTrace,
}

impl Transaction {
    /// Begins now, with these submissions, and so many cursors and markers.
    pub(crate) fn begin<'a>(
        mut journeys: impl ExactSizeIterator<Item = &'a mut Journey>,
        others: usize,
    ) -> Self {
        let begun = Instant::now();
        let submissions = journeys.len();
        let mut trace = BatchTrace::default();
        if others > 0 {
            METRICS
                .transaction_others
                .add(u64::try_from(others).unwrap_or(u64::MAX));
        }
        if let Some(first) = journeys.next() {
            METRICS.queue_wait.record(begun.duration_since(first.received));
            METRICS.transaction_submissions.record(submissions);
            first.trace.write(&mut trace, submissions);
            if traces::are_on() {
                for journey in journeys {
                    journey.trace.write(&mut trace, submissions);
                }
            }
        }
        Self {
            begun,
            submissions,
            trace,
        }
    }

    /// It is durable.
    pub(crate) fn committed(self) -> Decided {
        let at = Instant::now();
        let took = at.duration_since(self.begun);
        METRICS.transaction_duration.record(took);
        if took > SLOW {
            tracing::warn!(
                millis = took.as_millis(),
                submissions = self.submissions,
                "a transaction was slow"
            );
        }
        drop(self.trace);
        Decided {
            at,
            outcomes: [[0; SubmissionOutcome::COUNT]; Submitted::COUNT],
            durable: Tally::default(),
            reached: 0,
        }
    }

    /// It was rolled back.
    pub(crate) fn failed(self) {
        METRICS.transaction_failures.increment();
        METRICS.transaction_duration.record(self.begun.elapsed());
    }
}

/// A transaction that is durable, and whose entries are being handed on.
#[derive(Debug)]
pub(crate) struct Decided {
    at: Instant,
    outcomes: [[u64; SubmissionOutcome::COUNT]; Submitted::COUNT],
    durable: Tally,
    reached: u64,
}

impl Decided {
    /// It was accepted, and is handed to the connected devices by `hand_on`, which says how many it reached.
    pub(crate) fn accepted(&mut self, mut journey: Journey, hand_on: impl FnOnce() -> u32) -> u32 {
        journey.trace.fan_out();
        let reached = hand_on();
        self.durable.record(self.at.duration_since(journey.received));
        self.reached += u64::from(reached);
        self.count(journey, SubmissionOutcome::Accepted, reached);
        reached
    }

    /// It had been accepted before.
    pub(crate) fn duplicate(&mut self, journey: Journey) {
        self.count(journey, SubmissionOutcome::Duplicate, 0);
    }

    /// It was refused.
    pub(crate) fn refused(&mut self, journey: Journey) {
        self.count(journey, SubmissionOutcome::Refused, 0);
    }

    #[allow(
        clippy::indexing_slicing,
        reason = "the arrays have a place for every value of the labels"
    )]
    fn count(&mut self, journey: Journey, outcome: SubmissionOutcome, reached: u32) {
        self.outcomes[journey.kind as usize][outcome as usize] += 1;
        journey.trace.end(outcome, reached);
    }

    /// All of its submissions are answered and handed on.
    pub(crate) fn done(self) {
        for (kind, outcomes) in Submitted::ALL.iter().zip(self.outcomes) {
            for (outcome, count) in SubmissionOutcome::ALL.iter().zip(outcomes) {
                if count > 0 {
                    METRICS.submissions.of(*kind).of(*outcome).add(count);
                }
            }
        }
        if !self.durable.is_empty() {
            METRICS.durable.add(&self.durable);
            METRICS.fan_out_duration.record(self.at.elapsed());
            METRICS.fan_out_deliveries.add(self.reached);
        }
    }
}
