//! `DELETE /v1/auth/oidc/link`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::HttpProblem;
use crate::oidc::OpenIdProvider;
use crate::store::OidcStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::ProblemCode;

/// Ends the link of the caller's account. Where logins have to begin at the provider, who is linked stays so: else nobody would have to.
pub(crate) async fn unlink<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<StatusCode, HttpProblem> {
    if app.oidc.as_ref().is_some_and(OpenIdProvider::is_required) {
        return Err(ProblemCode::OidcRequired.into());
    }
    let account = caller.address.account;
    if app.accounts.unlink_oidc(account).await? {
        tracing::info!(?account, "an account is linked with the OpenID provider no more");
    }
    Ok(StatusCode::NO_CONTENT)
}
