//! A collector that keeps what it is told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::HeaderMap;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

type Bodies = Arc<Mutex<Vec<Bytes>>>;

/// A collector on a free port.
pub(crate) struct Collector {
    address: SocketAddr,
    bodies: Bodies,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bodies = Bodies::default();
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&bodies));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, bodies }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that it was told so far.
    pub(crate) fn told(&self) -> Told {
        let bodies = self.bodies.lock().unwrap().clone();
        let exports = bodies
            .iter()
            .map(|body| ExportTraceServiceRequest::decode(body.as_ref()).unwrap())
            .collect();
        Told { bodies, exports }
    }
}

async fn take(State(bodies): State<Bodies>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    bodies.lock().unwrap().push(body);
}

/// What a collector was told.
pub(crate) struct Told {
    bodies: Vec<Bytes>,
    exports: Vec<ExportTraceServiceRequest>,
}

/// One span of it.
pub(crate) struct ToldSpan {
    pub(crate) span: Span,
}

impl Told {
    pub(crate) fn spans(&self, name: &str) -> Vec<ToldSpan> {
        let resources = self.exports.iter().flat_map(|export| &export.resource_spans);
        resources
            .flat_map(|resource| &resource.scope_spans)
            .flat_map(|scope| &scope.spans)
            .filter(|span| span.name == name)
            .map(|span| ToldSpan { span: span.clone() })
            .collect()
    }

    /// The one span of this name.
    #[track_caller]
    pub(crate) fn span(&self, name: &str) -> ToldSpan {
        let mut spans = self.spans(name);
        assert_eq!(spans.len(), 1, "{name}");
        spans.remove(0)
    }

    pub(crate) fn resource(&self, key: &str) -> String {
        let resource = self.exports[0].resource_spans[0].resource.as_ref().unwrap();
        text(&resource.attributes, key)
    }

    /// Whether these bytes are anywhere in it.
    pub(crate) fn contains(&self, bytes: &[u8]) -> bool {
        self.bodies
            .iter()
            .any(|body| body.windows(bytes.len()).any(|window| window == bytes))
    }
}

impl ToldSpan {
    #[track_caller]
    pub(crate) fn text(&self, key: &str) -> String {
        text(&self.span.attributes, key)
    }

    #[track_caller]
    pub(crate) fn number(&self, key: &str) -> i64 {
        match value(&self.span.attributes, key) {
            Value::IntValue(number) => number,
            other => panic!("{key}: {other:?}"),
        }
    }

    pub(crate) fn links_to(&self, other: &Self) -> bool {
        self.span
            .links
            .iter()
            .any(|link| link.trace_id == other.span.trace_id && link.span_id == other.span.span_id)
    }
}

#[track_caller]
fn text(attributes: &[KeyValue], key: &str) -> String {
    match value(attributes, key) {
        Value::StringValue(text) => text,
        other => panic!("{key}: {other:?}"),
    }
}

#[track_caller]
fn value(attributes: &[KeyValue], key: &str) -> Value {
    let attribute = attributes
        .iter()
        .find(|attribute| attribute.key == key)
        .unwrap_or_else(|| panic!("there is no {key} in {attributes:?}"));
    match &attribute.value {
        Some(AnyValue { value: Some(value) }) => value.clone(),
        _ => panic!("{key} has no value"),
    }
}
