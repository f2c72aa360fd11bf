//! What can be measured, a mode a file.

mod devices;
mod direct;
mod group;
mod idle;
mod mission;
mod storm;

pub(crate) use direct::Direct;
pub(crate) use group::{Group, Slow};
pub(crate) use idle::Idle;
pub(crate) use mission::Mission;
pub(crate) use storm::Storm;

use super::options::{Common, Mode};
use super::report::Report;
use anyhow::Result;

/// Measures, and says what came of it.
pub(crate) fn measure(mode: &Mode, common: &Common) -> Result<Report> {
    let what = match mode {
        Mode::Idle(idle) => idle.what(),
        Mode::Direct(direct) => direct.what(),
        Mode::Group(group) => group.what(),
        Mode::Slow(slow) => slow.what(),
        Mode::Storm(storm) => storm.what(),
        Mode::Mission(mission) => mission.what(),
    };
    println!("{what}");
    match mode {
        Mode::Idle(idle) => idle.measure(common),
        Mode::Direct(direct) => direct.measure(common),
        Mode::Group(group) => group.measure(common),
        Mode::Slow(slow) => slow.measure(common),
        Mode::Storm(storm) => storm.measure(common),
        Mode::Mission(mission) => mission.measure(common),
    }
}
