//! Every figure that the server has to reach, one after the other, as a table.

mod beside_bare;

use super::super::options::Common;
use super::super::report::{Outcome, Report};
use super::direct::Direct;
use super::footprint::Footprint;
use super::group::{Group, Slow};
use super::idle::Idle;
use super::mission::Mission;
use super::soak::{Overload, maximum};
use super::storm::Storm;
use anyhow::{Context as _, Result};
use clap::Args;
use rustix::process::{Resource, getrlimit};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;

/// All rows of the table of goals that are the server's, one after the other; the table in Markdown
#[derive(Clone, Debug, Args)]
pub(crate) struct Goals {
    /// Write the table there
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// A tenth of the connections and a few seconds each: to see that all of it runs
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only the rows whose name contains this
    #[arg(long)]
    pub(crate) only: Option<String>,
}

/// The table.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    what: &'static str,
    goal: &'static str,
    measured: String,
    is_reached: bool,
    conditions: String,
}

/// What one figure came to, and whether it is the goal.
struct Verdict {
    measured: String,
    is_reached: bool,
    fsync: String,
}

impl Verdict {
    fn of(report: &Report, mut measured: String, is_reached: bool) -> Self {
        if !report.is_good() {
            measured.push_str(&report.complaint());
        }
        Self {
            measured,
            is_reached: is_reached && report.is_good(),
            fsync: report.conditions.fsync(),
        }
    }
}

struct Measurer {
    common: Common,
    quick: bool,
    only: Option<String>,
    rows: Vec<Row>,
}

impl Goals {
    pub(crate) fn what(&self) -> String {
        format!(
            "goals: every figure that the server has to reach{}",
            if self.quick { ", in small" } else { "" }
        )
    }

    pub(super) fn measure(&self, common: &Common) -> Result<Table> {
        if common.tls {
            anyhow::bail!("the table says itself which of its rows is over TLS: leave --tls out");
        }
        let mut measurer = Measurer {
            common: common.clone(),
            quick: self.quick,
            only: self.only.clone(),
            rows: Vec::new(),
        };
        measurer.throughput();
        measurer.latency();
        measurer.memory();
        measurer.groups();
        measurer.beside_bare();
        measurer.storm();
        measurer.hardship();
        measurer.footprint();
        let table = Table { rows: measurer.rows };
        if let Some(file) = &self.markdown {
            std::fs::write(file, table.markdown())
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(table)
    }
}

impl Measurer {
    /// Measures one row; what goes wrong is what was measured.
    fn row(
        &mut self,
        what: &'static str,
        goal: &'static str,
        measure: impl FnOnce(&Common, bool) -> Result<Verdict>,
    ) {
        if self.only.as_ref().is_some_and(|only| !what.contains(only)) {
            return;
        }
        println!("\n── {what}");
        let verdict = measure(&self.common, self.quick).unwrap_or_else(|error| Verdict {
            measured: format!("could not be measured: {error:#}"),
            is_reached: false,
            fsync: String::new(),
        });
        println!("  {}", verdict.measured);
        self.rows.push(Row {
            what,
            goal,
            measured: verdict.measured,
            is_reached: verdict.is_reached,
            conditions: verdict.fsync,
        });
    }

    fn throughput(&mut self) {
        self.row(
            "durable direct messages, 100 pairs × 8",
            "≥ 100,000/s",
            |common, _| {
                let report = direct(100, 8, None).measure(common)?;
                let measured = format!(
                    "{:.0}/s, {:.1} µs of processor each",
                    report.delivered_per_second, report.server_micros_per_message
                );
                Ok(Verdict::of(
                    &report,
                    measured,
                    report.delivered_per_second >= 100_000.0,
                ))
            },
        );
        self.row(
            "the same, done when the recipient's receipt is back",
            "≥ 30 × ejabberd on PostgreSQL (`cargo xtask peers`)",
            |common, _| {
                let receipts = Direct {
                    receipts: true,
                    ..direct(100, 8, None)
                };
                let report = receipts.measure(common)?;
                let measured = format!("{:.0}/s", report.delivered_per_second);
                Ok(Verdict::of(&report, measured, true))
            },
        );
        self.row("unbatched: 2,000 pairs × 1", "≥ 22,000/s", |common, _| {
            let report = direct(2_000, 1, None).measure(common)?;
            let measured = format!(
                "{:.0}/s, {:.1} µs of processor each",
                report.delivered_per_second, report.server_micros_per_message
            );
            Ok(Verdict::of(
                &report,
                measured,
                report.delivered_per_second >= 22_000.0,
            ))
        });
        self.row(
            "mission's shape: 19,000 connections, 19,000 messages/s",
            "≤ 0.65 core, p99 ≤ 20 ms, p99.9 ≤ 50 ms; nothing lost, doubled or missing",
            |common, quick| {
                let mission = Mission {
                    connections: few(19_000, quick),
                    rate: if quick { 1_900.0 } else { 19_000.0 },
                };
                let report = mission.measure(common)?;
                let latencies = report.delivered_ms;
                let is_reached =
                    report.server_cores_used <= 0.65 && latencies.p99 <= 20.0 && latencies.p999 <= 50.0;
                let measured = format!(
                    "{:.2} core, p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms",
                    report.server_cores_used, latencies.p50, latencies.p99, latencies.p999
                );
                Ok(Verdict::of(&report, measured, is_reached))
            },
        );
    }

