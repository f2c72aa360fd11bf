//! What every request goes through on its way in and out.

use super::HttpProblem;
use crate::app::{App, Backend};
use crate::limit::{ClientAddress, EndpointClass, PeerAddress};
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue, StatusCode};
use sotto_protocol::ProblemCode;
use std::any::Any;
use std::time::Duration;

/// Whoever is over a limit and asks again at once is answered as late as this: a refusal costs us more than it costs them.
const REFUSED_AFTER: Duration = Duration::from_millis(500);

/// For all that is no page: nothing may be loaded by it or show it.
const NO_PAGE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(self), \
         gyroscope=(), magnetometer=(), microphone=(self), midi=(), payment=(), usb=()",
    ),
];

/// Headers that keep a browser from doing what no page of ours needs.
pub(super) async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(NO_PAGE_POLICY));
    response
}

/// Counts a request against the limits of the address that it comes from, and notes for later which address that is and
/// what the request is for.
pub(super) async fn limit<B: Backend>(
    State(app): State<App<B>>,
    mut request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let class = EndpointClass::of(request.method(), route.map(MatchedPath::as_str));
    request.extensions_mut().insert(class);
    let mut admitted = Ok(());
    if let Some(&PeerAddress(peer)) = request.extensions().get() {
        let proxies = &app.config.network.trusted_proxies;
        let client = ClientAddress::of(peer.ip(), request.headers(), proxies);
        admitted = app.limits.of_address(client, class);
        request.extensions_mut().insert(client);
    }
    match admitted {
        Ok(()) => next.run(request).await,
        Err(wait) => HttpProblem::from(wait).into_response(),
    }
}

/// Lets whoever is over a limit wait for the answer that says so.
pub(super) async fn delay_refusals(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        tokio::time::sleep(REFUSED_AFTER).await;
    }
    response
}

/// Ends a request that takes too long, whether its body does not come or its answer.
pub(super) async fn timeout<B: Backend>(State(app): State<App<B>>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(app.config.timeouts.request(), next.run(request)).await {
        Ok(response) => response,
        Err(_) => HttpProblem::from(ProblemCode::Timeout).into_response(),
    }
}

/// The last resort: a handler that panics is a defect, and its caller still gets a problem.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response<Body> {
    // What the panic says may quote what it was about.
    tracing::error!("a handler panicked");
    HttpProblem::from(ProblemCode::Internal).into_response()
}
