//! `GET /v1/role`

use crate::app::{App, Backend};
use crate::auth::AccountCaller;
use crate::http::{HttpProblem, Revalidated};
use crate::store::RoleStore as _;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::ProblemCode;

/// The caller's own role, and what that permits. Nobody else's is told here.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    AccountCaller(account): AccountCaller,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let role = app.accounts.role_of(account).await?;
    Ok(Revalidated::json(&role.ok_or(ProblemCode::UserNotFound)?)?
        .unstored()
        .answer(&headers))
}
