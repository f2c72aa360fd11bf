//! `POST /v1/auth/device-link`

use super::LOGIN_MILLIS;
use crate::app::{App, Backend};
use crate::auth::{DeviceLinkState, new_challenge};
use crate::http::{HttpProblem, Json};
use axum::extract::State;
use sotto_protocol::rest::auth::{LoginChallenged, StartDeviceLink};

/// Gives a challenge for the key of this link, whether there is such a link or not.
pub(crate) async fn start_device_link<B: Backend>(
    State(app): State<App<B>>,
    Json(StartDeviceLink { link }): Json<StartDeviceLink>,
) -> Result<Json<LoginChallenged>, HttpProblem> {
    let mut rng = app.rng();
    let state = DeviceLinkState {
        link,
        challenge: new_challenge(&mut rng),
        expires_at: app.now().plus_millis(LOGIN_MILLIS),
    };
    Ok(Json(LoginChallenged {
        challenge: state.challenge,
        login: app.auth.login_states.seal(&mut rng, &state).into(),
    }))
}
