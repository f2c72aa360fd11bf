//! `DELETE /v1/block/{account}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Path};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::AccountId;

/// Blocks an account no more. Whoever is not blocked stays so.
pub(crate) async fn delete<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(account): Path<AccountId>,
) -> Result<StatusCode, HttpProblem> {
    app.delivery.unblock(caller.address, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
