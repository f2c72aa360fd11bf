//! `POST /v1/auth/registration`

use super::bot;
use crate::app::{App, Backend};
use crate::auth::MalformedOpaqueMessage;
use crate::http::{HttpProblem, Json};
use crate::oidc::OpenIdProvider;
use crate::store::AccountStore as _;
use axum::extract::State;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::auth::{RegistrationStarted, StartRegistration};
use sotto_protocol::rest::server::RegistrationPolicy;

impl From<MalformedOpaqueMessage> for HttpProblem {
    fn from(error: MalformedOpaqueMessage) -> Self {
        Self::invalid_request(error.to_string())
    }
}

/// Answers the first OPAQUE message of a registration. Nothing is kept; that the name is free now reserves nothing.
pub(crate) async fn start_registration<B: Backend>(
    State(app): State<App<B>>,
    Json(StartRegistration { name, request, bot }): Json<StartRegistration>,
) -> Result<Json<RegistrationStarted>, HttpProblem> {
    // Whom the provider vouches for shows so in the second step.
    let is_for_some = app.oidc.as_ref().is_some_and(OpenIdProvider::registers);
    let is_awaited = bot::shown(&app, &name, bot.as_ref()).await?.is_some();
    if app.config.registration.policy == RegistrationPolicy::Closed && !is_for_some && !is_awaited {
        return Err(ProblemCode::RegistrationClosed.into());
    }
    if !app.accounts.is_name_free(&name).await? {
        return Err(ProblemCode::NameTaken.into());
    }
    let response = app.auth.opaque.start_registration(&name, request.as_slice())?;
    Ok(Json(RegistrationStarted {
        response: response.into(),
    }))
}
