//! What can be measured, a mode a file.

mod direct;
mod idle;

pub(crate) use direct::Direct;

use super::options::{Common, Mode};
use super::report::Report;
use anyhow::Result;

/// Measures, and says what came of it.
pub(crate) fn measure(mode: &Mode, common: &Common) -> Result<Report> {
    match *mode {
        Mode::Idle { connections } => idle::measure(connections, common),
        Mode::Direct {
            pairs,
            outstanding,
            rate,
            receipts,
        } => direct::measure(
            &Direct {
                pairs,
                outstanding,
                rate,
                receipts,
            },
            common,
        ),
    }
}
