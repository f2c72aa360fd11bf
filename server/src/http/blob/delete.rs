//! `DELETE /v1/blob/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Path};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::{BlobId, ProblemCode};

/// Deletes one of the caller's blobs, whole or under way.
pub(crate) async fn delete<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(id): Path<BlobId>,
) -> Result<StatusCode, HttpProblem> {
    let blob = app.blobs.find(id).await?.ok_or(ProblemCode::BlobNotFound)?;
    if blob.account != caller.address.account {
        return Err(if blob.is_whole() {
            ProblemCode::Forbidden.into()
        } else {
            ProblemCode::BlobNotFound.into()
        });
    }
    if app.blobs.delete(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ProblemCode::BlobNotFound.into())
    }
}
