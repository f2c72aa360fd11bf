//! `PUT /v1/admin/account/{account}/role`

use super::administer;
use crate::app::{App, Backend};
use crate::auth::{ManageRoles, Permitted};
use crate::http::{HttpProblem, Json, Path};
use crate::store::NewChange;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::AccountId;
use sotto_protocol::rest::admin::SetRole;

/// Gives an account a role. Nobody gives or takes what they may not do themselves.
pub(crate) async fn set<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<ManageRoles>,
    Path(account): Path<AccountId>,
    Json(SetRole { role, reason }): Json<SetRole>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::SetRole { account, role }, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
