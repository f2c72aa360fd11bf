//! `POST /v1/auth/oidc`

use super::provider;
use crate::app::{App, Backend};
use crate::http::{HttpProblem, Json};
use crate::oidc::OidcLoginState;
use axum::extract::State;
use rand_core::{CryptoRng, Rng as _};
use sotto_protocol::rest::oidc::{OidcStarted, StartOidc};
use sotto_protocol::{binary, limits};

/// Longest address to come back to, in bytes.
const REDIRECT_BYTES: usize = 256;

/// Says where to log in. Nothing is kept, and nothing looked up: there is no name.
pub(crate) async fn start<B: Backend>(
    State(app): State<App<B>>,
    Json(StartOidc {
        redirect_uri,
        challenge,
    }): Json<StartOidc>,
) -> Result<Json<OidcStarted>, HttpProblem> {
    let provider = provider(&app)?;
    let challenge = challenge
        .as_slice()
        .try_into()
        .map_err(|_| HttpProblem::invalid_request("challenge: 32 bytes"))?;
    if redirect_uri.len() > REDIRECT_BYTES || !provider.may_return_to(&redirect_uri) {
        return Err(HttpProblem::invalid_request(
            "redirect_uri: the web app's page, or http://127.0.0.1:<port>/login/oidc",
        ));
    }
    let mut rng = app.rng();
    let mut login = [0; 16];
    rng.fill_bytes(&mut login);
    let begun = OidcLoginState {
        login,
        state: unguessable(&mut rng),
        nonce: unguessable(&mut rng),
        challenge,
        redirect_uri,
        expires_at: app.now().plus_millis(limits::OIDC_MILLIS.into()),
    };
    let authorization_url = provider.authorization_url(&begun).await?;
    Ok(Json(OidcStarted {
        login: app.auth.login_states.seal(&mut rng, &begun).into(),
        state: begun.state,
        authorization_url,
    }))
}

fn unguessable(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    binary::encode(&bytes)
}
