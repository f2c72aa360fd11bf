//! The trace of one submission on its way through the write path:
//!
//! ```text
//! submission ┬ queue      waits for the shard's writer
//!            ├ write      is in a transaction; linked with that transaction's own trace
//!            └ fan-out    is handed to the devices that are connected
//! transaction             linked with every traced submission that was in it
//! ```

use super::{SAMPLER, TARGET};
use crate::telemetry::metrics::{SubmissionOutcome, Submitted};
use tracing::field::Empty;
use tracing::{Span, info_span};

/// The trace of a submission; of most, none.
#[derive(Debug, Default)]
pub(crate) struct MessageTrace(Option<Box<Spans>>);

#[derive(Debug)]
struct Spans {
    whole: Span,
    stage: Span,
}

impl Spans {
    /// Ends the stage that it is in, before the next begins.
    fn end_stage(&mut self) {
        self.stage = Span::none();
    }
}

impl MessageTrace {
    /// Of a submission that was just received, if it is one of those that are traced.
    pub(crate) fn begin(kind: Submitted) -> Self {
        if !SAMPLER.takes() {
            return Self(None);
        }
        let whole = info_span!(
            target: TARGET,
            parent: None,
            "submission",
            "sotto.kind" = kind.as_str(),
            "sotto.outcome" = Empty,
            "sotto.reached" = Empty,
        );
        let stage = info_span!(target: TARGET, parent: &whole, "queue");
        Self(Some(Box::new(Spans { whole, stage })))
    }

    /// It is in this transaction now, one of so many submissions.
    pub(crate) fn write(&mut self, transaction: &mut BatchTrace, submissions: usize) {
        let Some(spans) = &mut self.0 else { return };
        let batch = transaction.0.get_or_insert_with(|| {
            info_span!(
                target: TARGET,
                parent: None,
                "transaction",
                "sotto.submissions" = i64::try_from(submissions).unwrap_or(i64::MAX),
            )
        });
        spans.end_stage();
        spans.stage = info_span!(target: TARGET, parent: &spans.whole, "write");
        spans.stage.follows_from(&*batch);
        batch.follows_from(&spans.whole);
    }

    /// It waits again: its chat was held elsewhere.
    pub(crate) fn queue_again(&mut self) {
        if let Some(spans) = &mut self.0 {
            spans.end_stage();
            spans.stage = info_span!(target: TARGET, parent: &spans.whole, "queue");
        }
    }

    /// It is handed on now.
    pub(crate) fn fan_out(&mut self) {
        if let Some(spans) = &mut self.0 {
            spans.end_stage();
            spans.stage = info_span!(target: TARGET, parent: &spans.whole, "fan-out");
        }
    }

    /// That became of it.
    pub(crate) fn end(self, outcome: SubmissionOutcome, reached: u32) {
        if let Some(spans) = self.0 {
            spans.whole.record("sotto.outcome", outcome.as_str());
            spans.whole.record("sotto.reached", i64::from(reached));
        }
    }
}

/// The trace of a transaction, if a submission in it is traced.
#[derive(Debug, Default)]
pub(crate) struct BatchTrace(Option<Span>);
