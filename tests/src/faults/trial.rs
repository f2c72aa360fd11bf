//! One trial: an empty house, people who talk in it, faults in several rounds, and a judgement at the end.

use super::checker::check;
use super::database;
use super::history::{History, StoredLogs};
use super::house::{FailingDisk, House, Program};
use super::plan::{Fault, FaultKind, PlanOptions, Round, plan};
use super::proxy::Weather;
use super::report::{Outage, Report};
use super::workload::{Population, PopulationSize, RunClock};
use crate::light::Api;
use sotto_protocol::Timestamp;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long it may take until messages are acknowledged again when nothing is broken any more.
const RECOVERY_PATIENCE: Duration = Duration::from_mins(1);
/// How long everybody may take to come to rest.
const SETTLE_PATIENCE: Duration = Duration::from_secs(90);
/// System calls that put a database onto a disk.
const DISK_CALLS: &str = "fdatasync,fsync,pwrite64";

/// Where the server keeps things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One node on SQLite.
    Sqlite,
    /// Nodes on PostgreSQL and NATS.
    Postgres,
}

/// One trial.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Everything follows from it, as far as real programs allow.
    pub seed: u64,
    /// Where the server keeps things.
    pub backend: Backend,
    /// Whether PostgreSQL syncs its files. If not, it is up again sooner after a kill.
    pub syncs: bool,
    /// Who talks.
    pub size: PopulationSize,
    /// What breaks.
    pub plan: PlanOptions,
}

impl Trial {
    /// Runs it. What it is about is said to `progress`, a line at a time.
    pub async fn run(&self, progress: &mut dyn FnMut(&str)) -> Report {
        let mut report = Report {
            trials: 1,
            ..Report::default()
        };
        if let Err(complaint) = self.try_run(&mut report, progress).await {
            report.complaints.push((self.seed, complaint));
        }
        report
    }

    async fn try_run(&self, report: &mut Report, progress: &mut dyn FnMut(&str)) -> Result<(), String> {
        if self.backend == Backend::Postgres && self.plan.kinds.contains(&FaultKind::FailingDisk) {
            let reason = "disk fails: only tried under SQLite; PostgreSQL ends itself when its disk fails";
            report.skipped.push(reason.to_owned());
            return Ok(());
        }
        let wants_small_disk = self.plan.kinds.contains(&FaultKind::FullDisk);
        let house = match self.backend {
            Backend::Sqlite => House::on_sqlite(wants_small_disk).await,
            Backend::Postgres => House::cluster(self.plan.nodes, wants_small_disk, self.syncs).await,
        };
        let mut house = match house {
            Ok(house) => house,
            Err(reason) if wants_small_disk => {
                report.skipped.push(format!("disk full: {reason}"));
                return Ok(());
            }
            Err(reason) => return Err(reason),
        };
        let clock = RunClock::start();
        let api = Api::new(&house.url());
        let population = Population::start(&api, house.addresses(), self.size, clock, self.seed)
            .await
            .map_err(|error| format!("nobody could register: {error}"))?;

        let mut outages = Vec::new();
        let mut broken = Vec::new();
        let mut failed = None;
        for (number, round) in plan(self.seed, &self.plan).iter().enumerate() {
            let rounded = self
                .round(&mut house, &population, round, clock, report, &mut outages)
                .await
                .map(|window| broken.push(window));
            if let Err(reason) = rounded {
                failed = Some(format!("round {number}, {:?}: {reason}", round.faults));
                break;
            }
            progress(&format!(
                "seed {} round {}/{}: {:?} for {} ms, {} acknowledged",
                self.seed,
                number + 1,
                self.plan.rounds,
                round.faults,
                round.lasts.as_millis(),
                population.progress.acknowledged()
            ));
        }
        let mut history = population.settle(SETTLE_PATIENCE).await;
        history.broken = broken;
        house.kill_nodes().await;
        report.count(&history, &outages);
        if let Some(reason) = failed {
            report.complaints.push((self.seed, reason));
        }
        for panic in house.panics() {
            report.complaints.push((self.seed, panic));
        }
        match database::read(&house.logs()).await {
            Ok(stored) => self.judge(&history, &stored, report),
            Err(error) => report
                .complaints
                .push((self.seed, format!("the database: {error}"))),
        }
        if !report.is_good() {
            let folder = house.keep();
            report
                .complaints
                .push((self.seed, format!("everything is kept in {}", folder.display())));
        }
        Ok(())
    }

    fn judge(&self, history: &History, stored: &StoredLogs, report: &mut Report) {
        let findings = check(history, stored);
        report
            .findings
            .extend(findings.into_iter().map(|finding| (self.seed, finding)));
        for code in [
            "chat-not-found",
            "malformed-message",
            "membership-refused",
            "too-large",
            "invalid-retention",
        ] {
            if report.refusals.contains_key(code) {
                let complaint = format!("{code}: everything that is sent here is in order");
                report.complaints.push((self.seed, complaint));
            }
        }
    }

