//! `GET /v1/blob`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use axum::extract::State;
use sotto_protocol::rest::blob::BlobUsage;

/// What the caller's account has on the server, and how much it may have.
pub(crate) async fn usage<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<Json<BlobUsage>, HttpProblem> {
    let stored = app.blobs.stored(caller.address.account).await?;
    let config = &app.config.blobs;
    Ok(Json(BlobUsage {
        bytes: stored.bytes,
        bytes_max: config.quota_bytes,
        blobs: stored.blobs,
        blobs_max: config.blobs_max,
        uploads: stored.uploads,
        uploads_max: config.uploads_max,
        blob_bytes_max: config.blob_bytes_max,
    }))
}
