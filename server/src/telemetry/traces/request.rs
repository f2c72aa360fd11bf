//! The trace of one HTTP request.

use super::{ACCEPTS_TRACEPARENT, SAMPLER, TARGET};
use http::{HeaderMap, Method};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use std::sync::atomic::Ordering;
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The header in which a caller says which trace its request is part of (W3C Trace Context, section 3.2).
const TRACEPARENT: &str = "traceparent";

/// Begins the trace of a request; [`Span::none`] of most. Where the operator allows it, a request that says which trace it is
/// part of is traced if that trace is, whatever the share.
pub(in crate::telemetry) fn request(method: &Method, route: &str, headers: &HeaderMap) -> Span {
    if !SAMPLER.is_on() {
        return Span::none();
    }
    let parent = ACCEPTS_TRACEPARENT
        .load(Ordering::Relaxed)
        .then(|| TraceContextPropagator::new().extract(&Traceparent(headers)))
        .filter(|parent| parent.span().span_context().is_valid());
    let is_traced = match &parent {
        Some(parent) => parent.span().span_context().is_sampled(),
        None => SAMPLER.takes(),
    };
    if !is_traced {
        return Span::none();
    }
    let span = info_span!(
        target: TARGET,
        parent: None,
        "request",
        "otel.name" = format!("{} {route}", standard(method)),
        "otel.kind" = "server",
        "http.request.method" = standard(method),
        "http.route" = route,
        "http.response.status_code" = Empty,
    );
    if let Some(parent) = parent {
        // It fails where the span was not made for a collector, and is then of no use anyway.
        let _ = span.set_parent(parent);
    }
    span
}

/// The header that says the trace, and not the one beside it, in which anything may stand.
struct Traceparent<'a>(&'a HeaderMap);

impl Extractor for Traceparent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT)
            .then(|| self.0.get(TRACEPARENT)?.to_str().ok())
            .flatten()
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

/// A method that a stranger made up is not repeated.
fn standard(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "_OTHER",
    }
}
