//! `PATCH /v1/blob/{id}/upload`

use super::{OFFSET, offset, upload};
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::blob::{AppendError, Piece};
use crate::http::{HttpProblem, Json, Path, chain};
use axum::body::Body;
use axum::extract::State;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use sotto_protocol::rest::blob::{PARTIAL_UPLOAD, Upload};
use sotto_protocol::{BlobId, Problem, ProblemCode};

/// Seconds after which a blob that was busy may not be any more.
const BUSY_SECONDS: u32 = 2;

impl From<AppendError> for HttpProblem {
    fn from(error: AppendError) -> Self {
        let with_offset = |code, received| {
            let mut problem = Problem::new(code);
            problem.offset = Some(received);
            Self::from(problem)
        };
        match error {
            AppendError::BlobNotFound => ProblemCode::BlobNotFound.into(),
            AppendError::Busy => Problem::new(ProblemCode::UploadBusy)
                .with_retry_after(BUSY_SECONDS)
                .into(),
            AppendError::WrongOffset { received } => with_offset(ProblemCode::WrongOffset, received),
            AppendError::TooLong { received } => with_offset(ProblemCode::UploadTooLong, received),
            AppendError::Stalled { received } => with_offset(ProblemCode::Timeout, received),
            AppendError::Stopping { received } => with_offset(ProblemCode::Unavailable, received),
            AppendError::NoSlot(none) => none.into(),
            AppendError::Objects(error) => {
                tracing::warn!(error = chain(&error), "the folder or bucket for blobs failed");
                ProblemCode::Unavailable.into()
            }
            AppendError::Store(error) => error.into(),
            AppendError::Failed(error) => Self::internal(&error),
        }
    }
}

/// Adds the body to the caller's blob, from the offset that the request says and that has to be the blob's.
pub(crate) async fn append<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(blob): Path<BlobId>,
    headers: HeaderMap,
    body: Body,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Upload>), HttpProblem> {
    if headers
        .get(CONTENT_TYPE)
        .is_none_or(|value| value != PARTIAL_UPLOAD)
    {
        return Err(Problem::new(ProblemCode::UnsupportedMediaType)
            .with_detail(format!("Send {PARTIAL_UPLOAD}."))
            .into());
    }
    let begin = number(&headers, &OFFSET)
        .ok_or_else(|| HttpProblem::invalid_request(format!("{OFFSET}: a number of bytes")))?;
    let piece = Piece {
        account: caller.address.account,
        blob,
        offset: begin,
        length: number(&headers, &CONTENT_LENGTH),
    };
    let blob = app.blobs.append(piece, body.into_data_stream()).await?;
    Ok(([offset(&blob)], Json(upload(&blob))))
}

/// A header that is a number, in digits alone.
fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?;
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}
