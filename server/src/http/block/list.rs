//! `GET /v1/block`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::BlockStore as _;
use axum::extract::State;
use sotto_protocol::rest::block::Blocked;

/// Whom the caller's account blocks.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<Json<Blocked>, HttpProblem> {
    let accounts = app.accounts.blocked_by(caller.address.account).await?;
    Ok(Json(Blocked { accounts }))
}
