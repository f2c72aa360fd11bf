//! What a run came to, for people and for programs.

use super::measure::Measured;
use super::run::{Ran, per};
use super::scene::Conditions;
use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What a mode came to.
pub(crate) trait Outcome {
    /// For people.
    fn print(&self);

    /// For programs.
    fn to_json(&self) -> Result<serde_json::Value>;

    /// Whether nothing went wrong that must not.
    fn is_good(&self) -> bool;
}

/// Writes what came of a mode, if that was asked for.
pub(crate) fn write(outcome: &dyn Outcome, file: Option<&Path>) -> Result<()> {
    let Some(file) = file else {
        return Ok(());
    };
    std::fs::write(file, serde_json::to_vec_pretty(&outcome.to_json()?)?)
        .with_context(|| format!("cannot write {}", file.display()))
}

/// The result of a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// The mode and its figures.
    pub(crate) what: String,
    pub(crate) conditions: Conditions,
    pub(crate) connections: usize,
    pub(crate) seconds: f64,
    /// Messages at their recipients a second.
    pub(crate) delivered_per_second: f64,
    /// Connections a second while all connected.
    pub(crate) connected_per_second: f64,
    /// The server's processor time in cores.
    pub(crate) server_cores_used: f64,
    /// The same a message delivered, in microseconds.
    pub(crate) server_micros_per_message: f64,
    /// Private memory a connection, beyond what the server had before the first, in KiB: connected and idle.
    pub(crate) connected_kib_each: f64,
    /// The same at the end of the measured time.
    pub(crate) ended_kib_each: f64,
    /// The server's resident memory before the first connection, and at most, in MiB.
    pub(crate) resident_first_mib: f64,
    pub(crate) resident_max_mib: f64,
    /// The same with all connections, before the run.
    pub(crate) resident_connected_mib: f64,
    /// From the intended time of sending, in milliseconds.
    pub(crate) accepted_ms: Latencies,
    pub(crate) delivered_ms: Latencies,
    pub(crate) confirmed_ms: Latencies,
    /// Delivered, of what was sent during a storm or beside slow readers.
    pub(crate) meanwhile_ms: Latencies,
    /// From the first to the last recipient of a message.
    pub(crate) spread_ms: Latencies,
    /// From the intended time of connecting until ready.
    pub(crate) ready_ms: Latencies,
    /// How long everybody took to come back from a storm, and how many a second that is.
    pub(crate) returned_seconds: f64,
    pub(crate) returned_per_second: f64,
    /// Slow readers that the server cut off.
    pub(crate) cut_off: u64,
    pub(crate) sound: Soundness,
    /// What failed, by why.
    pub(crate) failures: BTreeMap<String, u64>,
    /// What the mode found beyond that.
    pub(crate) notes: Vec<String>,
    /// Whether the mode found nothing wrong.
    pub(crate) ok: bool,
    /// Messages a second that the server can do, where that was measured first.
    pub(crate) maximum_per_second: f64,
}

/// Whether the server kept its promises.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Soundness {
    pub(crate) accepted: u64,
    pub(crate) delivered: u64,
    pub(crate) lost: u64,
    pub(crate) breaches: BTreeMap<String, u64>,
    /// Entries that were missing among those pushed, and came by `Fetch`.
    pub(crate) holes_filled: u64,
    /// Due by the schedule and not sent: the server did not take them.
    pub(crate) unsent: u64,
    /// Neither done nor refused at the end.
    pub(crate) unsettled: u64,
}

impl Soundness {
    /// Nothing lost, doubled, out of order or left hanging.
    pub(crate) fn holds(&self) -> bool {
        self.lost == 0 && self.breaches.is_empty() && self.unsettled == 0
    }
}

/// Percentiles in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Latencies {
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

impl Latencies {
    pub(crate) fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| per(histogram.value_at_quantile(quantile), 1e6);
        Self {
            count: histogram.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: per(histogram.max(), 1e6),
        }
    }
}

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * 1024.0;

impl Report {
    pub(crate) fn new(what: String, connections: usize, ran: &Ran, conditions: Conditions) -> Self {
        let measured = &ran.measured;
        let each = |private: u64| {
            per(
                private.saturating_sub(ran.at_first.private),
                per(connections as u64, 1.0) * KIB,
            )
        };
        let processor = ran.processor().as_secs_f64();
        Self {
            what,
            conditions,
            connections,
            seconds: ran.seconds,
            delivered_per_second: ran.arrivals_per_second(),
            connected_per_second: per(connections as u64, ran.connected_in.as_secs_f64()),
            server_cores_used: processor / ran.seconds,
            server_micros_per_message: processor * 1e6 / per(measured.arrivals.max(1), 1.0),
            connected_kib_each: each(ran.connected.private),
            ended_kib_each: each(ran.ended.private),
            resident_first_mib: per(ran.at_first.resident, MIB),
            resident_max_mib: per(ran.resident_max, MIB),
            resident_connected_mib: per(ran.connected.resident, MIB),
            accepted_ms: Latencies::of(&measured.accepted),
            delivered_ms: Latencies::of(&measured.delivered),
            confirmed_ms: Latencies::of(&measured.confirmed),
            meanwhile_ms: Latencies::of(&measured.meanwhile),
            spread_ms: Latencies::of(&measured.spread),
            ready_ms: Latencies::of(&measured.ready),
            returned_seconds: per(measured.returned_in, 1e9),
            returned_per_second: if measured.returned == 0 {
                0.0
            } else {
                per(measured.returned, per(measured.returned_in, 1e9))
            },
            cut_off: measured.cut_off,
            sound: soundness(measured, ran.unsettled),
            failures: measured
                .failures
                .iter()
                .map(|(failure, &count)| (failure.to_string(), count))
                .collect(),
            notes: Vec::new(),
            ok: true,
            maximum_per_second: 0.0,
        }
    }

