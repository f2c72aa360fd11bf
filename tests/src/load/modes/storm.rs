//! Everybody comes back at once.

use super::super::device::Confirmation;
use super::super::options::Common;
use super::super::report::Report;
use super::super::run::run;
use super::super::scene::{Need, Scene};
use super::super::workload::{Done, Pace, Pairs, Storm as Workload};
use super::devices::{Devices, plan, share};
use anyhow::{Context as _, Result};
use clap::Args;
use std::time::Duration;

/// All devices but a few lose their connection at once, miss a message, and come back; the few go on talking.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Storm {
    /// Devices that come back
    #[arg(long, default_value_t = 19_000)]
    pub(crate) connections: usize,
    /// Connections that are being made at a time
    #[arg(long, default_value_t = 1_000)]
    pub(crate) at_once: usize,
    /// Pairs that go on talking
    #[arg(long, default_value_t = 50)]
    pub(crate) bystanders: usize,
    /// Their messages a second in all
    #[arg(long, default_value_t = 500.0)]
    pub(crate) rate: f64,
}

impl Storm {
    pub(crate) fn what(&self) -> String {
        format!(
            "{} connections come back at once, {} being made at a time; {} pairs talk on at {:.0} messages a second",
            self.connections, self.at_once, self.bystanders, self.rate
        )
    }

    pub(crate) fn need(&self) -> Need {
        let pairs = self.bystanders + self.connections / 2;
        Need {
            accounts: pairs * 2,
            pairs,
            members: None,
        }
    }

    pub(super) fn measure(&self, common: &Common) -> Result<Report> {
        let need = self.need();
        let scene = Scene::set(common, need)?;
        let devices = Devices::new(&scene, common, Confirmation::Cursor);
        let plan = plan(&scene, common, need.accounts);
        let begins_after = Duration::from_secs(common.warm_up) + Duration::from_secs(common.seconds) / 3;
        let ran = run(&plan, |worker, workers, clients| {
            let habits = devices.habits();
            let bystanders = share(self.bystanders, worker, workers);
            devices.add_pairs(clients, &habits, bystanders.clone())?;
            let others = share(self.connections / 2, worker, workers);
            let others = self.bystanders + others.start..self.bystanders + others.end;
            devices.add_pairs(clients, &habits, others.clone())?;
            #[allow(clippy::cast_precision_loss, reason = "there are not that many cores")]
            let pace = Pace::Open {
                per_second: self.rate / workers as f64,
            };
            let narrow = |pairs: usize| u16::try_from(pairs).context("more than 65,536 pairs");
            let count = narrow(bystanders.len())?;
            let pairs = Pairs::new(
                count,
                devices.run,
                narrow(bystanders.start)?,
                pace,
                Done::Delivered,
            );
            let first = narrow(others.start)?;
            let at_once = (self.at_once / workers).max(1);
            Ok(Workload::new(
                clients,
                devices.run,
                pairs,
                first,
                begins_after,
                at_once,
            ))
        })?;
        Ok(Report::new(
            self.what(),
            need.accounts,
            &ran,
            scene.strike(common)?,
        ))
    }
}
