//! Sessions as several handlers begin and end them.

use super::HttpProblem;
use crate::app::{App, Backend};
use crate::auth::{DEVICE_TOKEN_SECONDS, Grant, RefreshToken};
use crate::store::{NewSession, SessionId};
use rand_core::Rng as _;
use sotto_protocol::frame::Goodbye;
use sotto_protocol::rest::auth::SessionTokens;
use sotto_protocol::{DeviceAddress, Timestamp};

/// Milliseconds after which a session ends that is not refreshed.
const SESSION_MILLIS: u64 = 90 * 24 * 60 * 60 * 1000;

/// A session about to begin: its record for the store, its tokens for the client.
pub(super) struct BeginningSession {
    pub(super) record: NewSession,
    pub(super) tokens: SessionTokens,
}

/// When a session ends that is refreshed now.
pub(super) const fn expiry(now: Timestamp) -> Timestamp {
    now.plus_millis(SESSION_MILLIS)
}

/// Prepares a session of a device.
pub(super) fn begin<B: Backend>(
    app: &App<B>,
    address: DeviceAddress,
) -> Result<BeginningSession, HttpProblem> {
    let mut rng = app.rng();
    let mut id = [0; 16];
    rng.fill_bytes(&mut id);
    let id = SessionId(id);
    let refresh = RefreshToken::generate(&mut rng);
    Ok(BeginningSession {
        record: NewSession {
            id,
            refresh: refresh.hashes(),
            expires_at: expiry(app.now()),
        },
        tokens: tokens(app, address, id, &refresh)?,
    })
}

/// The tokens of a session.
pub(super) fn tokens<B: Backend>(
    app: &App<B>,
    address: DeviceAddress,
    session: SessionId,
    refresh: &RefreshToken,
) -> Result<SessionTokens, HttpProblem> {
    let access_token = app
        .auth
        .access_tokens
        .issue(Grant::Device { address, session })
        .map_err(|error| HttpProblem::internal(&error))?;
    Ok(SessionTokens {
        access_token,
        expires_in: DEVICE_TOKEN_SECONDS,
        refresh_token: refresh.to_token(),
    })
}

/// The store has ended the device's session (or replaced it): its tokens and its connection die with it.
pub(crate) fn ended<B: Backend>(app: &App<B>, address: DeviceAddress) {
    app.live_sessions.ended(address.device);
    app.delivery.disconnect(address, Goodbye::SessionEnded);
}

/// The store has banned the device's account: its session counts for nothing until that is over, and its connection ends.
pub(crate) fn banned<B: Backend>(app: &App<B>, address: DeviceAddress) {
    app.live_sessions.ended(address.device);
    app.delivery.disconnect(address, Goodbye::Banned);
}
