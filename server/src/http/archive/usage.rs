//! `GET /v1/archive/usage`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::ArchiveStore as _;
use axum::extract::State;
use sotto_protocol::rest::archive::ArchiveUsage;

/// What the caller's account has archived, and how much it may.
pub(crate) async fn usage<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<Json<ArchiveUsage>, HttpProblem> {
    let stored = app.accounts.stored_archives(caller.address.account).await?;
    let config = &app.config.archive;
    Ok(Json(ArchiveUsage {
        bytes: stored.bytes,
        bytes_max: config.bytes_max,
        segments: stored.segments,
        segments_max: config.segments_max,
        chats: stored.chats,
        chats_max: config.chats_max,
    }))
}
