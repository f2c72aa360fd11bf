//! JSON bodies, in and out.

use super::HttpProblem;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sotto_protocol::ProblemCode;

/// A JSON body. Whatever is wrong with one that comes in becomes a problem.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = HttpProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpProblem> {
        if !is_json(request.headers()) {
            return Err(ProblemCode::UnsupportedMediaType.into());
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| rejected(&rejection))?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| HttpProblem::invalid_request(error.to_string()))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => (
                [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")],
                body,
            )
                .into_response(),
            Err(error) => HttpProblem::internal(&error).into_response(),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The problem of a body that did not come as it should.
pub(super) fn rejected(rejection: &BytesRejection) -> HttpProblem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            ProblemCode::TooLarge.into()
        }
        // The connection broke, or the body is not framed as HTTP demands.
        _ => HttpProblem::invalid_request("The body could not be read."),
    }
}
