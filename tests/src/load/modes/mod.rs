//! What can be measured, a mode a file.

mod devices;
mod direct;
mod footprint;
mod goals;
mod group;
mod idle;
mod mission;
mod soak;
mod storm;

pub(crate) use devices::share;
pub(crate) use direct::Direct;
pub(crate) use footprint::Footprint;
pub(crate) use goals::Goals;
pub(crate) use group::{Group, Slow};
pub(crate) use idle::Idle;
pub(crate) use mission::Mission;
pub(crate) use soak::{Overload, Soak};
pub(crate) use storm::Storm;

use super::options::{Common, Mode};
use super::report::Outcome;
use anyhow::Result;

/// Measures, and says what came of it.
pub(crate) fn measure(mode: &Mode, common: &Common) -> Result<Box<dyn Outcome>> {
    macro_rules! measure {
        ($mode:expr) => {{
            println!("{}", $mode.what());
            Ok(Box::new($mode.measure(common)?))
        }};
    }
    match mode {
        Mode::Idle(idle) => measure!(idle),
        Mode::Direct(direct) => measure!(direct),
        Mode::Group(group) => measure!(group),
        Mode::Slow(slow) => measure!(slow),
        Mode::Storm(storm) => measure!(storm),
        Mode::Mission(mission) => measure!(mission),
        Mode::Soak(soak) => measure!(soak),
        Mode::Overload(overload) => measure!(overload),
        Mode::Footprint(footprint) => measure!(footprint),
        Mode::Goals(goals) => measure!(goals),
    }
}
