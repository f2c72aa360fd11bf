//! `PUT /v1/block/{account}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Path};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::AccountId;

/// Blocks an account. When this is answered, nothing more that it sends is accepted in the direct chat of the two.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(account): Path<AccountId>,
) -> Result<StatusCode, HttpProblem> {
    app.delivery.block(caller.address, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
