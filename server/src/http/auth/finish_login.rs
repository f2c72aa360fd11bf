//! `POST /v1/auth/login/finish`

use super::{counted, enrolment_token};
use crate::app::{App, Backend};
use crate::auth::{LoginMeans, LoginState, OpaqueServer, refuse_banned};
use crate::http::{HttpProblem, Json};
use crate::limit::ClientAddress;
use crate::store::{AccountStore as _, SessionStore as _};
use axum::Extension;
use axum::extract::State;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::auth::{FinishLogin, LoggedIn};

/// See [`check`]. Counts what became of it.
pub(crate) async fn finish_login<B: Backend>(
    State(app): State<App<B>>,
    from: Option<Extension<ClientAddress>>,
    Json(request): Json<FinishLogin>,
) -> Result<Json<LoggedIn>, HttpProblem> {
    let from = from.map(|Extension(address)| address);
    counted(check(app, from, request).await).map(Json)
}

/// Checks the last OPAQUE message of a login, and hands out what a new device needs. A login can be finished once.
async fn check<B: Backend>(
    app: App<B>,
    from: Option<ClientAddress>,
    FinishLogin { login, finalization }: FinishLogin,
) -> Result<LoggedIn, HttpProblem> {
    let state: LoginState = app
        .auth
        .login_states
        .open(login.as_slice(), app.now())
        .map_err(|_| ProblemCode::LoginExpired)?;
    OpaqueServer::finish_login(&state.name, &state.opaque, finalization.as_slice())
        .map_err(|_| ProblemCode::WrongCredentials)?;
    if !app.accounts.spend_login(state.login, state.expires_at).await? {
        return Err(ProblemCode::LoginExpired.into());
    }
    let record = app
        .accounts
        .login_record(&state.name)
        .await?
        .filter(|record| record.account == state.account)
        .ok_or(ProblemCode::WrongCredentials)?;
    app.abuse.login_finished(&state.name, from, app.now());
    // Whoever does not know the password does not learn of a ban.
    refuse_banned(&app, record.account).await?;
    Ok(LoggedIn {
        account: record.account,
        identity_key: record.identity_key,
        vault: record.vault_by_password.into(),
        device_list: record.device_list,
        enrolment_token: enrolment_token(&app, record.account, LoginMeans::Password)?,
    })
}
