//! The log: on standard error, ids only.

use crate::config::{InvalidValue, LogFormat, Telemetry};
use std::io::{self, IsTerminal as _};
use tracing_subscriber::fmt;

/// Starts logging for the whole process. A second call changes nothing.
pub fn start(config: &Telemetry) -> Result<(), InvalidValue> {
    let builder = fmt()
        .with_env_filter(config.env_filter()?)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    // The error is that there is a subscriber already: a program that embeds the server keeps its own.
    let _ = match config.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    std::panic::set_hook(Box::new(|panic| {
        // Its message may quote what it was about: the place is enough to find it.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic: this is a defect, please report it");
    }));
    Ok(())
}