    /// Returns from when until when something was broken.
    async fn round(
        &self,
        house: &mut House,
        population: &Population,
        round: &Round,
        clock: RunClock,
        report: &mut Report,
        outages: &mut Vec<Outage>,
    ) -> Result<(Timestamp, Timestamp), String> {
        let begun = population.progress.acknowledged();
        let enough = population
            .progress
            .until(|acknowledged| acknowledged >= begun + round.after);
        timeout(RECOVERY_PATIENCE, enough)
            .await
            .map_err(|_| "nothing is acknowledged any more".to_owned())?;
        sleep(round.delay).await;
        let mut failing_disk = None;
        let since = clock.wall();
        for fault in &round.faults {
            let since = clock.now();
            begin(house, *fault, &mut failing_disk, report).await;
            let node = match fault {
                Fault::KillNode(node) | Fault::StallNode(node) => Some(Some(*node)),
                Fault::KillDatabase | Fault::StallDatabase => Some(None),
                _ => None,
            };
            if let Some(node) = node {
                outages.push(Outage {
                    kind: fault.kind(),
                    since,
                    // What is accepted in this very millisecond may have been before.
                    wall: clock.wall().plus_millis(1),
                    node,
                });
            }
            *report.faults.entry(fault.kind()).or_default() += 1;
        }
        sleep(round.lasts).await;
        // A node is not ready before what it needs is whole.
        let (nodes, others): (Vec<Fault>, Vec<Fault>) = round
            .faults
            .iter()
            .rev()
            .partition(|fault| matches!(fault, Fault::KillNode(_)));
        for fault in others.into_iter().chain(nodes) {
            end(house, fault, &mut failing_disk).await?;
        }
        report.rounds += 1;
        Ok((since, clock.wall()))
    }
}

async fn begin(house: &mut House, fault: Fault, failing_disk: &mut Option<FailingDisk>, report: &mut Report) {
    match fault {
        Fault::KillNode(_) | Fault::KillDatabase | Fault::KillBus => {
            if let Some(program) = program(house, fault) {
                program.kill().await;
            }
        }
        Fault::StallNode(_) | Fault::StallDatabase | Fault::StallBus => {
            if let Some(program) = program(house, fault) {
                program.stall().await;
            }
        }
        Fault::Clients(_, weather) | Fault::Database(_, weather) | Fault::Bus(_, weather) => {
            set_weather(house, fault, weather);
        }
        Fault::FullDisk => {
            if let Some(disk) = &house.disk {
                disk.fill();
            }
        }
        Fault::FailingDisk => {
            let Some(pid) = house.nodes.first().and_then(|node| node.program.pid()) else {
                return;
            };
            match FailingDisk::under(pid, DISK_CALLS, 3) {
                Ok(disk) => *failing_disk = Some(disk),
                Err(reason) => report.skipped.push(format!("disk fails: {reason}")),
            }
        }
    }
}

async fn end(house: &mut House, fault: Fault, failing_disk: &mut Option<FailingDisk>) -> Result<(), String> {
    match fault {
        Fault::KillNode(_) | Fault::KillDatabase | Fault::KillBus => {
            if let Some(program) = program(house, fault) {
                program.start().await?;
            }
        }
        Fault::StallNode(_) | Fault::StallDatabase | Fault::StallBus => {
            if let Some(program) = program(house, fault) {
                program.resume().await;
            }
        }
        Fault::Clients(..) | Fault::Database(..) | Fault::Bus(..) => {
            set_weather(house, fault, Weather::Fair);
        }
        Fault::FullDisk => {
            if let Some(disk) = &house.disk {
                disk.clear();
            }
            // PostgreSQL ends when it cannot write its log; who keeps it running starts it again.
            if let Some(database) = &mut house.database
                && database.program.has_ended()
            {
                database.program.start().await?;
            }
        }
        Fault::FailingDisk => {
            if let Some(disk) = failing_disk.take() {
                disk.repair().await;
            }
        }
    }
    Ok(())
}

/// The program that a fault is about.
fn program(house: &mut House, fault: Fault) -> Option<&mut Program> {
    match fault {
        Fault::KillNode(node) | Fault::StallNode(node) => {
            house.nodes.get_mut(node).map(|node| &mut node.program)
        }
        Fault::KillDatabase | Fault::StallDatabase => {
            house.database.as_mut().map(|database| &mut database.program)
        }
        Fault::KillBus | Fault::StallBus => house.bus.as_mut(),
        Fault::Clients(..) | Fault::Database(..) | Fault::Bus(..) | Fault::FullDisk | Fault::FailingDisk => {
            None
        }
    }
}

fn set_weather(house: &House, fault: Fault, weather: Weather) {
    let proxy = match fault {
        Fault::Clients(node, _) => house.nodes.get(node).map(|node| &node.clients),
        Fault::Database(node, _) => house.nodes.get(node).and_then(|node| node.database.as_ref()),
        Fault::Bus(node, _) => house.nodes.get(node).and_then(|node| node.bus.as_ref()),
        _ => None,
    };
    if let Some(proxy) = proxy {
        proxy.set(weather);
    }
}
