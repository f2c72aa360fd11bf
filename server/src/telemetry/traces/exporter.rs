//! From here to the collector.

use crate::telemetry::metrics::{ExportOutcome, METRICS};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter as OtlpExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// For one attempt to hand spans over.
const ATTEMPT_PATIENCE: Duration = Duration::from_secs(3);
/// For all attempts. Spans that come meanwhile wait in a bounded queue, and what it cannot hold is dropped.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hands spans to the collector, on the runtime that is there for it: the SDK calls from a thread that has none. It counts
/// what arrived, and tells the log when that begins or ends to fail.
#[derive(Debug)]
pub(super) struct CollectorExporter {
    exporter: Arc<OtlpExporter>,
    runtime: Handle,
    is_failing: AtomicBool,
}

impl CollectorExporter {
    /// To the collector at this URL.
    pub(super) fn new(endpoint: String, runtime: &Handle) -> Result<Self, ExporterBuildError> {
        // Its client finds the runtime in which it is made.
        let _entered = runtime.enter();
        let exporter = OtlpExporter::builder()
            .with_http()
            .with_endpoint(endpoint)
            .with_timeout(ATTEMPT_PATIENCE)
            .build()?;
        Ok(Self {
            exporter: Arc::new(exporter),
            runtime: runtime.clone(),
            is_failing: AtomicBool::new(false),
        })
    }

    fn note(&self, spans: u64, result: &OTelSdkResult) {
        let outcome = match result {
            Ok(()) => ExportOutcome::Exported,
            Err(_) => ExportOutcome::Failed,
        };
        METRICS.trace_spans.of(outcome).add(spans);
        let was_failing = self.is_failing.swap(result.is_err(), Ordering::Relaxed);
        match result {
            Err(error) if !was_failing => {
                tracing::warn!(%error, "traces do not reach their collector: they are dropped until they do");
            }
            Ok(()) if was_failing => tracing::info!("traces reach their collector again"),
            Ok(()) | Err(_) => {}
        }
    }
}

impl SpanExporter for CollectorExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let exporter = Arc::clone(&self.exporter);
        let export = self
            .runtime
            .spawn(async move { timeout(PATIENCE, exporter.export(batch)).await });
        let result = match export.await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(OTelSdkError::Timeout(PATIENCE)),
            Err(error) => Err(OTelSdkError::InternalFailure(error.to_string())),
        };
        self.note(spans, &result);
        result
    }

    fn shutdown_with_timeout(&self, patience: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(patience)
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(exporter) = Arc::get_mut(&mut self.exporter) {
            exporter.set_resource(resource);
        }
    }
}
