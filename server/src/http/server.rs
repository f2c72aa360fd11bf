//! `GET /v1/server`

use crate::app::{App, Backend};
use crate::http::Json;
use axum::extract::State;
use sotto_protocol::rest::server::ServerInfo;

/// What anyone may know of the server before they have an account on it.
pub(crate) async fn info<B: Backend>(State(app): State<App<B>>) -> Json<ServerInfo> {
    Json(ServerInfo {
        registration: app.config.registration.policy,
        passkeys: app.passkeys.is_some(),
    })
}
