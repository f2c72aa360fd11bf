//! One run on a recording disk, and the power cut at many places of its tape.

use super::platter::{Platter, Survival, Syncs};
use super::tape::{Recorded, Step, Tape};
use crate::faults::checker::{Broken, Finding, check};
use crate::faults::database;
use crate::faults::dice::Dice;
use crate::faults::history::{DeviceHistory, History, Moment};
use crate::faults::house::{House, Program, Ready, StoredIn};
use crate::faults::workload::{Population, PopulationSize, RunClock};
use crate::light::Api;
use crate::process::binary;
use sotto_protocol::Timestamp;
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::timeout;

/// How long it may take until so many messages are acknowledged, and until everybody comes to rest.
const PATIENCE: Duration = Duration::from_mins(2);
/// Of so many cuts one is followed by a start of the server over what is left.
const STARTS_ONE_IN: usize = 50;

/// One run, and the cuts after it.
#[derive(Clone, Debug)]
pub struct PowerTrial {
    /// Everything follows from it, as far as real programs allow.
    pub seed: u64,
    /// Who talks.
    pub size: PopulationSize,
    /// Until so many messages are acknowledged. On the way the server is killed, and stopped in order, and started again.
    pub messages: u64,
}

/// What was left after cuts.
#[derive(Clone, Debug, Default)]
pub struct Cuts {
    /// How often the power was cut.
    pub cuts: usize,
    /// Steps on the tapes: writes, syncs, names.
    pub steps: usize,
    /// Syncs among them.
    pub syncs: usize,
    /// Syncs of databases among those: what a write-ahead log held was moved before each.
    pub moves: usize,
    /// Bytes that were written.
    pub bytes: u64,
    /// Messages and Commits that had been acknowledged before a cut, summed over all cuts.
    pub acknowledged: u64,
    /// Messages and Commits that were acknowledged in the runs.
    pub messages: u64,
    /// How often a server was started over what was left, and served.
    pub started: usize,
    /// Cuts after which the database could not be read.
    pub unreadable: usize,
    /// Cuts after which something acknowledged was missing.
    pub lossy: usize,
    /// What was wrong first, with the seed and the step of the cut.
    pub first: Option<String>,
    /// Cuts after which anything was wrong.
    pub bad: usize,
}

impl Cuts {
    /// Whether nothing that was promised was lost.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.bad == 0
    }

    /// Adds another's.
    pub fn add(&mut self, other: Self) {
        self.cuts += other.cuts;
        self.steps += other.steps;
        self.syncs += other.syncs;
        self.moves += other.moves;
        self.bytes += other.bytes;
        self.acknowledged += other.acknowledged;
        self.messages += other.messages;
        self.started += other.started;
        self.unreadable += other.unreadable;
        self.lossy += other.lossy;
        self.bad += other.bad;
        self.first = self.first.take().or(other.first);
    }

    fn wrong(&mut self, what: impl FnOnce() -> String) {
        self.bad += 1;
        self.first.get_or_insert_with(what);
    }
}

impl fmt::Display for Cuts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "power cuts        {}", self.cuts)?;
        writeln!(
            f,
            "tapes             {} steps, {} of them syncs, {} of those of databases; {} MiB written",
            self.steps,
            self.syncs,
            self.moves,
            self.bytes >> 20
        )?;
        writeln!(
            f,
            "messages          {} acknowledged; looked for {} times",
            self.messages, self.acknowledged
        )?;
        writeln!(f, "servers started   {} over what was left", self.started)?;
        writeln!(
            f,
            "wrong             {} cuts: {} lost what was acknowledged, {} left no database that can be read",
            self.bad, self.lossy, self.unreadable
        )?;
        if let Some(first) = &self.first {
            writeln!(f, "the first         {first}")?;
        }
        Ok(())
    }
}

/// A run that is over.
#[derive(Debug)]
pub struct Played {
    tape: Tape,
    history: History,
    /// The wall's time when the clock of the run began.
    began: Timestamp,
    /// Steps before everybody was registered.
    registered: usize,
    seed: u64,
}

impl PowerTrial {
    /// Lets people talk over a server on a recording disk. Where none can be mounted, the error says so.
    pub async fn play(&self) -> Result<Played, String> {
        let clock = RunClock::start();
        let began = Timestamp(clock.wall().0.saturating_sub(clock.now().0 / 1_000_000));
        let (mut house, disk) = House::on_recording_disk(clock).await?;
        let api = Api::new(&house.url());
        let population = Population::start(&api, house.addresses(), self.size, clock, self.seed)
            .await
            .map_err(|error| format!("nobody could register: {error}"))?;
        let registered = disk.steps();
        for (quarter, end) in [End::Killed, End::InOrder, End::Killed, End::InOrder]
            .into_iter()
            .enumerate()
        {
            let enough = self.messages * (quarter as u64 + 1) / 5;
            reach(&population, enough).await?;
            restart(&mut house, end).await?;
        }
        reach(&population, self.messages).await?;
        let history = population.settle(PATIENCE).await;
        house.kill_nodes().await;
        let tape = disk.eject()?;
        if let Some(panic) = house.panics().first() {
            return Err(panic.clone());
        }
        Ok(Played {
            tape,
            history,
            began,
            registered,
            seed: self.seed,
        })
    }
}

#[derive(Clone, Copy)]
enum End {
    Killed,
    InOrder,
}

async fn reach(population: &Population, messages: u64) -> Result<(), String> {
    let enough = population.progress.until(|acknowledged| acknowledged >= messages);
    timeout(PATIENCE, enough)
        .await
        .map_err(|_| "nothing is acknowledged any more".to_owned())
}