    fn latency(&mut self) {
        self.row(
            "latency at 5,000/s (1,000 pairs)",
            "p50 ≤ 1.5 ms, p99 ≤ 5 ms",
            |common, _| {
                let report = direct(1_000, 1, Some(5_000.0)).measure(common)?;
                let latencies = report.delivered_ms;
                let measured = format!("p50 {:.2} ms, p99 {:.2} ms", latencies.p50, latencies.p99);
                let is_reached = latencies.p50 <= 1.5 && latencies.p99 <= 5.0;
                Ok(Verdict::of(&report, measured, is_reached))
            },
        );
        self.row(
            "latency at half of its own maximum (1,000 pairs, one message of each)",
            "p99 ≤ 10 ms",
            |common, _| {
                let rate = maximum(1_000, 1, common)? / 2.0;
                let report = direct(1_000, 1, Some(rate)).measure(common)?;
                let latencies = report.delivered_ms;
                let measured = format!(
                    "at {rate:.0}/s: p50 {:.2} ms, p99 {:.2} ms",
                    latencies.p50, latencies.p99
                );
                Ok(Verdict::of(&report, measured, latencies.p99 <= 10.0))
            },
        );
    }

    fn memory(&mut self) {
        self.row(
            "memory of 19,000 connections after one message",
            "≤ 2.0 KiB each; ≤ 0.5 µs/s of processor each",
            |common, quick| memory(few(19_000, quick), common),
        );
        self.row(
            "memory of 19,000 connections over TLS after one message",
            "≤ 11 KiB each",
            |common, quick| {
                let mut common = common.clone();
                common.tls = true;
                let connections = few(19_000, quick);
                let report = Idle { connections }.measure(&common)?;
                let measured = format!("{:.2} KiB each, private", report.ended_kib_each);
                Ok(Verdict::of(&report, measured, report.ended_kib_each <= 11.0))
            },
        );
        self.row(
            "memory of 57,000 connections after one message",
            "≤ 2.0 KiB each",
            |common, quick| {
                let limit = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
                let connections = few(57_000, quick);
                if limit < connections as u64 + 200 {
                    anyhow::bail!("a process here may open {limit} files");
                }
                memory(connections, common)
            },
        );
    }

    fn groups(&mut self) {
        for (what, members) in [
            ("one entry to a group of 100, durable", 100),
            ("one entry to a group of 1,000, durable", 1_000),
        ] {
            self.row(
                what,
                "≥ 140,000 deliveries/s; last ≤ 10 ms after the first",
                |common, _| {
                    let group = |outstanding| Group {
                        members,
                        outstanding,
                        rate: None,
                    };
                    let report = group(8).measure(common)?;
                    // How far apart they are is that of one message on its own.
                    let alone = group(1).measure(common)?;
                    let measured = format!(
                        "{:.0} deliveries/s; of one alone the last p50 {:.1}, p99 {:.1} ms after the first",
                        report.delivered_per_second, alone.spread_ms.p50, alone.spread_ms.p99
                    );
                    let is_reached = report.delivered_per_second >= 140_000.0 && alone.spread_ms.p99 <= 10.0;
                    Ok(Verdict::of(&report, measured, is_reached && alone.is_good()))
                },
            );
        }
    }