    /// Processor time of the server in microseconds a second and connection.
    pub(crate) fn idle_micros_per_second(&self) -> f64 {
        self.server_cores_used * 1e6 / per(self.connections as u64, 1.0)
    }

    /// What is wrong with a run that is not good, to be written behind a figure.
    pub(crate) fn complaint(&self) -> String {
        let sound = &self.sound;
        let breaches: u64 = sound.breaches.values().sum();
        format!(
            "; NOT SOUND: {} lost, {breaches} out of order or doubled, {} left hanging",
            sound.lost, sound.unsettled
        )
    }

    fn print_figures(&self) {
        let conditions = &self.conditions;
        println!("\n{}", self.what);
        println!(
            "  conditions   server: {}, {}; its cores: {}; load on cores: {}; {} bytes a message",
            conditions.server,
            conditions.storage,
            conditions.server_cores,
            conditions.load_cores,
            conditions.payload_bytes
        );
        println!("  fsync        {}, in the middle of 200", conditions.fsync());
        if self.delivered_ms.count > 0 {
            println!(
                "  throughput   {:.0} messages delivered a second over {:.1} s",
                self.delivered_per_second, self.seconds
            );
        }
        if self.delivered_ms.count > 0 {
            println!(
                "  processor    {:.2} cores of the server; {:.1} µs a message",
                self.server_cores_used, self.server_micros_per_message
            );
        } else {
            println!(
                "  processor    {:.3} cores of the server; {:.2} µs a second and connection",
                self.server_cores_used,
                self.idle_micros_per_second()
            );
        }
        println!(
            "  memory       {:.2} KiB a connection when connected, {:.2} KiB at the end (private); resident {:.1} MiB \
             before the first, at most {:.1} MiB",
            self.connected_kib_each, self.ended_kib_each, self.resident_first_mib, self.resident_max_mib
        );
        println!(
            "  connections  {}, made at {:.0} a second",
            self.connections, self.connected_per_second
        );
        if self.returned_per_second > 0.0 {
            println!(
                "  storm        everybody back in {:.2} s, {:.0} a second: token checked, cursor resumed",
                self.returned_seconds, self.returned_per_second
            );
        }
        if self.cut_off > 0 {
            println!(
                "  slow readers {} were cut off, came back and caught up",
                self.cut_off
            );
        }
        let rows = [
            ("accepted, durable", self.accepted_ms),
            ("delivered", self.delivered_ms),
            ("confirmed", self.confirmed_ms),
            ("delivered meanwhile", self.meanwhile_ms),
            ("first to last", self.spread_ms),
            ("ready again", self.ready_ms),
        ];
        if rows.iter().any(|(_, latencies)| latencies.count > 0) {
            println!("  latency, ms              p50      p90      p99    p99.9      max      of");
        }
        for (name, latencies) in rows {
            if latencies.count > 0 {
                println!(
                    "    {name:<19} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>8}",
                    latencies.p50,
                    latencies.p90,
                    latencies.p99,
                    latencies.p999,
                    latencies.max,
                    latencies.count
                );
            }
        }
        self.print_soundness();
        for note in &self.notes {
            println!("  {note}");
        }
    }

    fn print_soundness(&self) {
        let sound = &self.sound;
        let breaches: Vec<_> = sound
            .breaches
            .iter()
            .map(|(breach, count)| format!(", {count} × {breach}"))
            .collect();
        println!(
            "  checked      {} accepted, {} delivered, {} lost, {} left hanging{}; {} holes filled by Fetch; {} due and \
             never sent",
            sound.accepted,
            sound.delivered,
            sound.lost,
            sound.unsettled,
            breaches.concat(),
            sound.holes_filled,
            sound.unsent
        );
        for (failure, count) in &self.failures {
            println!("  failed       {count} × {failure}");
        }
        if !sound.holds() {
            println!("  THIS RUN FAILED: the server did not keep its promises");
        }
    }
}

impl Outcome for Report {
    fn print(&self) {
        self.print_figures();
    }

    fn to_json(&self) -> Result<serde_json::Value> {
        Ok(serde_json::to_value(self)?)
    }

    fn is_good(&self) -> bool {
        self.ok && self.sound.holds()
    }
}

fn soundness(measured: &Measured, unsettled: u64) -> Soundness {
    Soundness {
        accepted: measured.accepted_in_all,
        delivered: measured.delivered_in_all,
        lost: measured.lost(),
        breaches: measured
            .breaches
            .iter()
            .map(|(breach, &count)| (breach.to_string(), count))
            .collect(),
        holes_filled: measured.holes,
        unsent: measured.unsent,
        unsettled,
    }
}
