//! `PUT` and `DELETE /v1/admin/account/{account}/ban`

use super::administer;
use crate::app::{App, Backend};
use crate::auth::{self, Permitted};
use crate::http::{HttpProblem, Json, Path};
use crate::store::NewChange;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::AccountId;
use sotto_protocol::rest::admin::{BanAccount, ForReason};

/// Bans an account that may do no more than who does this. From here on nothing is open to it, and its connections end.
pub(crate) async fn ban<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<auth::BanAccounts>,
    Path(account): Path<AccountId>,
    Json(BanAccount { reason, until }): Json<BanAccount>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::Ban { account, until }, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lifts a ban. One that is over is none.
pub(crate) async fn unban<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<auth::BanAccounts>,
    Path(account): Path<AccountId>,
    Json(ForReason { reason }): Json<ForReason>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::Unban { account }, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
