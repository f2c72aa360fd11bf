//! From a request to a WebSocket: who is calling, from which page, in which language.

use super::{origin, session};
use crate::app::{App, Backend};
use crate::auth::{Caller, bearer_token};
use crate::http::HttpProblem;
use crate::listener::ConnectionPermit;
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use http::HeaderMap;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use sotto_protocol::frame::SUBPROTOCOL;
use sotto_protocol::{ProblemCode, limits};

/// Bytes that a connection reads at once. The library's default, 128 KiB, is allocated and zeroed for each connection.
const READ_BUFFER_BYTES: usize = 4096;
/// Bytes that wait for a flush before they are written.
const WRITE_BUFFER_BYTES: usize = 4096;

/// Upgrades a device's connection.
pub(crate) async fn upgrade<B: Backend>(
    State(app): State<App<B>>,
    permit: Option<Extension<ConnectionPermit>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, HttpProblem> {
    if !origin::is_allowed(&headers, &app.config.web) {
        return Err(ProblemCode::Forbidden.into());
    }
    let upgrade = upgrade.map_err(|rejection| HttpProblem::invalid_request(rejection.body_text()))?;
    let offered = offered_protocols(&headers);
    if !offered.contains(&SUBPROTOCOL) {
        return Err(HttpProblem::invalid_request(format!(
            "Offer the subprotocol {SUBPROTOCOL}."
        )));
    }
    let token = bearer_token(&headers)
        .or_else(|| offered.iter().copied().find(|&offer| offer != SUBPROTOCOL))
        .ok_or(ProblemCode::Unauthenticated)?;
    let caller = Caller::of_token(&app, token).await?;
    let connection = app
        .delivery
        .connect(caller.address)
        .map_err(|_| ProblemCode::Unavailable)?;
    // A session that ended after the check and before `connect` was not yet there to be disconnected.
    let caller = Caller::of_token(&app, token).await.map(|_| caller)?;

    let sockets = app.sockets.clone();
    Ok(upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(limits::FRAME_BYTES)
        .max_frame_size(limits::FRAME_BYTES)
        .on_upgrade(move |socket| {
            sockets.track_future(async move {
                tracing::debug!(device = ?caller.address.device, "connected");
                session::run(&app, socket, connection).await;
                tracing::debug!(device = ?caller.address.device, "disconnected");
                drop(permit);
            })
        }))
}

/// What `Sec-WebSocket-Protocol` offers, in its order, over however many headers.
fn offered_protocols(headers: &HeaderMap) -> Vec<&str> {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect()
}
