//! Answers that a client may keep, and asks about again each time: with an entity tag of what they hold (RFC 9110, section 8.8.3).

use super::HttpProblem;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sotto_protocol::binary;

/// An answer that a client may keep.
#[derive(Clone, Debug)]
pub(crate) struct Revalidated {
    content_type: &'static str,
    body: Bytes,
    tag: String,
    cache_control: &'static str,
}

impl Revalidated {
    /// Of these bytes.
    pub(crate) fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self {
            content_type,
            tag: entity_tag(&Sha256::digest(&body)),
            body,
            cache_control: "no-cache",
        }
    }

    /// As JSON.
    pub(crate) fn json(value: &impl Serialize) -> Result<Self, HttpProblem> {
        match serde_json::to_vec(value) {
            Ok(body) => Ok(Self::new("application/json", body)),
            Err(error) => Err(HttpProblem::internal(&error)),
        }
    }

    /// For whoever asks alone, as nobody who has no session may read it, or others would read something else: caches that people
    /// share keep it not at all (RFC 9111, section 5.2.2.7).
    pub(crate) fn private(mut self) -> Self {
        self.cache_control = "private, no-cache";
        self
    }

    /// For whoever asks alone, and for no cache at all, the browser's own among them: what somebody has and is in would stay there when
    /// they have logged out. A client that remembers the tag by itself is spared the rest.
    pub(crate) fn unstored(mut self) -> Self {
        self.cache_control = "no-store";
        self
    }

    /// Bytes that it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.body.len() + self.tag.len()
    }

    /// All of it, or that nothing has changed, for who has it.
    pub(crate) fn answer(self, request: &HeaderMap) -> Response {
        let mut response = if is_known(request, &self.tag) {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            ([(CONTENT_TYPE, self.content_type)], self.body).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(ETAG, tag);
        }
        response
    }
}

/// The tag of a content with this SHA-256.
pub(crate) fn entity_tag(hash: &[u8]) -> String {
    format!("\"{}\"", binary::encode(hash.get(..16).unwrap_or_default()))
}

/// Whether `If-None-Match` names the tag (RFC 9110, section 13.1.2).
pub(crate) fn is_known(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
