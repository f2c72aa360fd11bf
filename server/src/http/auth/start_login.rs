//! `POST /v1/auth/login`

use super::{LOGIN_MILLIS, captcha};
use crate::app::{App, Backend};
use crate::auth::LoginState;
use crate::http::{HttpProblem, Json};
use crate::limit::ClientAddress;
use crate::store::AccountStore as _;
use axum::Extension;
use axum::extract::State;
use rand_core::Rng as _;
use sotto_protocol::AccountId;
use sotto_protocol::rest::auth::{LoginStarted, StartLogin};

/// Answers the first OPAQUE message of a login: for a name that nobody has in the same way and time as for others.
pub(crate) async fn start_login<B: Backend>(
    State(app): State<App<B>>,
    from: Option<Extension<ClientAddress>>,
    Json(StartLogin {
        name,
        request,
        captcha: solution,
    }): Json<StartLogin>,
) -> Result<Json<LoginStarted>, HttpProblem> {
    let from = from.map(|Extension(address)| address);
    captcha::begin_login(&app, &name, from, solution.as_ref()).await?;
    let record = app.accounts.login_record(&name).await?;
    let mut rng = app.rng();
    let started = app.auth.opaque.start_login(
        &mut rng,
        &name,
        record.as_ref().map(|record| &*record.opaque_record),
        request.as_slice(),
    )?;
    let (mut login, mut nobody) = ([0; 16], [0; 16]);
    rng.fill_bytes(&mut login);
    rng.fill_bytes(&mut nobody);
    let state = LoginState {
        login,
        name,
        account: record.map_or(AccountId::from_bytes(nobody), |record| record.account),
        expires_at: app.now().plus_millis(LOGIN_MILLIS),
        opaque: started.state.to_vec(),
    };
    Ok(Json(LoginStarted {
        login: app.auth.login_states.seal(&mut rng, &state).into(),
        response: started.response.into(),
    }))
}
