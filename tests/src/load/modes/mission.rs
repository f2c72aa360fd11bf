//! The shape of the mission on one machine: many devices, each of which says a little.

use super::super::options::Common;
use super::super::report::Report;
use super::direct::Direct;
use anyhow::Result;
use clap::Args;

/// Many connections, each sender saying two messages a second, durable, by a schedule.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Mission {
    /// Connections, of which half send
    #[arg(long, default_value_t = 19_000)]
    pub(crate) connections: usize,
    /// Messages a second in all
    #[arg(long, default_value_t = 19_000.0)]
    pub(crate) rate: f64,
}

impl Mission {
    pub(crate) fn what(&self) -> String {
        format!("mission: {}", self.direct().what())
    }

    fn direct(&self) -> Direct {
        Direct {
            pairs: self.connections / 2,
            outstanding: 1,
            rate: Some(self.rate),
            receipts: false,
        }
    }

    pub(super) fn measure(&self, common: &Common) -> Result<Report> {
        self.direct().measure(common)
    }
}
