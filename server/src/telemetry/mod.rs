//! What an operator sees of the server: its log, its metrics, its traces.

mod endpoint;
mod log;
pub(crate) mod metrics;
mod readiness;
mod request;

pub(crate) use endpoint::MetricsEndpoint;
pub use log::start;
pub(crate) use readiness::{NotReady, Readiness, answers};
pub(crate) use request::observe_request;
