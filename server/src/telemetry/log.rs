//! The log: on standard error, ids only.

use super::traces::Exporting;
use crate::config::{Config, InvalidValue, LogFormat, Telemetry};
use std::io::{self, IsTerminal as _};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt, registry};

/// Starts logging for the whole process, and `exporting` beside it. A second call changes nothing.
pub(super) fn start(config: &Telemetry, exporting: Option<&Exporting>) -> Result<(), InvalidValue> {
    let log = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    let log = match config.format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    let subscriber = registry()
        .with(log.with_filter(config.env_filter()?))
        .with(exporting.map(Exporting::layer));
    // The error is that there is a subscriber already: a program that embeds the server keeps its own.
    let _ = subscriber.try_init();
    std::panic::set_hook(Box::new(|panic| {
        // Its message may quote what it was about: the place is enough to find it.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic: this is a defect, please report it");
    }));
    Ok(())
}

/// Says what the server is about to be: kinds and numbers, for a URL may have a password in it.
pub(crate) fn starting(config: &Config) {
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        database = config.storage.database.scheme(),
        log_shards = config.storage.log.len(),
        blobs = config
            .blobs
            .url
            .split_once("://")
            .map_or("", |(scheme, _)| scheme),
        bus = config
            .bus
            .url
            .split_once("://")
            .map_or("local", |(scheme, _)| scheme),
        registration = config.registration.policy.as_str(),
        tls = config.network.tls.is_some(),
        metrics = config.telemetry.metrics.is_some(),
        traces = config.telemetry.traces.endpoint.is_some(),
        "starting"
    );
}
