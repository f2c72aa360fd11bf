//! `POST /v1/auth/recovery/finish`

use super::{counted, enrolment_token};
use crate::app::{App, Backend};
use crate::auth::{LoginMeans, RecoveryState, is_proven, refuse_banned};
use crate::http::{HttpProblem, Json};
use crate::limit::ClientAddress;
use crate::store::{AccountStore as _, SessionStore as _};
use axum::Extension;
use axum::extract::State;
use sotto_protocol::ProblemCode;
use sotto_protocol::login_proof::RECOVERY_LOGIN;
use sotto_protocol::rest::auth::{AnswerChallenge, LoggedIn};

/// See [`check`]. Counts what became of it.
pub(crate) async fn finish_recovery<B: Backend>(
    State(app): State<App<B>>,
    from: Option<Extension<ClientAddress>>,
    Json(request): Json<AnswerChallenge>,
) -> Result<Json<LoggedIn>, HttpProblem> {
    let from = from.map(|Extension(address)| address);
    counted(check(app, from, request).await).map(Json)
}

/// Checks the signature of a recovery code's key, and hands out what a new device needs. A login can be finished once.
async fn check<B: Backend>(
    app: App<B>,
    from: Option<ClientAddress>,
    AnswerChallenge { login, signature }: AnswerChallenge,
) -> Result<LoggedIn, HttpProblem> {
    let state: RecoveryState = app
        .auth
        .login_states
        .open(login.as_slice(), app.now())
        .map_err(|_| ProblemCode::LoginExpired)?;
    let record = app
        .accounts
        .login_record(&state.name)
        .await?
        .filter(|record| record.account == state.account);
    let key = record.as_ref().and_then(|record| record.recovery_key);
    let signed = state.challenge.by_recovery_code(&state.name);
    let is_proven = is_proven(key, RECOVERY_LOGIN, &signed, &signature);
    let record = record
        .filter(|_| is_proven)
        .ok_or(ProblemCode::WrongCredentials)?;
    if !app.accounts.spend_login(state.login, state.expires_at).await? {
        return Err(ProblemCode::LoginExpired.into());
    }
    app.abuse.login_finished(&state.name, from, app.now());
    // Whoever does not have the code does not learn of a ban.
    refuse_banned(&app, record.account).await?;
    Ok(LoggedIn {
        account: record.account,
        identity_key: record.identity_key,
        vault: record.vault_by_recovery_code.into(),
        device_list: record.device_list,
        enrolment_token: enrolment_token(&app, record.account, LoginMeans::RecoveryCode)?,
    })
}
