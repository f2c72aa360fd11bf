//! `POST /v1/auth/refresh`

use crate::app::{App, Backend};
use crate::auth::RefreshToken;
use crate::http::{HttpProblem, Json, sessions};
use crate::store::{DeviceStore as _, Rotation, SessionStore as _};
use axum::extract::State;
use sotto_protocol::rest::auth::{Refresh, SessionTokens};
use sotto_protocol::{Problem, ProblemCode};

/// Exchanges a refresh token for a new pair. One that was replaced and comes again is in two hands: the session ends.
pub(crate) async fn refresh<B: Backend>(
    State(app): State<App<B>>,
    Json(Refresh { refresh_token }): Json<Refresh>,
) -> Result<Json<SessionTokens>, HttpProblem> {
    let presented = RefreshToken::read(&refresh_token).map_err(|_| ProblemCode::SessionEnded)?;
    let successor = presented.successor(&mut app.rng());
    let now = app.now();
    let rotation = app
        .accounts
        .rotate_refresh_token(
            presented.hashes(),
            successor.hashes().secret,
            now,
            sessions::expiry(now),
        )
        .await?;
    match rotation {
        Rotation::Rotated(session) => {
            app.accounts.device_seen(session.device.device, now).await?;
            Ok(Json(sessions::tokens(
                &app,
                session.device,
                session.id,
                &successor,
            )?))
        }
        Rotation::Banned(ban) => Err(Problem::new(ProblemCode::Banned).with_ban(ban).into()),
        Rotation::Unknown => Err(ProblemCode::SessionEnded.into()),
        Rotation::Reused(session) => {
            tracing::warn!(device = ?session.device.device, "a refresh token came twice: its session has ended");
            sessions::ended(&app, session.device);
            Err(ProblemCode::SessionEnded.into())
        }
    }
}
