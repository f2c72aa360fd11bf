//! NATS, for nodes that hear of each other.

use anyhow::Result;

use crate::apt;
use crate::command::exists;

/// Installs the NATS server if it is not here.
pub(crate) fn install(purpose: &str) -> Result<()> {
    if exists("nats-server") {
        return Ok(());
    }
    apt::install(&["nats-server"], purpose)
}
