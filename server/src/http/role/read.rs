//! `GET /v1/role`

use crate::app::{App, Backend};
use crate::auth::AccountCaller;
use crate::http::{HttpProblem, Json};
use crate::store::RoleStore as _;
use axum::extract::State;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::role::OwnRole;

/// The caller's own role, and what that permits. Nobody else's is told here.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    AccountCaller(account): AccountCaller,
) -> Result<Json<OwnRole>, HttpProblem> {
    let role = app.accounts.role_of(account).await?;
    Ok(Json(role.ok_or(ProblemCode::UserNotFound)?))
}
