//! What the server counts, for Prometheus. Every metric stands in [`catalogue`], and is recorded by
//! `METRICS.<metric>.…` from wherever it happens.
//!
//! They are the process's, as the scraper sees it, and always counted: switching them off would cost a branch, and
//! counting costs an addition.

mod catalogue;
mod instrument;
mod label;
mod process;
mod text;

pub(crate) use catalogue::METRICS;
pub(crate) use instrument::{Held, Tally};
pub(crate) use label::{
    AnswerKind, CacheOutcome, ClaimOutcome, CloseReason, ExportOutcome, FrameKind, Label, Limit,
    LoginOutcome, ObjectOperation, PushOutcome, RouteClass, SubmissionOutcome, Submitted,
};
pub(crate) use text::CONTENT_TYPE;

use text::Exposition;

/// All that there is to say now, as a scraper reads it.
pub(crate) fn exposition() -> String {
    let mut exposition = Exposition::with_room_for(catalogue::Metrics::SERIES);
    METRICS.write(&mut exposition);
    process::write(&mut exposition);
    exposition.into_text()
}

#[cfg(test)]
mod tests;
