//! Connections that have said one message, and then nothing.

use super::super::options::Common;
use super::super::report::Report;
use super::super::scene::{Need, Scene};
use super::super::workload::Pace;
use super::devices::plan;
use super::direct::run_pairs;
use anyhow::Result;
use clap::Args;
use std::time::Duration;

/// Time for the messages, before the silence that is measured.
const MESSAGES: Duration = Duration::from_secs(3);

/// Connections that have said one message and then nothing: memory and processor time of each.
#[derive(Clone, Debug, Args)]
pub(crate) struct Idle {
    /// Connections
    #[arg(long, default_value_t = 4_000)]
    pub(crate) connections: usize,
}

impl Idle {
    pub(crate) fn what(&self) -> String {
        format!("{} connections, idle after one message", self.connections)
    }

    pub(crate) fn need(&self) -> Need {
        Need {
            accounts: self.connections / 2 * 2,
            pairs: self.connections / 2,
            members: None,
        }
    }

    pub(super) fn measure(&self, common: &Common) -> Result<Report> {
        let need = self.need();
        let scene = Scene::set(common, need)?;
        let mut plan = plan(&scene, common, need.accounts);
        plan.warm_up = plan.warm_up.max(MESSAGES);
        let ran = run_pairs(&plan, &scene, common, need.pairs, false, |_| Pace::Count {
            messages: 1,
        })?;
        Ok(Report::new(
            self.what(),
            need.accounts,
            &ran,
            scene.strike(common)?,
        ))
    }
}
