//! Query strings.

use super::HttpProblem;
use axum::extract::{self, FromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

/// A query string. Whatever is wrong with it becomes a problem.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpProblem> {
        extract::Query::try_from_uri(&parts.uri)
            .map(|extract::Query(query)| Self(query))
            .map_err(|rejection| HttpProblem::invalid_request(rejection.body_text()))
    }
}
