//! `POST /v1/auth/recovery`

use super::{LOGIN_MILLIS, captcha};
use crate::app::{App, Backend};
use crate::auth::{RecoveryState, new_challenge};
use crate::http::{HttpProblem, Json};
use crate::limit::ClientAddress;
use crate::store::AccountStore as _;
use axum::Extension;
use axum::extract::State;
use rand_core::Rng as _;
use sotto_protocol::AccountId;
use sotto_protocol::rest::auth::{LoginChallenged, StartRecovery};

/// Gives a challenge for the recovery code of this name: for a name that nobody has in the same way as for others.
pub(crate) async fn start_recovery<B: Backend>(
    State(app): State<App<B>>,
    from: Option<Extension<ClientAddress>>,
    Json(StartRecovery {
        name,
        captcha: solution,
    }): Json<StartRecovery>,
) -> Result<Json<LoginChallenged>, HttpProblem> {
    let from = from.map(|Extension(address)| address);
    captcha::begin_login(&app, &name, from, solution.as_ref()).await?;
    let record = app.accounts.login_record(&name).await?;
    let mut rng = app.rng();
    let (mut login, mut nobody) = ([0; 16], [0; 16]);
    rng.fill_bytes(&mut login);
    rng.fill_bytes(&mut nobody);
    let state = RecoveryState {
        login,
        name,
        account: record.map_or(AccountId::from_bytes(nobody), |record| record.account),
        challenge: new_challenge(&mut rng),
        expires_at: app.now().plus_millis(LOGIN_MILLIS),
    };
    Ok(Json(LoginChallenged {
        challenge: state.challenge,
        login: app.auth.login_states.seal(&mut rng, &state).into(),
    }))
}