    fn storm(&mut self) {
        self.row(
            "login storm: token check and cursor resume",
            "≥ 7,500/s; 19,000 back within 5 s; others' p99 ≤ 2 × normal",
            |common, quick| {
                let mut common = common.clone();
                common.seconds = common.seconds.max(12);
                let storm = Storm {
                    connections: few(19_000, quick),
                    at_once: 1_000,
                    bystanders: 50,
                    rate: 500.0,
                };
                let report = storm.measure(&common)?;
                let (normal, meanwhile) = (report.delivered_ms.p99, report.meanwhile_ms.p99);
                let measured = format!(
                    "{:.0}/s, all back in {:.2} s; others' p99 {normal:.1} ms before and after, {meanwhile:.1} ms meanwhile",
                    report.returned_per_second, report.returned_seconds
                );
                let is_reached = report.returned_per_second >= 7_500.0
                    && report.returned_seconds <= 5.0
                    && meanwhile <= 2.0 * normal;
                Ok(Verdict::of(&report, measured, is_reached))
            },
        );
    }

    fn hardship(&mut self) {
        self.row(
            "slow readers: 20 of 100 members stop reading",
            "others' p99 ≤ 2 × normal; they catch up",
            |common, quick| {
                let mut common = common.clone();
                common.seconds = if quick { 8 } else { common.seconds.max(24) };
                let slow = Slow {
                    members: 100,
                    not_reading: 20,
                    rate: 1_000.0,
                };
                let report = slow.measure(&common)?;
                let (normal, meanwhile) = (report.delivered_ms.p99, report.meanwhile_ms.p99);
                let measured = format!(
                    "p99 {normal:.1} ms before, {meanwhile:.1} ms meanwhile; {} cut off, all caught up",
                    report.cut_off
                );
                Ok(Verdict::of(&report, measured, meanwhile <= 2.0 * normal))
            },
        );
        self.row(
            "overload: twice the maximum for 60 s",
            "goodput ≥ 0.8 ×; memory + ≤ 256 MiB",
            |common, quick| {
                let mut common = common.clone();
                common.seconds = if quick { 10 } else { 60 };
                let overload = Overload {
                    pairs: 1_000,
                    factor: 2.0,
                };
                let report = overload.measure(&common)?;
                let goodput = report.delivered_per_second / report.maximum_per_second;
                let grown = report.resident_max_mib - report.resident_connected_mib;
                let measured = format!(
                    "goodput {goodput:.2} × {:.0}/s; memory + {grown:.0} MiB",
                    report.maximum_per_second
                );
                Ok(Verdict::of(&report, measured, goodput >= 0.8 && grown <= 256.0))
            },
        );
    }

    fn footprint(&mut self) {
        self.row(
            "footprint over 1,000,000 messages",
            "first login ≤ 100 ms after start; ≤ 16 MiB resident; program ≤ 30 MiB with the web app inside",
            |common, quick| {
                let footprint = Footprint {
                    messages: few(1_000_000, quick),
                };
                let measured = footprint.measure(common)?;
                let is_reached = measured.first_login_ms <= 100.0
                    && measured.resident_mib <= 16.0
                    && measured.program_mib <= 30.0;
                Ok(Verdict {
                    measured: format!(
                        "ready after {:.0} ms, first login after {:.0} ms; {:.1} MiB resident; program {:.1} MiB",
                        measured.ready_ms,
                        measured.first_login_ms,
                        measured.resident_mib,
                        measured.program_mib
                    ),
                    is_reached,
                    fsync: String::new(),
                })
            },
        );
    }
}

fn memory(connections: usize, common: &Common) -> Result<Verdict> {
    let report = Idle { connections }.measure(common)?;
    let processor = report.idle_micros_per_second();
    let measured = format!(
        "{:.2} KiB each, private; {processor:.2} µs/s of processor each",
        report.ended_kib_each
    );
    let is_reached = report.ended_kib_each <= 2.0 && processor <= 0.5;
    Ok(Verdict::of(&report, measured, is_reached))
}

fn direct(pairs: usize, outstanding: u32, rate: Option<f64>) -> Direct {
    Direct {
        pairs,
        outstanding,
        rate,
        receipts: false,
    }
}

fn few(count: usize, quick: bool) -> usize {
    if quick { count / 10 } else { count }
}

impl Table {
    fn markdown(&self) -> String {
        let mut text =
            String::from("| what | goal | measured | | fsync |\n| --- | --- | --- | --- | --- |\n");
        for row in &self.rows {
            let verdict = if row.is_reached { "reached" } else { "**missed**" };
            // Writing into a String cannot fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {verdict} | {} |",
                row.what, row.goal, row.measured, row.conditions
            );
        }
        text
    }
}

impl Outcome for Table {
    fn print(&self) {
        println!("\n{}", self.markdown());
    }

    fn to_json(&self) -> Result<serde_json::Value> {
        Ok(serde_json::to_value(self)?)
    }

    fn is_good(&self) -> bool {
        self.rows.iter().all(|row| row.is_reached)
    }
}
