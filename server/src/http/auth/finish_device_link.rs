//! `POST /v1/auth/device-link/finish`

use super::{counted, enrolment_token};
use crate::app::{App, Backend};
use crate::auth::{DeviceLinkState, LoginMeans, is_proven, refuse_banned};
use crate::http::{HttpProblem, Json};
use crate::store::{AccountStore as _, DeviceLinkStore as _};
use axum::extract::State;
use sotto_protocol::ProblemCode;
use sotto_protocol::login_proof::DEVICE_LINK_LOGIN;
use sotto_protocol::rest::auth::{AnswerChallenge, LoggedIn};

/// See [`check`]. Counts what became of it.
pub(crate) async fn finish_device_link<B: Backend>(
    State(app): State<App<B>>,
    Json(request): Json<AnswerChallenge>,
) -> Result<Json<LoggedIn>, HttpProblem> {
    counted(check(app, request).await).map(Json)
}

/// Checks the signature of a link's key, and hands out what a new device needs: once, after which the link is gone. That there is
/// no such link, that it was used, that its time is over, and that the signature is wrong have the same answer.
async fn check<B: Backend>(
    app: App<B>,
    AnswerChallenge { login, signature }: AnswerChallenge,
) -> Result<LoggedIn, HttpProblem> {
    let now = app.now();
    let state: DeviceLinkState = app
        .auth
        .login_states
        .open(login.as_slice(), now)
        .map_err(|_| ProblemCode::LoginExpired)?;
    let offered = app.accounts.device_link(state.link, now).await?;
    let (key, account) = offered.map(|link| (link.login_key, link.account)).unzip();
    let signed = state.challenge.by_device_link(state.link);
    if !is_proven(key, DEVICE_LINK_LOGIN, &signed, &signature) {
        return Err(ProblemCode::DeviceLinkRefused.into());
    }
    if let Some(account) = account {
        refuse_banned(&app, account).await?;
    }
    // Whoever comes second, and whoever's proof was for a link of before, gets nothing.
    let link = app
        .accounts
        .take_device_link(state.link, now)
        .await?
        .filter(|link| Some(link.login_key) == key)
        .ok_or(ProblemCode::DeviceLinkRefused)?;
    let user = app
        .accounts
        .account(link.account)
        .await?
        .ok_or(ProblemCode::DeviceLinkRefused)?;
    tracing::info!(account = ?link.account, "a device link was used");
    Ok(LoggedIn {
        account: link.account,
        identity_key: user.identity_key,
        vault: link.vault.into(),
        device_list: user.device_list,
        enrolment_token: enrolment_token(&app, link.account, LoginMeans::DeviceLink)?,
    })
}
