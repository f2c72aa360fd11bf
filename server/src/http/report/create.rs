//! `POST /v1/report`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::report;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::report::{NewReport, ReportTaken};

/// Reports a message, an account, a group or a community to those who look after the server.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Json(new): Json<NewReport>,
) -> Result<(StatusCode, Json<ReportTaken>), HttpProblem> {
    let report = report::take(&app, caller.address, new).await?;
    Ok((StatusCode::CREATED, Json(ReportTaken { report })))
}
