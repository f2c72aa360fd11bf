//! From a request to a WebSocket: who is calling, from which page, in which language.

use super::session::Session;
use super::{Stream, WebSocket, handshake, origin};
use crate::app::{App, Backend};
use crate::auth::{Caller, bearer_token};
use crate::delivery::Connection;
use crate::http::HttpProblem;
use crate::limit::ClientAddress;
use crate::listener::{ConnectionPermit, Impatient};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION};
use http::{HeaderMap, HeaderValue, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use sotto_protocol::frame::SUBPROTOCOL;
use sotto_protocol::{Problem, ProblemCode};

/// Upgrades a device's connection.
pub(crate) async fn upgrade<B: Backend>(
    State(app): State<App<B>>,
    mut request: Request,
) -> Result<Response, HttpProblem> {
    let headers = request.headers();
    if !origin::is_allowed(headers, &app.config.web) {
        return Err(ProblemCode::Forbidden.into());
    }
    let accepted = match handshake::accept(headers) {
        Ok(accepted) => accepted,
        Err(error) => return Ok(no_handshake(error)),
    };
    let offered = offered_protocols(headers);
    if !offered.contains(&SUBPROTOCOL) {
        return Err(HttpProblem::invalid_request(format!(
            "Offer the subprotocol {SUBPROTOCOL}."
        )));
    }
    let token = bearer_token(headers)
        .or_else(|| offered.iter().copied().find(|&offer| offer != SUBPROTOCOL))
        .ok_or(ProblemCode::Unauthenticated)?;
    let token = token.to_owned();
    let mut permit = request.extensions_mut().remove::<ConnectionPermit>();
    let client = request.extensions().get::<ClientAddress>().copied();
    let admitted = admit(&app, &token, || match (&mut permit, client) {
        (Some(permit), Some(client)) => Ok(permit.admit(&app.connections, client).map_err(Problem::from)?),
        _ => Ok(()),
    })
    .await?;

    let upgrade = hyper::upgrade::on(request);
    // Counted from here on, so that a server that stops waits for it.
    let token = app.sockets.token();
    tokio::spawn(async move {
        let Some((stream, read_ahead)) = taken_out(upgrade).await else {
            return;
        };
        tracing::debug!(device = ?admitted.connection.device().device, "connected");
        let socket = WebSocket::new(stream, read_ahead, app.config.sizes.frame_bytes);
        // A task of its own: this one has room for HTTP's part, which is over.
        tokio::spawn(Session::new(app, socket, admitted, (permit, token)));
    });

    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    response.headers_mut().extend(accepted);
    response
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

/// A device that was let in.
pub(crate) struct Admitted<B: Backend> {
    /// Its connection.
    pub(crate) connection: Connection<B::Accounts, B::Log>,
    /// Whether its account is a bot.
    pub(crate) is_bot: bool,
}

/// Lets the device in whose token this is, unless `is_room` says otherwise: from here on its connection before this one is over.
pub(crate) async fn admit<B: Backend>(
    app: &App<B>,
    token: &str,
    is_room: impl FnOnce() -> Result<(), HttpProblem>,
) -> Result<Admitted<B>, HttpProblem> {
    // Never closed, so this cannot fail.
    let turn = app.arrivals.acquire().await;
    let caller = Caller::of_token(app, token).await?;
    app.limits.of_connect(caller.address.device)?;
    is_room()?;
    let connection = app
        .delivery
        .connect(caller.address)
        .map_err(|_| ProblemCode::Unavailable)?;
    // A session that ended after the check and before `connect` was not yet there to be disconnected.
    caller.check_session(app).await?;
    drop(turn);
    Ok(Admitted {
        connection,
        is_bot: caller.is_bot,
    })
}

/// The stream, when the answer is written.
async fn taken_out(upgrade: OnUpgrade) -> Option<(Stream, bytes::Bytes)> {
    let upgraded = upgrade
        .await
        .inspect_err(|error| tracing::debug!(%error, "a connection ended before its upgrade"))
        .ok()?;
    let Ok(parts) = upgraded.downcast::<TokioIo<Impatient<Stream>>>() else {
        tracing::error!("a connection is none of the listener's");
        return None;
    };
    Some((parts.io.into_inner().into_inner(), parts.read_buf))
}

fn no_handshake(error: handshake::NoHandshake) -> Response {
    let mut response = HttpProblem::invalid_request(error.to_string()).into_response();
    if error == handshake::NoHandshake::Version {
        let version = HeaderValue::from_static(handshake::VERSION);
        response.headers_mut().insert(SEC_WEBSOCKET_VERSION, version);
    }
    response
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