async fn restart(house: &mut House, end: End) -> Result<(), String> {
    for node in &mut house.nodes {
        match end {
            End::Killed => node.program.kill().await,
            End::InOrder => node.program.stop().await,
        }
        node.program.start().await?;
    }
    Ok(())
}

impl Played {
    /// Cuts the power at so many places, and judges each time what is left.
    pub async fn cut(
        &self,
        cuts: usize,
        syncs: Syncs,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Cuts, String> {
        let mut dice = Dice::of(self.seed, 4_000_000);
        let steps = self.tape.0.len();
        let mut places: Vec<usize> = (0..cuts)
            .map(|_| self.registered + dice.below(steps - self.registered) + 1)
            .collect();
        places.sort_unstable();
        let mut found = Cuts {
            steps,
            messages: self.history.acknowledged(),
            ..Cuts::default()
        };
        let mut databases = HashSet::new();
        for Recorded { step, .. } in &self.tape.0 {
            match step {
                Step::Made { place, file, .. } if place.name.to_string_lossy().ends_with(".db") => {
                    databases.insert(*file);
                }
                Step::Synced { file } => {
                    found.syncs += 1;
                    found.moves += usize::from(databases.contains(file));
                }
                Step::FolderSynced => found.syncs += 1,
                Step::Written { bytes, .. } => found.bytes += bytes.len() as u64,
                Step::Made { .. } | Step::Removed { .. } | Step::Moved { .. } | Step::Resized { .. } => {}
            }
        }
        let folder = quick_folder()?;
        let left = folder.path().join("left");
        let mut platter = Platter::new(syncs);
        let mut taken = 0;
        for (number, &place) in places.iter().enumerate() {
            let next = self.tape.0.get(taken..place).unwrap_or_default();
            for recorded in next {
                platter.take(recorded);
            }
            taken = place;
            let at = next.last().map(|recorded| recorded.at);
            let at = at.unwrap_or_else(|| self.moment_before(place));
            self.cut_once(&mut found, &platter, at, &mut dice, &left).await?;
            if number % 100 == 99 {
                progress(&format!(
                    "seed {}: cut {}/{cuts}, {} wrong",
                    self.seed,
                    number + 1,
                    found.bad
                ));
            }
        }
        Ok(found)
    }

    fn moment_before(&self, place: usize) -> Moment {
        let last = place.checked_sub(1).and_then(|last| self.tape.0.get(last));
        last.map(|recorded| recorded.at).unwrap_or_default()
    }

    async fn cut_once(
        &self,
        found: &mut Cuts,
        platter: &Platter<'_>,
        at: Moment,
        dice: &mut Dice,
        folder: &Path,
    ) -> Result<(), String> {
        let survival = Survival::random(dice);
        let wreck = platter.wreck(survival, dice);
        let wrecked = |error| format!("{}: {error}", folder.display());
        wreck.write(folder).map_err(wrecked)?;
        found.cuts += 1;
        let what = || format!("seed {}, cut at {} ms, {survival:?}", self.seed, at.0 / 1_000_000);
        let history = self.history.before(at);
        found.acknowledged += history.acknowledged();
        match self.judge(&history, at, folder).await {
            Err(error) => {
                found.unreadable += 1;
                found.wrong(|| format!("{}: {error}", what()));
                return Ok(());
            }
            Ok(findings) => {
                let is_lost = |finding: &&Finding| {
                    matches!(
                        finding.broken,
                        Broken::AcknowledgedIsMissing | Broken::SeenIsMissing
                    )
                };
                found.lossy += usize::from(findings.iter().any(|finding| is_lost(&finding)));
                if let Some(first) = findings.iter().find(is_lost).or(findings.first()) {
                    found.wrong(|| format!("{}: {} findings, as {first}", what(), findings.len()));
                    return Ok(());
                }
            }
        }
        if dice.once_in(STARTS_ONE_IN) {
            // SQLite has opened and mended it by now, so the server gets it anew.
            wreck.write(folder).map_err(wrecked)?;
            match start(folder).await {
                Ok(()) => found.started += 1,
                Err(error) => found.wrong(|| format!("{}: {error}", what())),
            }
        }
        Ok(())
    }

    /// What is wrong with what is left.
    async fn judge(&self, history: &History, at: Moment, folder: &Path) -> Result<Vec<Finding>, String> {
        let log = StoredIn::Sqlite(vec![folder.join("log-0.db")]);
        let mut stored = database::read(&log).await.map_err(|error| error.to_string())?;
        stored.read_at = self.began.plus_millis(at.0 / 1_000_000);
        let mut findings = check(history, &stored);
        // Nobody has come to rest when the power is cut.
        findings.retain(|finding| finding.broken != Broken::NotSettled);
        let devices = database::devices(&folder.join("sotto.db"))
            .await
            .map_err(|error| error.to_string())?;
        for DeviceHistory { address, .. } in &history.devices {
            if !devices.contains(&address.device) {
                let detail = format!("{:?} was registered, and is gone", address.device);
                findings.push(Finding::new(Broken::AcknowledgedIsMissing, detail));
            }
        }
        Ok(findings)
    }
}

/// Starts a server over what is left, and ends it when it serves.
async fn start(data: &Path) -> Result<(), String> {
    let log: PathBuf = data.with_extension("log");
    let (server, data) = (binary().display().to_string(), data.display().to_string());
    let words = [
        server.as_str(),
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.as_str(),
        "--log-level",
        "warn",
    ];
    let mut program = Program::new(&words, Ready::Line, log);
    program.start().await?;
    program.kill().await;
    Ok(())
}

/// In memory where there is such a folder: what is in it is read once.
fn quick_folder() -> Result<TempDir, String> {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.map_err(|error| format!("no folder for what is left: {error}"))
}
