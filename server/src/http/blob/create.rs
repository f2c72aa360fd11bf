//! `POST /v1/blob`

use super::upload;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::CreateBlobError;
use axum::extract::State;
use http::header::LOCATION;
use http::{HeaderName, StatusCode};
use sotto_protocol::rest::blob::{CreateBlob, Upload};
use sotto_protocol::{ProblemCode, Retention};

impl From<CreateBlobError> for HttpProblem {
    fn from(error: CreateBlobError) -> Self {
        match error {
            CreateBlobError::AccountNotFound => ProblemCode::UserNotFound.into(),
            CreateBlobError::UploadTaken => ProblemCode::UploadTaken.into(),
            CreateBlobError::QuotaExceeded => ProblemCode::QuotaExceeded.into(),
            CreateBlobError::TooManyBlobs => ProblemCode::TooManyBlobs.into(),
            CreateBlobError::TooManyUploads => ProblemCode::TooManyUploads.into(),
            CreateBlobError::Store(error) => error.into(),
        }
    }
}

/// Begins an upload, or finds the one that a repeated request began.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Json(request): Json<CreateBlob>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Upload>), HttpProblem> {
    if request.size == 0 {
        return Err(HttpProblem::invalid_request("size: at least 1"));
    }
    if request.size > app.config.blobs.blob_bytes_max {
        return Err(ProblemCode::BlobTooLarge.into());
    }
    if request.retention == Retention::Never || !request.retention.is_in_bounds() {
        return Err(ProblemCode::InvalidRetention.into());
    }
    let blob = app
        .blobs
        .create(
            caller.address.account,
            request.upload,
            request.size,
            request.retention,
        )
        .await?;
    let location = [(LOCATION, format!("/v1/blob/{}/upload", blob.blob))];
    Ok((StatusCode::CREATED, location, Json(upload(&blob))))
}
