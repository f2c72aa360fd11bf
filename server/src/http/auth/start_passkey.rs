//! `POST /v1/auth/passkey`

use crate::app::{App, Backend};
use crate::auth::{PasskeyLoginState, new_challenge};
use crate::http::passkey::relying_party;
use crate::http::{HttpProblem, Json};
use axum::extract::State;
use rand_core::Rng as _;
use sotto_protocol::limits;
use sotto_protocol::rest::passkey::PasskeyLoginStarted;

/// Gives a challenge for any passkey. No name is asked for, and nothing is looked up: there is nothing to be learnt from the answer.
pub(crate) async fn start_passkey<B: Backend>(
    State(app): State<App<B>>,
) -> Result<Json<PasskeyLoginStarted>, HttpProblem> {
    let passkeys = relying_party(&app)?;
    let mut rng = app.rng();
    let mut login = [0; 16];
    rng.fill_bytes(&mut login);
    let state = PasskeyLoginState {
        login,
        challenge: new_challenge(&mut rng),
        expires_at: app.now().plus_millis(limits::PASSKEY_MILLIS.into()),
    };
    Ok(Json(PasskeyLoginStarted {
        login: app.auth.login_states.seal(&mut rng, &state).into(),
        options: passkeys.request_options(state.challenge),
    }))
}
