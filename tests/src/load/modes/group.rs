//! One sender, many recipients; and some of them that do not read.

use super::super::accounts::Roster;
use super::super::device::{Confirmation, DeviceSession, Place};
use super::super::options::Common;
use super::super::report::Report;
use super::super::run::{Ran, run};
use super::super::scene::{Need, Scene};
use super::super::workload::{Group as Workload, Pace, SlowReaders};
use super::devices::{Devices, plan};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::time::Duration;

/// One sender in a chat with many connected members.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Group {
    /// Members beside the sender
    #[arg(long, default_value_t = 100)]
    pub(crate) members: usize,
    /// Messages that are always under way
    #[arg(long, default_value_t = 4)]
    pub(crate) outstanding: u32,
    /// Messages a second, by a schedule, instead
    #[arg(long)]
    pub(crate) rate: Option<f64>,
}

/// Members of a group stop reading in the middle of the run; what do the others notice?
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Slow {
    /// Members beside the sender
    #[arg(long, default_value_t = 100)]
    pub(crate) members: usize,
    /// How many of them stop reading
    #[arg(long = "slow", value_name = "MEMBERS", default_value_t = 20)]
    pub(crate) not_reading: u32,
    /// Messages a second
    #[arg(long, default_value_t = 500.0)]
    pub(crate) rate: f64,
}

impl Group {
    pub(crate) fn what(&self) -> String {
        let how = match self.rate {
            Some(rate) => format!("{rate:.0} messages a second by a schedule"),
            None => format!("{} messages under way", self.outstanding),
        };
        format!("one sender to {} members, {how}", self.members)
    }

    pub(super) fn measure(&self, common: &Common) -> Result<Report> {
        let pace = match self.rate {
            Some(per_second) => Pace::Open { per_second },
            None => Pace::Closed {
                outstanding: self.outstanding,
            },
        };
        measure(self.what(), self.members, pace, None, common)
    }
}

impl Slow {
    pub(crate) fn what(&self) -> String {
        format!(
            "one sender to {} members at {:.0} messages a second, {} of them stop reading in the middle",
            self.members, self.rate, self.not_reading
        )
    }

    pub(super) fn measure(&self, common: &Common) -> Result<Report> {
        if self.not_reading as usize >= self.members {
            bail!("somebody has to read");
        }
        let pace = Pace::Open {
            per_second: self.rate,
        };
        let slow = SlowReaders {
            count: self.not_reading,
            stop_after: Duration::from_secs(common.warm_up) + Duration::from_secs(common.seconds) / 2,
        };
        measure(self.what(), self.members, pace, Some(slow), common)
    }
}

pub(super) fn need(members: usize) -> Need {
    Need {
        accounts: members + 1,
        pairs: 0,
        members: Some(members),
    }
}

fn measure(
    what: String,
    members: usize,
    pace: Pace,
    slow: Option<SlowReaders>,
    common: &Common,
) -> Result<Report> {
    let scene = Scene::set(common, need(members))?;
    let ran = in_scene(&scene, members, pace, slow, common)?;
    Ok(Report::new(what, members + 1, &ran, scene.strike(common)?))
}

fn in_scene(
    scene: &Scene,
    members: usize,
    pace: Pace,
    slow: Option<SlowReaders>,
    common: &Common,
) -> Result<Ran> {
    let &chat = scene
        .roster
        .groups
        .get(&members)
        .context("the group is not there")?;
    let talk = Place {
        chat,
        epoch: Roster::group_epoch(members),
    };
    let devices = Devices::new(scene, common, Confirmation::Cursor);
    let mut plan = plan(scene, common, members + 1);
    // One chat has one sender, and what is under way is counted where it sends.
    plan.load_cores = plan.load_cores.first();
    run::<DeviceSession, _, _>(&plan, |_, _, clients| {
        let habits = devices.habits();
        for account in 0..=members {
            devices.add(clients, &habits, account, talk)?;
        }
        Ok(Workload::new(clients, devices.run, pace, slow))
    })
}
