//! `POST /v1/auth/login/finish`

use crate::app::{App, Backend};
use crate::auth::{Grant, OpaqueServer};
use crate::http::{HttpProblem, Json};
use crate::store::{AccountStore as _, SessionStore as _};
use axum::extract::State;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::auth::{FinishLogin, LoggedIn};

/// Checks the last OPAQUE message of a login, and hands out what a new device needs. A login can be finished once.
pub(crate) async fn finish_login<B: Backend>(
    State(app): State<App<B>>,
    Json(FinishLogin { login, finalization }): Json<FinishLogin>,
) -> Result<Json<LoggedIn>, HttpProblem> {
    let state = app
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
        .filter(|record| Some(record.account) == state.account)
        .ok_or(ProblemCode::WrongCredentials)?;
    let enrolment_token = app
        .auth
        .access_tokens
        .issue(Grant::Enrolment {
            account: record.account,
        })
        .map_err(|error| HttpProblem::internal(&error))?;
    Ok(Json(LoggedIn {
        account: record.account,
        identity_key: record.identity_key,
        vault: record.vault_by_password.into(),
        device_list: record.device_list,
        enrolment_token,
    }))
}
