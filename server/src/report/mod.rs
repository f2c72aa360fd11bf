//! Reports: what members say others have done. Of a message they bring what opens its sender's commitment, and so the server can
//! check what it says though it cannot read it (see [`sotto_protocol::franking`]).
//!
//! [`take`] is for members. [`list`], [`read`] and [`handle`] are for those who look after the server: whoever calls them has to
//! know first that who asks may do that.

mod error;
mod proof;
mod take;

pub use error::ReportError;
pub(crate) use take::take;

use crate::store::{Handling, ReportPosition, ReportState, ReportStore};
use sotto_protocol::rest::report::{HandleReport, Handled, Report, Reports};
use sotto_protocol::{AccountId, ProblemCode, ReportId, Timestamp, limits};

/// A page of the reports that wait, or of those that do not, without what messages say. `after` is [`Reports::next`] of the page
/// before.
pub async fn list(
    store: &impl ReportStore,
    state: ReportState,
    after: Option<&str>,
    limit: Option<u16>,
) -> Result<Reports, ReportError> {
    let position = |text: &str| text.parse::<ReportPosition>();
    let after = after.map(position).transpose();
    let after = after.map_err(|_| ReportError::Invalid("after: no page ended there"))?;
    let limit = limit
        .unwrap_or(limits::REPORTS_READ)
        .clamp(1, limits::REPORTS_READ);
    let reports = store.reports(state, after, limit).await?;
    let is_full = reports.len() >= usize::from(limit);
    let last = reports.last().filter(|_| is_full);
    Ok(Reports {
        next: last.map(|last| ReportPosition::of(last).to_string()),
        reports,
    })
}

/// A report with all that it shows.
pub async fn read(store: &impl ReportStore, report: ReportId) -> Result<Report, ReportError> {
    let found = store.report(report).await?;
    Ok(found.ok_or(ProblemCode::ReportNotFound)?)
}

/// Notes that a report is handled, by an account or by whoever has the server's command line. One that was handled before stays as
/// it is, and is no error: the answer says how it was.
pub async fn handle(
    store: &impl ReportStore,
    report: ReportId,
    by: Option<AccountId>,
    HandleReport { outcome, note }: HandleReport,
    at: Timestamp,
) -> Result<Report, ReportError> {
    if note.len() > limits::REPORT_NOTE_BYTES || note.contains('\0') {
        return Err(ReportError::Invalid("note: too long, or with a NUL in it"));
    }
    let handled = Handled {
        by,
        at,
        outcome,
        note,
    };
    match store.handle_report(report, handled).await? {
        Handling::Done | Handling::Before => read(store, report).await,
        Handling::NotFound => Err(ProblemCode::ReportNotFound.into()),
    }
}
