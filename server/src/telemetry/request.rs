//! Every HTTP request: counted, timed, noted.

use super::metrics::{METRICS, RouteClass};
use super::traces;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument as _;

/// Counts and notes every request: by its route, for a path has names and ids in it.
pub(crate) async fn observe_request(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let span = traces::request(
        &method,
        route.as_ref().map_or("page", MatchedPath::as_str),
        request.headers(),
    );
    let begun = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", i64::from(response.status().as_u16()));
    let route = route.as_ref().map(MatchedPath::as_str);
    let duration = begun.elapsed();
    METRICS.answered(RouteClass::of(route), response.status(), duration);
    tracing::debug!(
        %method,
        route = route.unwrap_or("page"),
        status = response.status().as_u16(),
        micros = duration.as_micros(),
        "request"
    );
    response
}
