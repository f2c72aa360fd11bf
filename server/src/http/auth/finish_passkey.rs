//! `POST /v1/auth/passkey/finish`

use super::{counted, enrolment_token};
use crate::app::{App, Backend};
use crate::auth::{LoginMeans, PasskeyError, PasskeyLoginState, passkey_id, refuse_banned};
use crate::http::passkey::relying_party;
use crate::http::{HttpProblem, Json};
use crate::store::{AccountStore as _, PasskeyStore as _, SessionStore as _};
use axum::extract::State;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::auth::LoggedIn;
use sotto_protocol::rest::passkey::FinishPasskeyLogin;

/// See [`check`]. Counts what became of it.
pub(crate) async fn finish_passkey<B: Backend>(
    State(app): State<App<B>>,
    Json(request): Json<FinishPasskeyLogin>,
) -> Result<Json<LoggedIn>, HttpProblem> {
    counted(check(app, request).await).map(Json)
}

/// Checks what a passkey has signed, and hands out what a new device needs. A login can be finished once. That there is no such
/// passkey and that its answer does not hold have the same answer.
async fn check<B: Backend>(
    app: App<B>,
    FinishPasskeyLogin { login, credential }: FinishPasskeyLogin,
) -> Result<LoggedIn, HttpProblem> {
    let passkeys = relying_party(&app)?;
    let state: PasskeyLoginState = app
        .auth
        .login_states
        .open(login.as_slice(), app.now())
        .map_err(|_| ProblemCode::LoginExpired)?;
    let passkey = passkey_id(credential.raw_id.as_slice());
    let stored = app
        .accounts
        .passkey(passkey)
        .await?
        .ok_or(ProblemCode::PasskeyRefused)?;
    let account = stored.account;
    let counter = passkeys
        .check_used(state.challenge, &credential, &stored)
        .map_err(|error| match error {
            PasskeyError::Library(_) => HttpProblem::internal(&error),
            PasskeyError::Refused(_)
            | PasskeyError::AnotherAccount
            | PasskeyError::Algorithm(_)
            | PasskeyError::Length => {
                tracing::info!(
                    ?account,
                    ?passkey,
                    reason = error.reason(),
                    "a passkey was refused"
                );
                ProblemCode::PasskeyRefused.into()
            }
        })?;
    if !app.accounts.spend_login(state.login, state.expires_at).await? {
        return Err(ProblemCode::LoginExpired.into());
    }
    // It may have been used at the same time elsewhere, or removed.
    if !app.accounts.passkey_used(passkey, counter, app.now()).await? {
        tracing::info!(?account, ?passkey, "a passkey was refused: it has not counted on");
        return Err(ProblemCode::PasskeyRefused.into());
    }
    let user = app
        .accounts
        .account(account)
        .await?
        .ok_or(ProblemCode::PasskeyRefused)?;
    tracing::info!(?account, ?passkey, "a passkey was used");
    // Whoever does not have the passkey does not learn of a ban.
    refuse_banned(&app, account).await?;
    Ok(LoggedIn {
        account,
        identity_key: user.identity_key,
        vault: stored.vault.into(),
        device_list: user.device_list,
        enrolment_token: enrolment_token(&app, account, LoginMeans::Passkey)?,
    })
}
