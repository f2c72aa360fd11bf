//! `POST` and `PUT /v1/auth/password`

use crate::app::{App, Backend};
use crate::auth::{OpaqueServer, ProvenOwner};
use crate::http::{HttpProblem, Json};
use crate::store::AccountStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::auth::{RegistrationStarted, SetPassword, StartPassword};
use sotto_protocol::{ProblemCode, limits};

/// Answers the first OPAQUE message of a new password. Nothing is kept.
pub(crate) async fn start_password<B: Backend>(
    State(app): State<App<B>>,
    ProvenOwner(account): ProvenOwner,
    Json(StartPassword { request }): Json<StartPassword>,
) -> Result<Json<RegistrationStarted>, HttpProblem> {
    let user = app
        .accounts
        .account(account)
        .await?
        .ok_or(ProblemCode::UserNotFound)?;
    let response = app
        .auth
        .opaque
        .start_registration(&user.name, request.as_slice())?;
    Ok(Json(RegistrationStarted {
        response: response.into(),
    }))
}

/// Sets a new password, with the copy of the root that it seals. Sessions and devices stay as they are.
pub(crate) async fn set_password<B: Backend>(
    State(app): State<App<B>>,
    ProvenOwner(account): ProvenOwner,
    Json(SetPassword { registration, vault }): Json<SetPassword>,
) -> Result<StatusCode, HttpProblem> {
    let opaque_record = OpaqueServer::finish_registration(registration.as_slice())?;
    match vault.as_slice().len() {
        0 => return Err(HttpProblem::invalid_request("vault: it is empty")),
        1..=limits::VAULT_BYTES => {}
        _ => return Err(ProblemCode::TooLarge.into()),
    }
    let set = app
        .accounts
        .set_password(account, opaque_record.into(), vault.0)
        .await?;
    if !set {
        return Err(ProblemCode::UserNotFound.into());
    }
    tracing::info!(?account, "a password was changed");
    Ok(StatusCode::NO_CONTENT)
}
