//! `GET /v1/blob/{id}/upload`

use super::{offset, upload};
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use axum::extract::State;
use http::{HeaderName, HeaderValue};
use sotto_protocol::rest::blob::Upload;
use sotto_protocol::{BlobId, ProblemCode};

/// How far the upload of one of the caller's blobs has come.
pub(crate) async fn status<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(blob): Path<BlobId>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Upload>), HttpProblem> {
    let blob = app
        .blobs
        .find(blob)
        .await?
        .filter(|blob| blob.account == caller.address.account)
        .ok_or(ProblemCode::BlobNotFound)?;
    Ok(([offset(&blob)], Json(upload(&blob))))
}
