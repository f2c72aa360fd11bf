//! Answers with a version, of which whoever has it already is told no more (RFC 9110, section 13.1.2).

use super::HttpProblem;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Whether the client has this version already.
pub(super) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|version| version == "*" || version.strip_prefix("W/").unwrap_or(version) == etag)
}

/// A public object as JSON, with the hash of it as its version. It may be kept, and is asked for again each time.
pub(super) fn versioned<T: Serialize>(headers: &HeaderMap, object: &T) -> Result<Response, HttpProblem> {
    let body = serde_json::to_vec(object).map_err(|error| HttpProblem::internal(&error))?;
    let hash = Sha256::digest(&body);
    let short = hash.get(..16).unwrap_or_default();
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(short));
    let version = [(ETAG, etag.as_str()), (CACHE_CONTROL, "no-cache")];
    Ok(if is_known(headers, &etag) {
        (StatusCode::NOT_MODIFIED, version).into_response()
    } else {
        (version, [(CONTENT_TYPE, "application/json")], body).into_response()
    })
}
