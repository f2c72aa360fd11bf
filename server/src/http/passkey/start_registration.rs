//! `POST /v1/passkey/registration`

use super::relying_party;
use crate::app::{App, Backend};
use crate::auth::{PasskeyRegistrationState, ProvenOwner, new_challenge};
use crate::http::{HttpProblem, Json};
use crate::store::{AccountStore as _, PasskeyStore as _};
use axum::extract::State;
use rand_core::Rng as _;
use sotto_protocol::rest::passkey::PasskeyRegistrationStarted;
use sotto_protocol::{Binary, ProblemCode, limits};

/// Says what a browser has to be asked for to make a passkey. Nothing is kept.
pub(crate) async fn start_registration<B: Backend>(
    State(app): State<App<B>>,
    ProvenOwner(account): ProvenOwner,
) -> Result<Json<PasskeyRegistrationStarted>, HttpProblem> {
    let passkeys = relying_party(&app)?;
    let user = app
        .accounts
        .account(account)
        .await?
        .ok_or(ProblemCode::UserNotFound)?;
    let credentials = app.accounts.credentials(account).await?;
    if credentials.len() >= limits::PASSKEYS_PER_ACCOUNT {
        return Err(ProblemCode::TooManyPasskeys.into());
    }
    let credentials = credentials.into_iter().map(Binary::from).collect();
    let mut rng = app.rng();
    let mut registration = [0; 16];
    rng.fill_bytes(&mut registration);
    let state = PasskeyRegistrationState {
        registration,
        account,
        challenge: new_challenge(&mut rng),
        expires_at: app.now().plus_millis(limits::PASSKEY_MILLIS.into()),
    };
    Ok(Json(PasskeyRegistrationStarted {
        registration: app.auth.login_states.seal(&mut rng, &state).into(),
        options: passkeys.creation_options(account, &user.name, state.challenge, credentials),
    }))
}
