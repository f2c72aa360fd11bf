//! `DELETE /v1/admin/community/{id}`

use super::administer;
use crate::app::{App, Backend};
use crate::auth::{self, Permitted};
use crate::http::{HttpProblem, Json, Path};
use crate::store::NewChange;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::CommunityId;
use sotto_protocol::rest::admin::ForReason;

/// Deletes a community whose founder may do no more than who does this.
pub(crate) async fn delete<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<auth::HandleReports>,
    Path(community): Path<CommunityId>,
    Json(ForReason { reason }): Json<ForReason>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::DeleteCommunity { community }, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
