//! `GET /v1/admin/audit`

use crate::app::{App, Backend};
use crate::auth::{self, Permitted};
use crate::http::{HttpProblem, Json, Query};
use crate::store::{AdminStore as _, ReadActs};
use axum::extract::State;
use sotto_protocol::limits;
use sotto_protocol::rest::admin::{AuditLog, ReadAuditLog};

/// Acts on a page that does not say how many.
const LIMIT: u16 = 50;

/// A page of what was done, the latest first.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    _: Permitted<auth::ReadAuditLog>,
    Query(ReadAuditLog {
        account,
        limit,
        after,
    }): Query<ReadAuditLog>,
) -> Result<Json<AuditLog>, HttpProblem> {
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    let limit = limit.unwrap_or(LIMIT).min(limits::ACTS_READ);
    let page = ReadActs {
        account,
        before: after,
        limit,
    };
    let acts = app.accounts.acts(page).await?;
    let next = acts
        .last()
        .filter(|_| acts.len() == usize::from(limit))
        .map(|last| last.act);
    Ok(Json(AuditLog { acts, next }))
}
