//! `[telemetry]`: what an operator sees of the server: its log, on standard error, its metrics and its traces.

use super::{InvalidValue, Traces};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use tracing_subscriber::EnvFilter;

/// What an operator sees of the server. It carries ids at most, never names, tokens, payloads or addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// How much is written.
    pub level: LogLevel,
    /// How it looks.
    pub format: LogFormat,
    /// Levels by module over `level`, such as `sotto_server::delivery=debug`; several with commas.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filter: String,
    /// Where Prometheus finds the metrics, at `/metrics`: an address that only the operator reaches. Nowhere if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<SocketAddr>,
    /// What becomes of traces.
    pub traces: Traces,
}

/// How much is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// What an operator has to look at.
    Error,
    /// And what may become that.
    Warn,
    /// And what happens seldom.
    #[default]
    Info,
    /// And every request.
    Debug,
    /// And all there is.
    Trace,
}

/// How the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl LogLevel {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Telemetry {
    /// What is let through: our own lines at `level`, those of libraries from `warn` on, and what `filter` says.
    /// Libraries may log what they carry, so a level for them is the operator's explicit choice.
    pub(crate) fn env_filter(&self) -> Result<EnvFilter, InvalidValue> {
        let directives = format!("warn,sotto_server={},{}", self.level.as_str(), self.filter);
        EnvFilter::try_new(directives)
            .map_err(|error| InvalidValue::new("telemetry.filter", error.to_string()))
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        self.env_filter()?;
        self.traces.validate()
    }
}
