//! `POST /v1/auth/oidc/finish`

use super::{may_register, provider};
use crate::app::{App, Backend};
use crate::http::{HttpProblem, Json};
use crate::oidc::{OidcLoginState, OidcTicket};
use crate::store::{AccountStore as _, OidcStore as _, SessionStore as _};
use axum::extract::State;
use sotto_protocol::rest::auth::Token;
use sotto_protocol::rest::oidc::{FinishOidc, OidcFinished};
use sotto_protocol::{ProblemCode, binary, limits};

/// Redeems what the provider has sent back, and hands out a ticket. A login can be finished once, by the client that began it.
pub(crate) async fn finish<B: Backend>(
    State(app): State<App<B>>,
    Json(FinishOidc {
        login,
        state,
        code,
        iss,
        verifier,
    }): Json<FinishOidc>,
) -> Result<Json<OidcFinished>, HttpProblem> {
    let provider = provider(&app)?;
    let begun: OidcLoginState = app
        .auth
        .login_states
        .open(login.as_slice(), app.now())
        .map_err(|_| ProblemCode::OidcExpired)?;
    if !begun.is_of(&state, verifier.reveal()) {
        return Err(ProblemCode::OidcRefused.into());
    }
    provider.check_sender(iss.as_deref()).await?;
    // Before the provider is asked: whoever comes again asks it nothing.
    if !app.accounts.spend_login(begun.login, begun.expires_at).await? {
        return Err(ProblemCode::OidcExpired.into());
    }
    let identity = provider.redeem(&begun, code.reveal(), verifier.reveal()).await?;
    let known = app.accounts.oidc_subject(identity.subject).await?;
    let account = match known.and_then(|known| known.account) {
        Some(account) => app.accounts.account(account).await?.map(|user| user.name),
        None => None,
    };
    let ticket = OidcTicket {
        subject: identity.subject.0,
        expires_at: app.now().plus_millis(limits::OIDC_MILLIS.into()),
    };
    let sealed = app.auth.login_states.seal(&mut app.rng(), &ticket);
    Ok(Json(OidcFinished {
        ticket: Token::new(binary::encode(&sealed)),
        expires_in: limits::OIDC_MILLIS / 1000,
        registration: may_register(&app, provider, identity.subject).await?,
        suggested_name: identity.suggested_name.filter(|_| account.is_none()),
        account,
    }))
}
