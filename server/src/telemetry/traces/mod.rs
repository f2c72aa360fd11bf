//! Traces: where the time of one request or one message went, told to an OpenTelemetry collector over OTLP (HTTP with
//! protobuf). Off unless the configuration names a collector.
//!
//! Whether something is traced is decided first, by [`Sampler`]: what is not costs one read of a number that does not
//! change. What is becomes `tracing` spans of the target [`TARGET`], which `tracing-opentelemetry` turns into OpenTelemetry's;
//! neither the log nor anything else sees them. They carry kinds, counts and outcomes, and no id of anybody.

mod exporter;
mod message;
mod request;
mod sampler;

pub(crate) use message::{BatchTrace, MessageTrace};
pub(super) use request::request;

use crate::config::{InvalidValue, Traces};
use exporter::CollectorExporter;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler as AlreadyDecided, SdkTracer, SdkTracerProvider};
use sampler::Sampler;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// What all spans that are traces have as their target, and nothing else has.
const TARGET: &str = "sotto_trace";

/// How long the last spans may take to reach the collector when the server stops.
const FLUSH_PATIENCE: Duration = Duration::from_secs(5);

static SAMPLER: Sampler = Sampler::never();

/// Whether requests may say which trace they are part of.
static ACCEPTS_TRACEPARENT: AtomicBool = AtomicBool::new(false);

/// Whether anything is traced.
pub(crate) fn are_on() -> bool {
    SAMPLER.is_on()
}

/// The way to the collector, which has a thread and a runtime of its own: a collector that hangs or fails costs spans,
/// and nothing else.
#[derive(Debug)]
pub(super) struct Exporting {
    provider: SdkTracerProvider,
    runtime: Runtime,
    settings: Traces,
}

impl Exporting {
    /// Makes ready what `config` asks for; `None` if it names no collector.
    pub(super) fn new(config: &Traces) -> Result<Option<Self>, InvalidValue> {
        let Some(endpoint) = config.endpoint_url()? else {
            return Ok(None);
        };
        let refused = |error: &dyn std::error::Error| InvalidValue {
            key: "telemetry.traces.endpoint",
            reason: error.to_string(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("traces")
            .enable_all()
            .build()
            .map_err(|error| refused(&error))?;
        let exporter = CollectorExporter::new(endpoint, runtime.handle()).map_err(|error| refused(&error))?;
        let provider = SdkTracerProvider::builder()
            .with_sampler(AlreadyDecided::AlwaysOn)
            .with_resource(
                Resource::builder()
                    .with_service_name("sotto-server")
                    .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
                    .build(),
            )
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Self {
            provider,
            runtime,
            settings: config.clone(),
        }))
    }

    /// What turns our spans into OpenTelemetry's.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let layer: OpenTelemetryLayer<S, SdkTracer> =
            tracing_opentelemetry::layer().with_tracer(self.provider.tracer("sotto-server"));
        layer
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(filter_fn(|metadata| {
                metadata.is_span() && metadata.target() == TARGET
            }))
    }

    /// Lets the sampler begin.
    pub(super) fn begin(&self) {
        SAMPLER.set(self.settings.sample_ratio);
        ACCEPTS_TRACEPARENT.store(self.settings.accept_traceparent, Ordering::Relaxed);
    }

    /// Sends what has not been sent, as far as the collector takes it soon, and ends. Blocks meanwhile.
    pub(super) fn finish(self) {
        SAMPLER.set(crate::config::SampleRatio::NEVER);
        if let Err(error) = self.provider.shutdown_with_timeout(FLUSH_PATIENCE) {
            tracing::warn!(%error, "the last traces did not reach their collector");
        }
        self.runtime.shutdown_background();
    }
}
