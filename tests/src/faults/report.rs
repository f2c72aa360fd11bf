//! What came of it.

use super::checker::{Broken, Finding};
use super::history::{Event, History, Moment};
use super::plan::FaultKind;
use sotto_protocol::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Something was broken: when, and which node's clients had to go elsewhere or wait.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    /// What.
    pub kind: FaultKind,
    /// From when on.
    pub since: Moment,
    /// The same on the wall's clock, which the server has too.
    pub wall: Timestamp,
    /// Whose clients; all, if `None`.
    pub node: Option<usize>,
}

/// What came of one or more trials.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Trials: each begins with an empty database and ends with a judgement.
    pub trials: usize,
    /// How often each kind of fault was made.
    pub faults: BTreeMap<FaultKind, usize>,
    /// Rounds in which something was broken.
    pub rounds: usize,
    /// Messages and Commits that were acknowledged.
    pub acknowledged: u64,
    /// Attempts that had to be made again or had no answer.
    pub unanswered: u64,
    /// Entries shown to readers.
    pub read: u64,
    /// Refusals, by their code.
    pub refusals: BTreeMap<String, u64>,
    /// From a kill to the first acknowledgement that anybody who was cut off got.
    pub service: BTreeMap<FaultKind, Vec<Duration>>,
    /// From a kill to the first acknowledgement of each device that was cut off.
    pub devices: BTreeMap<FaultKind, Vec<Duration>>,
    /// What is wrong, with the seed that shows it.
    pub findings: Vec<(u64, Finding)>,
    /// Other complaints: a program that does not start, a panic.
    pub complaints: Vec<(u64, String)>,
    /// What could not be tried here.
    pub skipped: Vec<String>,
}

impl Report {
    /// Whether every promise was kept.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.findings.is_empty() && self.complaints.is_empty()
    }

    /// Takes in what a history tells beside its faults.
    pub fn count(&mut self, history: &History, outages: &[Outage]) {
        for device in &history.devices {
            let mut submitted = 0;
            for (_, event) in &device.events {
                match event {
                    Event::Submitted(_) => submitted += 1,
                    Event::Accepted { .. } => {
                        self.acknowledged += 1;
                        submitted -= 1;
                    }
                    Event::Refused { code, .. } => *self.refusals.entry(code.to_string()).or_default() += 1,
                    Event::Pushed { .. } => self.read += 1,
                    Event::Answered { page, .. } => self.read += page.entries.len() as u64,
                    _ => {}
                }
            }
            self.unanswered += u64::try_from(submitted.max(0_i64)).unwrap_or(0);
        }
        for outage in outages {
            let recoveries = recoveries(history, *outage);
            if let Some(first) = recoveries.iter().min() {
                self.service.entry(outage.kind).or_default().push(*first);
            }
            self.devices.entry(outage.kind).or_default().extend(recoveries);
        }
    }

    /// Adds another's.
    pub fn add(&mut self, other: Self) {
        self.trials += other.trials;
        self.rounds += other.rounds;
        self.acknowledged += other.acknowledged;
        self.unanswered += other.unanswered;
        self.read += other.read;
        for (kind, count) in other.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        for (code, count) in other.refusals {
            *self.refusals.entry(code).or_default() += count;
        }
        for (into, from) in [
            (&mut self.service, other.service),
            (&mut self.devices, other.devices),
        ] {
            for (kind, durations) in from {
                into.entry(kind).or_default().extend(durations);
            }
        }
        self.findings.extend(other.findings);
        self.complaints.extend(other.complaints);
        for skipped in other.skipped {
            if !self.skipped.contains(&skipped) {
                self.skipped.push(skipped);
            }
        }
    }
}

/// How long each device that was connected to the node that broke had to wait for its next acknowledgement.
fn recoveries(history: &History, outage: Outage) -> Vec<Duration> {
    let mut recoveries = Vec::new();
    for device in &history.devices {
        let mut connected_to = None;
        let mut affected = false;
        for (moment, event) in &device.events {
            if *moment <= outage.since {
                match event {
                    Event::Connecting { node } => connected_to = Some(*node),
                    Event::Disconnected => connected_to = None,
                    _ => {}
                }
                affected =
                    connected_to.is_some() && outage.node.is_none_or(|node| connected_to == Some(node));
            } else if let Event::Accepted { at, .. } = event
                && affected
                && *at >= outage.wall
            {
                recoveries.push(Duration::from_nanos(moment.0 - outage.since.0));
                break;
            }
        }
    }
    recoveries
}

/// The value below which so many of a hundred are; the list need not be sorted.
#[must_use]
pub fn percentile(durations: &[Duration], of_hundred: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let index = (sorted.len() * of_hundred / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = |broken: &[Broken]| {
            self.findings
                .iter()
                .filter(|(_, finding)| broken.contains(&finding.broken))
                .count()
        };
        writeln!(f, "rounds            {} in {} trials", self.rounds, self.trials)?;
        for (kind, count) in &self.faults {
            writeln!(f, "  {kind:<20} {count}")?;
        }
        writeln!(f, "acknowledged      {}", self.acknowledged)?;
        writeln!(f, "without an answer {} attempts", self.unanswered)?;
        writeln!(f, "entries read      {}", self.read)?;
        if !self.refusals.is_empty() {
            let refusals: Vec<_> = self
                .refusals
                .iter()
                .map(|(code, count)| format!("{code} {count}"))
                .collect();
            writeln!(f, "refused           {}", refusals.join(", "))?;
        }
        writeln!(
            f,
            "missing           {}",
            found(&[Broken::AcknowledgedIsMissing, Broken::SeenIsMissing])
        )?;
        writeln!(
            f,
            "doubled           {}",
            found(&[
                Broken::Doubled,
                Broken::AcknowledgedTwice,
                Broken::FleetingDoubled
            ])
        )?;
        writeln!(
            f,
            "out of order      {}",
            found(&[
                Broken::OrderDiffers,
                Broken::AcknowledgedHasMoved,
                Broken::Overtaken,
                Broken::EpochBroken
            ])
        )?;
        writeln!(f, "gaps              {}", found(&[Broken::Gap]))?;
        writeln!(
            f,
            "other findings    {}",
            self.findings.len()
                - found(&[
                    Broken::AcknowledgedIsMissing,
                    Broken::SeenIsMissing,
                    Broken::Doubled,
                    Broken::AcknowledgedTwice,
                    Broken::FleetingDoubled,
                    Broken::OrderDiffers,
                    Broken::AcknowledgedHasMoved,
                    Broken::Overtaken,
                    Broken::EpochBroken,
                    Broken::Gap,
                ])
        )?;
        if !self.service.is_empty() {
            writeln!(
                f,
                "from the fault to the next acknowledged message, in ms: p50, p90, p99, max"
            )?;
        }
        for (what, table) in [("service", &self.service), ("each device", &self.devices)] {
            for (kind, durations) in table {
                let figures: Vec<_> = [50, 90, 99, 100]
                    .map(|of| percentile(durations, of).as_millis().to_string())
                    .to_vec();
                writeln!(
                    f,
                    "  {kind:<20} {what:<12} {} (of {})",
                    figures.join(", "),
                    durations.len()
                )?;
            }
        }
        for (seed, finding) in self.findings.iter().take(50) {
            writeln!(f, "FOUND in seed {seed}: {finding}")?;
        }
        for (seed, complaint) in &self.complaints {
            writeln!(f, "FAILED in seed {seed}: {complaint}")?;
        }
        for skipped in &self.skipped {
            writeln!(f, "SKIPPED: {skipped}")?;
        }
        Ok(())
    }
}
