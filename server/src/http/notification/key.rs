//! `GET /v1/notification/key`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::Json;
use axum::extract::State;
use sotto_protocol::rest::notification::NotificationKey;

/// The server's public key for push services.
pub(crate) async fn key<B: Backend>(State(app): State<App<B>>, _: Caller) -> Json<NotificationKey> {
    Json(NotificationKey {
        key: app.push.public_key().to_vec().into(),
    })
}
