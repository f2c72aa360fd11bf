//! Errors as `application/problem+json` (RFC 9457).

use crate::limit::Wait;
use crate::store::StoreError;
use crate::telemetry::metrics::METRICS;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use sotto_protocol::{Problem, ProblemCode};

/// An answer that is an error.
#[derive(Debug)]
pub(crate) struct HttpProblem(Box<Problem>);

impl HttpProblem {
    /// What went wrong.
    pub(crate) const fn code(&self) -> ProblemCode {
        self.0.code
    }

    /// The request is not what the endpoint takes, and why. The text reaches a stranger.
    pub(crate) fn invalid_request(detail: impl Into<String>) -> Self {
        Problem::new(ProblemCode::InvalidRequest)
            .with_detail(detail)
            .into()
    }

    /// The server failed; why is for the log alone.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = chain(error), "a request failed");
        ProblemCode::Internal.into()
    }
}

impl From<Problem> for HttpProblem {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<Wait> for HttpProblem {
    fn from(wait: Wait) -> Self {
        Problem::new(ProblemCode::RateLimited)
            .with_retry_after(wait.seconds())
            .into()
    }
}

impl From<ProblemCode> for HttpProblem {
    fn from(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }
}

impl From<StoreError> for HttpProblem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => {
                tracing::warn!(error = chain(&error), "a store is not available");
                ProblemCode::Unavailable.into()
            }
            StoreError::Failed(_) | StoreError::Unreadable { .. } | StoreError::Mismatch { .. } => {
                Self::internal(&error)
            }
        }
    }
}

impl IntoResponse for HttpProblem {
    fn into_response(self) -> Response {
        METRICS.problems.of(self.0.code).increment();
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // A problem is a handful of strings and numbers, for which the encoder has no error.
        let retry_after = self.0.retry_after;
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
        set(CONTENT_TYPE, "application/problem+json");
        set(CACHE_CONTROL, "no-store");
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            return response;
        }
        match status {
            StatusCode::UNAUTHORIZED => {
                set(WWW_AUTHENTICATE, "Bearer");
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                set(RETRY_AFTER, "1");
            }
            _ => {}
        }
        response
    }
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
