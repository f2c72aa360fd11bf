//! Long and hard: does the server stay as it is, and does it bear more than it can do?

use super::super::options::Common;
use super::super::report::Report;
use super::super::run::{Ran, per};
use super::super::scene::Scene;
use super::direct::Direct;
use anyhow::Result;
use clap::Args;

/// Seconds in which the maximum is found.
const MAXIMUM_SECONDS: u64 = 10;
/// Part of the run at whose end the memory is compared with that at the run's end.
const SETTLED: f64 = 0.5;
/// Growth of private memory from the middle of the run to its end that still counts as flat.
const FLAT_GROWTH: f64 = 0.05;
const FLAT_GROWTH_MIB: f64 = 4.0;

const MIB: f64 = 1024.0 * 1024.0;

/// Half of what the server can do, for long: is its memory flat?
#[derive(Clone, Debug, Args)]
pub(crate) struct Soak {
    /// Hours
    #[arg(long, default_value_t = 2.0)]
    pub(crate) hours: f64,
    /// Pairs of devices
    #[arg(long, default_value_t = 1_000)]
    pub(crate) pairs: usize,
    /// Messages a second [default: half of the maximum, which is measured first]
    #[arg(long)]
    pub(crate) rate: Option<f64>,
}

/// Twice what the server can do: how much of it does it still do, and at what price in memory?
#[derive(Clone, Debug, Args)]
pub(crate) struct Overload {
    /// Pairs of devices
    #[arg(long, default_value_t = 1_000)]
    pub(crate) pairs: usize,
    /// Times the maximum
    #[arg(long, default_value_t = 2.0)]
    pub(crate) factor: f64,
}

impl Soak {
    pub(crate) fn what(&self) -> String {
        format!(
            "soak: {} pairs for {} hours at half the maximum rate",
            self.pairs, self.hours
        )
    }

    pub(super) fn measure(&self, common: &Common) -> Result<Report> {
        let rate = match self.rate {
            Some(rate) => rate,
            // By a schedule messages come one at a time.
            None => maximum(self.pairs, 1, common)? / 2.0,
        };
        let mut common = common.clone();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "seconds of a run, to the nearest"
        )]
        {
            common.seconds = (self.hours * 3600.0) as u64;
        }
        let direct = by_schedule(self.pairs, rate);
        let scene = Scene::set(&common, direct.need())?;
        let ran = direct.run(&scene, &common)?;
        let memory = flatness(&ran);
        let what = format!("soak: {}", direct.what());
        let mut report = Report::new(what, self.pairs * 2, &ran, scene.strike(&common)?);
        report.notes.push(memory.to_string());
        report.ok &= memory.is_flat();
        Ok(report)
    }
}

impl Overload {
    pub(crate) fn what(&self) -> String {
        format!(
            "overload: {} pairs at {} times the maximum rate",
            self.pairs, self.factor
        )
    }

    pub(super) fn measure(&self, common: &Common) -> Result<Report> {
        let maximum = maximum(self.pairs, 8, common)?;
        let direct = by_schedule(self.pairs, maximum * self.factor);
        let scene = Scene::set(common, direct.need())?;
        let ran = direct.run(&scene, common)?;
        let goodput = ran.arrivals_per_second() / maximum;
        let grown = per(ran.resident_max.saturating_sub(ran.connected.resident), MIB);
        let what = format!("overload: {}", direct.what());
        let mut report = Report::new(what, self.pairs * 2, &ran, scene.strike(common)?);
        report.maximum_per_second = maximum;
        report.notes.push(format!(
            "goodput {goodput:.2} of the maximum of {maximum:.0}/s; resident memory grew by at most {grown:.0} MiB"
        ));
        Ok(report)
    }
}

fn by_schedule(pairs: usize, rate: f64) -> Direct {
    Direct {
        pairs,
        outstanding: 1,
        rate: Some(rate),
        receipts: false,
    }
}

/// What the server can do with these pairs, so many messages of each under way.
pub(super) fn maximum(pairs: usize, outstanding: u32, common: &Common) -> Result<f64> {
    println!("  the maximum first");
    let direct = Direct {
        pairs,
        outstanding,
        rate: None,
        receipts: false,
    };
    let mut common = common.clone();
    common.seconds = MAXIMUM_SECONDS.min(common.seconds);
    let scene = Scene::set(&common, direct.need())?;
    let ran = direct.run(&scene, &common)?;
    scene.strike(&common)?;
    println!(
        "  the maximum is {:.0} messages a second",
        ran.arrivals_per_second()
    );
    Ok(ran.arrivals_per_second())
}

/// How the server's private memory went on after it had settled.
#[derive(Clone, Copy, Debug)]
struct Memory {
    settled_mib: f64,
    end_mib: f64,
}

impl Memory {
    fn is_flat(self) -> bool {
        self.end_mib <= self.settled_mib * (1.0 + FLAT_GROWTH) + FLAT_GROWTH_MIB
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = if self.is_flat() { "flat" } else { "NOT FLAT" };
        write!(
            f,
            "private memory {:.1} MiB in the middle of the run, {:.1} MiB at its end: {verdict}",
            self.settled_mib, self.end_mib
        )
    }
}

/// The median of a tenth of the run in its middle, and of its last tenth.
fn flatness(ran: &Ran) -> Memory {
    let median = |from: f64, until: f64| {
        let mut values: Vec<u64> = ran
            .memory
            .iter()
            .filter(|(at, _)| (from..=until).contains(&(at / ran.seconds)))
            .map(|&(_, private)| private)
            .collect();
        values.sort_unstable();
        per(values.get(values.len() / 2).copied().unwrap_or_default(), MIB)
    };
    Memory {
        settled_mib: median(SETTLED - 0.1, SETTLED),
        end_mib: median(0.9, 1.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_goes_on_growing_is_not_flat() {
        let memory = |settled_mib, end_mib| Memory { settled_mib, end_mib };
        assert!(memory(100.0, 108.0).is_flat());
        assert!(memory(100.0, 60.0).is_flat());
        assert!(!memory(100.0, 110.0).is_flat());
        assert!(memory(10.0, 14.0).is_flat());
    }
}
