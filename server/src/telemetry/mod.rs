//! What an operator sees of the server: its log, its metrics, its traces.

mod endpoint;
mod log;
pub(crate) mod metrics;
mod pulse;
mod readiness;
mod request;
mod store;
mod traces;
mod write_path;

pub(crate) use endpoint::MetricsEndpoint;
pub(crate) use log::starting;
pub(crate) use pulse::Pulse;
pub(crate) use readiness::{NotReady, Readiness, answers};
pub(crate) use request::observe_request;
pub(crate) use store::Measured;
pub(crate) use write_path::{Decided, Journey, Transaction};

use crate::config::{InvalidValue, Telemetry};
use traces::Exporting;

/// The log and the traces of the process, as long as it runs.
#[derive(Debug)]
#[must_use = "the last traces are sent by `finish`"]
pub struct Running {
    exporting: Option<Exporting>,
}

/// Starts logging for the whole process, and tracing if that is configured. A process that has a `tracing` subscriber
/// keeps its own: then nothing changes but that panics are logged.
pub fn start(config: &Telemetry) -> Result<Running, InvalidValue> {
    let exporting = Exporting::new(&config.traces)?;
    log::start(config, exporting.as_ref())?;
    if let Some(exporting) = &exporting {
        exporting.begin();
    }
    Ok(Running { exporting })
}

impl Running {
    /// Sends the traces that have not been sent, as far as their collector takes them soon. Blocks meanwhile: not for a
    /// thread that runs tasks.
    pub fn finish(self) {
        if let Some(exporting) = self.exporting {
            exporting.finish();
        }
    }
}
