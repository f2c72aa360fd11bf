//! `POST /v1/auth/login/finish`

use crate::app::{App, Backend};
use crate::auth::{Grant, OpaqueServer};
use crate::http::{HttpProblem, Json};
use crate::store::{AccountStore as _, SessionStore as _};
use crate::telemetry::metrics::{LoginOutcome, METRICS};
use axum::extract::State;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::auth::{FinishLogin, LoggedIn};

/// See [`check`]. Counts what became of it.
pub(crate) async fn finish_login<B: Backend>(
    State(app): State<App<B>>,
    Json(request): Json<FinishLogin>,
) -> Result<Json<LoggedIn>, HttpProblem> {
    let logged_in = check(app, request).await;
    let outcome = match logged_in.as_ref().map_err(HttpProblem::code) {
        Ok(_) => Some(LoginOutcome::Succeeded),
        Err(ProblemCode::WrongCredentials) => Some(LoginOutcome::WrongCredentials),
        Err(ProblemCode::LoginExpired) => Some(LoginOutcome::Expired),
        // The server failed: that says nothing of the login, and is counted elsewhere.
        Err(_) => None,
    };
    if let Some(outcome) = outcome {
        METRICS.logins.of(outcome).increment();
    }
    logged_in.map(Json)
}

/// Checks the last OPAQUE message of a login, and hands out what a new device needs. A login can be finished once.
async fn check<B: Backend>(
    app: App<B>,
    FinishLogin { login, finalization }: FinishLogin,
) -> Result<LoggedIn, HttpProblem> {
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
    Ok(LoggedIn {
        account: record.account,
        identity_key: record.identity_key,
        vault: record.vault_by_password.into(),
        device_list: record.device_list,
        enrolment_token,
    })
}
