//! Direct messages.

use super::super::device::Confirmation;
use super::super::options::Common;
use super::super::report::Report;
use super::super::run::{Plan, Ran, run};
use super::super::scene::{Need, Scene};
use super::super::workload::{Done, Pace, Pairs};
use super::devices::{Devices, plan, share};
use anyhow::{Context as _, Result};
use clap::Args;

/// Pairs of devices: in each one sends, the other receives and acknowledges.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Direct {
    /// Pairs
    #[arg(long, default_value_t = 100)]
    pub(crate) pairs: usize,
    /// Messages of each pair that are always under way
    #[arg(long, default_value_t = 8)]
    pub(crate) outstanding: u32,
    /// Messages a second in all, by a schedule, instead
    #[arg(long)]
    pub(crate) rate: Option<f64>,
    /// Wait for the recipient's marker (as a read receipt) to come back to the sender, as the peers' receipts do
    #[arg(long)]
    pub(crate) receipts: bool,
}

impl Direct {
    pub(crate) fn what(&self) -> String {
        let how = match self.rate {
            Some(rate) => format!("{rate:.0} messages a second by a schedule"),
            None => format!("{} outstanding each", self.outstanding),
        };
        let receipts = if self.receipts {
            ", done when the recipient's marker is back"
        } else {
            ""
        };
        format!("{} pairs, {how}{receipts}", self.pairs)
    }

    pub(crate) fn need(&self) -> Need {
        Need {
            accounts: self.pairs * 2,
            pairs: self.pairs,
            members: None,
        }
    }

    fn pace(&self, workers: usize) -> Pace {
        match self.rate {
            #[allow(clippy::cast_precision_loss, reason = "there are not that many cores")]
            Some(rate) => Pace::Open {
                per_second: rate / workers as f64,
            },
            None => Pace::Closed {
                outstanding: self.outstanding,
            },
        }
    }

    pub(crate) fn measure(&self, common: &Common) -> Result<Report> {
        let scene = Scene::set(common, self.need())?;
        let ran = self.run(&scene, common)?;
        let connections = self.pairs * 2;
        Ok(Report::new(self.what(), connections, &ran, scene.strike(common)?))
    }

    /// Runs against a server that is there.
    pub(super) fn run(&self, scene: &Scene, common: &Common) -> Result<Ran> {
        let plan = plan(scene, common, self.pairs * 2);
        run_pairs(&plan, scene, common, self.pairs, self.receipts, |workers| {
            self.pace(workers)
        })
    }
}

/// Runs pairs at a pace, of which it is asked for each of so many workers.
pub(super) fn run_pairs(
    plan: &Plan,
    scene: &Scene,
    common: &Common,
    pairs: usize,
    receipts: bool,
    pace: impl Fn(usize) -> Pace + Sync,
) -> Result<Ran> {
    let (confirmation, done) = if receipts {
        (Confirmation::Marker, Done::Confirmed)
    } else {
        (Confirmation::Cursor, Done::Delivered)
    };
    let devices = Devices::new(scene, common, confirmation);
    run(plan, |worker, workers, clients| {
        let share = share(pairs, worker, workers);
        devices.add_pairs(clients, &devices.habits(), share.clone())?;
        let first = u16::try_from(share.start).context("more than 65,536 pairs")?;
        let count = u16::try_from(share.len()).context("more than 65,536 pairs")?;
        Ok(Pairs::new(count, devices.run, first, pace(workers), done))
    })
}
