//! `POST /v1/passkey`

use super::relying_party;
use crate::app::{App, Backend};
use crate::auth::{PasskeyError, PasskeyRegistrationState, ProvenOwner, passkey_id};
use crate::http::device::update::check_name;
use crate::http::{HttpProblem, Json};
use crate::store::{AddPasskeyError, NewPasskey, PasskeyStore as _, SessionStore as _};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::passkey::{AddPasskey, Passkey};
use sotto_protocol::{ProblemCode, limits};

impl From<AddPasskeyError> for HttpProblem {
    fn from(error: AddPasskeyError) -> Self {
        match error {
            AddPasskeyError::AccountNotFound => ProblemCode::UserNotFound.into(),
            AddPasskeyError::PasskeyTaken => ProblemCode::PasskeyTaken.into(),
            AddPasskeyError::TooManyPasskeys => ProblemCode::TooManyPasskeys.into(),
            AddPasskeyError::Store(error) => error.into(),
        }
    }
}

/// Adds a passkey to an account whose owner has just shown to be that: its key, and the copy of the root that it seals. A registration can
/// be finished once.
pub(crate) async fn add<B: Backend>(
    State(app): State<App<B>>,
    ProvenOwner(account): ProvenOwner,
    Json(request): Json<AddPasskey>,
) -> Result<(StatusCode, Json<Passkey>), HttpProblem> {
    let passkeys = relying_party(&app)?;
    check_name(Some(&request.name))?;
    match request.vault.as_slice().len() {
        0 => return Err(HttpProblem::invalid_request("vault: it is empty")),
        1..=limits::VAULT_BYTES => {}
        _ => return Err(ProblemCode::TooLarge.into()),
    }
    let state: PasskeyRegistrationState = app
        .auth
        .login_states
        .open(request.registration.as_slice(), app.now())
        .ok()
        .filter(|state: &PasskeyRegistrationState| state.account == account)
        .ok_or(ProblemCode::PasskeyExpired)?;
    let key = passkeys
        .check_new(state.challenge, &request.credential)
        .map_err(|error| match error {
            PasskeyError::Library(_) => HttpProblem::internal(&error),
            PasskeyError::Refused(_)
            | PasskeyError::AnotherAccount
            | PasskeyError::Algorithm(_)
            | PasskeyError::Length => {
                tracing::info!(
                    ?account,
                    reason = error.reason(),
                    "an authenticator's answer made no passkey"
                );
                ProblemCode::PasskeyUnusable.into()
            }
        })?;
    if !app
        .accounts
        .spend_login(state.registration, state.expires_at)
        .await?
    {
        return Err(ProblemCode::PasskeyExpired.into());
    }
    let (passkey, at) = (passkey_id(&key.credential), app.now());
    app.accounts
        .add_passkey(NewPasskey {
            passkey,
            account,
            key,
            vault: request.vault.0,
            name: request.name.0.clone(),
            at,
        })
        .await?;
    tracing::info!(?account, ?passkey, "a passkey was added");
    let added = Passkey {
        passkey,
        name: request.name,
        added_at: at,
        used_at: None,
    };
    Ok((StatusCode::CREATED, Json(added)))
}
