//! `POST /v1/passkey/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::device::update::check_name;
use crate::http::{HttpProblem, Json, Path};
use crate::store::PasskeyStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::passkey::UpdatePasskey;
use sotto_protocol::{PasskeyId, ProblemCode};

/// Gives a passkey of the caller's account another name, of which the server sees ciphertext.
pub(crate) async fn update<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(passkey): Path<PasskeyId>,
    Json(UpdatePasskey { name }): Json<UpdatePasskey>,
) -> Result<StatusCode, HttpProblem> {
    check_name(Some(&name))?;
    let account = caller.address.account;
    if app.accounts.rename_passkey(account, passkey, name.0).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ProblemCode::PasskeyNotFound.into())
    }
}
