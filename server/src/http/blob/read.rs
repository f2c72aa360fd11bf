//! `GET /v1/blob/{id}`

use super::range::Wanted;
use super::watch::watched;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::blob::ReadError;
use crate::http::{HttpProblem, Path, chain, is_known};
use crate::listener::ConnectionCut;
use crate::store::Blob;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures_util::TryStreamExt as _;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use sotto_protocol::{BlobId, ProblemCode};

impl From<ReadError> for HttpProblem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NoSlot(none) => none.into(),
            ReadError::Missing(_) => Self::internal(&error),
            ReadError::Objects(error) => {
                tracing::warn!(error = chain(&error), "the folder or bucket for blobs failed");
                ProblemCode::Unavailable.into()
            }
            ReadError::Gone => ProblemCode::BlobNotFound.into(),
            ReadError::Store(error) => error.into(),
        }
    }
}

/// The bytes of a blob, or a range of them. Whoever knows its id may read it.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(id): Path<BlobId>,
    Extension(connection): Extension<ConnectionCut>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let blob = app.blobs.find(id).await?.ok_or(ProblemCode::BlobNotFound)?;
    if !blob.is_whole() {
        return Err(if blob.account == caller.address.account {
            ProblemCode::BlobUnfinished.into()
        } else {
            ProblemCode::BlobNotFound.into()
        });
    }
    // A blob never changes, so its id names its only version.
    let etag = format!("\"{id}\"");
    if is_known(&headers, &etag) {
        return Ok(with_version(
            StatusCode::NOT_MODIFIED.into_response(),
            &blob,
            &etag,
        ));
    }
    let (status, range) = match Wanted::of(&headers, blob.size, &etag) {
        Wanted::Whole => (StatusCode::OK, 0..blob.size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let mut response = HttpProblem::from(ProblemCode::RangeNotSatisfiable).into_response();
            set(&mut response, CONTENT_RANGE, &format!("bytes */{}", blob.size));
            return Ok(response);
        }
    };
    let length = range.end - range.start;
    let content_range = format!("bytes {}-{}/{}", range.start, range.end - 1, blob.size);
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        let stream = app
            .blobs
            .read(caller.address.account, blob, range)
            .await?
            .into_stream();
        let stream = stream.inspect_err(|error| {
            tracing::warn!(error = chain(error), "a blob could not be read to its end");
        });
        Body::from_stream(watched(stream, connection, app.config.blobs.stall()))
    };
    let mut response = with_version((status, body).into_response(), &blob, &etag);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Nobody's browser shall take ciphertext for something else, nor show it.
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    if status == StatusCode::PARTIAL_CONTENT {
        set(&mut response, CONTENT_RANGE, &content_range);
    }
    Ok(response)
}

/// Adds which version this is, and how long it may be kept: for good in the client's own cache, as it never changes;
/// but what is to vanish is kept nowhere.
fn with_version(mut response: Response, blob: &Blob, etag: &str) -> Response {
    set(&mut response, ETAG, etag);
    let cache = if blob.ends_at.is_none() {
        "private, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    set(&mut response, CACHE_CONTROL, cache);
    response
}

fn set(response: &mut Response, name: http::HeaderName, value: &str) {
    // Base64url, digits and spaces: always a header's value.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
