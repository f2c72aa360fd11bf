//! `PUT /v1/auth/oidc/link`

use super::subject;
use crate::app::{App, Backend};
use crate::auth::ProvenOwner;
use crate::http::{HttpProblem, Json};
use crate::store::{Linking, OidcStore as _};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::oidc::LinkOidc;

/// Links an account whose owner has just shown to be that with who has logged in at the provider.
pub(crate) async fn link<B: Backend>(
    State(app): State<App<B>>,
    ProvenOwner(account): ProvenOwner,
    Json(LinkOidc { ticket }): Json<LinkOidc>,
) -> Result<StatusCode, HttpProblem> {
    let subject = subject(&app, &ticket)?;
    match app.accounts.link_oidc(account, subject, app.now()).await? {
        Linking::Linked => {
            tracing::info!(?account, "an account was linked with the OpenID provider");
            Ok(StatusCode::NO_CONTENT)
        }
        Linking::Taken => Err(ProblemCode::OidcTaken.into()),
        Linking::AccountNotFound => Err(ProblemCode::UserNotFound.into()),
    }
}
