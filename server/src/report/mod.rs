//! Reports: what members say others have done. Of a message they bring what opens its sender's commitment, and so the server can
//! check what it says though it cannot read it (see [`sotto_protocol::franking`]).
//!
//! [`take`] is for members. [`list`] and [`read`] are for those who look after the server: whoever calls them has to know first that
//! who asks may do that. That a report is handled is an act of administration ([`crate::store::NewChange::HandleReport`]).

mod error;
mod proof;
mod take;

pub use error::ReportError;
pub(crate) use take::take;

use crate::store::{Actor, OverviewStore, ReportPosition, ReportStore, StoreError};
use sotto_protocol::rest::admin::NamedAccount;
use sotto_protocol::rest::report::{ListReports, Report, Reports, ShownReport};
use sotto_protocol::{ProblemCode, ReportId, limits};
use std::collections::BTreeSet;

/// Reports on a page that does not say how many.
const LIMIT: u16 = 50;

/// A page of the reports that wait, or of those that do not, without what messages say. Those about who asks are not shown to them:
/// they would tell who has reported.
pub(crate) async fn list(
    store: &(impl ReportStore + OverviewStore),
    viewer: Actor,
    ListReports { state, limit, after }: ListReports,
) -> Result<Reports, ReportError> {
    let position = |text: String| text.parse::<ReportPosition>();
    let after = after.map(position).transpose();
    let after = after.map_err(|_| ReportError::Invalid("after: no page ended there"))?;
    if limit == Some(0) {
        return Err(ReportError::Invalid("limit: at least 1"));
    }
    let limit = limit.unwrap_or(LIMIT).min(limits::REPORTS_READ);
    let reports = store.reports(state, viewer.account(), after, limit).await?;
    let is_full = reports.len() >= usize::from(limit);
    let last = reports.last().filter(|_| is_full);
    Ok(Reports {
        next: last.map(|last| ReportPosition::of(last).to_string()),
        accounts: names(store, &reports).await?,
        reports,
    })
}

/// A report with all that it shows. One about who asks is not there for them.
pub(crate) async fn read(
    store: &(impl ReportStore + OverviewStore),
    viewer: Actor,
    report: ReportId,
) -> Result<ShownReport, ReportError> {
    let found = store.report(report).await?;
    let about = |report: &Report| report.subject.account();
    let shown = found.filter(|report| about(report).is_none() || about(report) != viewer.account());
    let report = shown.ok_or(ProblemCode::ReportNotFound)?;
    Ok(ShownReport {
        accounts: names(store, std::slice::from_ref(&report)).await?,
        report,
    })
}

async fn names(store: &impl OverviewStore, reports: &[Report]) -> Result<Vec<NamedAccount>, StoreError> {
    let accounts: BTreeSet<_> = reports.iter().flat_map(Report::accounts).collect();
    let accounts: Vec<_> = accounts.into_iter().collect();
    store.names_of(&accounts).await
}
