//! `GET /v1/passkey`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::PasskeyStore as _;
use axum::extract::State;
use sotto_protocol::rest::passkey::Passkeys;

/// The passkeys of the caller's account: also where passkeys are off, so that they can be removed.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<Json<Passkeys>, HttpProblem> {
    let passkeys = app.accounts.passkeys(caller.address.account).await?;
    Ok(Json(Passkeys { passkeys }))
}
