//! `GET /v1/admin/report`, `GET` and `POST /v1/admin/report/{report}`

use super::administer;
use crate::app::{App, Backend};
use crate::auth::{HandleReports, Permitted};
use crate::http::{HttpProblem, Json, Path, Query};
use crate::report;
use crate::store::NewChange;
use axum::extract::State;
use sotto_protocol::ReportId;
use sotto_protocol::rest::report::{HandleReport, ListReports, Reports, ShownReport};

/// A page of the reports that are not about who asks.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<HandleReports>,
    Query(list): Query<ListReports>,
) -> Result<Json<Reports>, HttpProblem> {
    Ok(Json(report::list(&app.accounts, by.actor(), list).await?))
}

/// A report with all that it shows.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<HandleReports>,
    Path(report): Path<ReportId>,
) -> Result<Json<ShownReport>, HttpProblem> {
    Ok(Json(report::read(&app.accounts, by.actor(), report).await?))
}

/// Handles a report. One that was handled before stays as it is, and the answer says how that is.
pub(crate) async fn handle<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<HandleReports>,
    Path(report): Path<ReportId>,
    Json(HandleReport { outcome, note }): Json<HandleReport>,
) -> Result<Json<ShownReport>, HttpProblem> {
    administer(&app, &by, NewChange::HandleReport { report, outcome }, note).await?;
    Ok(Json(report::read(&app.accounts, by.actor(), report).await?))
}
