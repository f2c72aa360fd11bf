//! `DELETE /v1/passkey/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Path};
use crate::store::PasskeyStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::{PasskeyId, ProblemCode};

/// Removes a passkey of the caller's account with its copy of the root. Devices that came by it stay.
pub(crate) async fn remove<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(passkey): Path<PasskeyId>,
) -> Result<StatusCode, HttpProblem> {
    let account = caller.address.account;
    if !app.accounts.remove_passkey(account, passkey).await? {
        return Err(ProblemCode::PasskeyNotFound.into());
    }
    tracing::info!(?account, ?passkey, "a passkey was removed");
    Ok(StatusCode::NO_CONTENT)
}
