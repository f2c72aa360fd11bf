//! `GET /v1/user/{name}` and `GET /v1/user/by-id/{account}`: public, as the profile is. A device that is about to enrol
//! reads the current device list here before it has a session.

use crate::app::{App, Backend};
use crate::http::{HttpProblem, Path, Revalidated};
use crate::store::AccountStore as _;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::{AccountId, AccountName, ProblemCode};

/// The profile of the account with this name.
pub(crate) async fn by_name<B: Backend>(
    State(app): State<App<B>>,
    Path(name): Path<AccountName>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let user = app.accounts.account_by_name(&name).await?;
    Ok(Revalidated::json(&user.ok_or(ProblemCode::UserNotFound)?)?.answer(&headers))
}

/// The profile of the account with this id.
pub(crate) async fn by_id<B: Backend>(
    State(app): State<App<B>>,
    Path(account): Path<AccountId>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let user = app.accounts.account(account).await?;
    Ok(Revalidated::json(&user.ok_or(ProblemCode::UserNotFound)?)?.answer(&headers))
}
