//! `GET /v1/site/logo`

use crate::app::{App, Backend};
use crate::http::{HttpProblem, Revalidated};
use axum::extract::State;
use axum::response::Response;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderMap, HeaderValue};
use sotto_protocol::ProblemCode;

/// For an SVG that is opened by itself: it is drawn, with the styles that stand in it, and runs and loads nothing.
const DRAWING_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/// The operator's logo.
pub(crate) async fn logo<B: Backend>(
    State(app): State<App<B>>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let content = app.site.content(app.now()).await;
    let logo = content.logo().ok_or(ProblemCode::NotFound)?;
    let mut response = Revalidated::new(logo.kind.media_type(), logo.bytes.clone()).answer(&headers);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(DRAWING_POLICY));
    Ok(response)
}
