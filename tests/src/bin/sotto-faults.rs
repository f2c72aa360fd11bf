//! Breaks servers while people talk, as often as one likes, and says what became of it. `cargo xtask faults` builds and
//! starts it.
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "this program talks to whoever typed its name"
)]

use clap::{Parser, Subcommand, ValueEnum};
use rand_core::Rng as _;
use sotto_tests::faults::dice::Dice;
use sotto_tests::faults::hostile::{Attack, Effect, measure};
use sotto_tests::faults::plan::{FaultKind, PlanOptions};
use sotto_tests::faults::power::{Cuts, PowerTrial, RecordingDisk, Syncs};
use sotto_tests::faults::report::Report;
use sotto_tests::faults::trial::{Backend, Trial};
use sotto_tests::faults::workload::PopulationSize;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::Instant;

/// Rounds in one trial: then the database is judged, and another begins with an empty one.
const ROUNDS_PER_TRIAL: usize = 10;

/// Breaks servers, databases, buses and networks while people talk, and checks that every promise was kept.
#[derive(Parser)]
#[command(bin_name = "cargo xtask faults", max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// Rounds in all: in each, something breaks and is repaired
    #[arg(long, default_value_t = 50)]
    rounds: usize,

    /// Stop after so many minutes, however many rounds are left
    #[arg(long)]
    minutes: Option<u64>,

    /// Do again what was done under this seed; the first trial's, the others follow from it
    #[arg(long, global = true)]
    seed: Option<u64>,

    /// Where the server keeps things
    #[arg(long, value_enum, default_value_t = On::Sqlite)]
    backend: On,

    /// What breaks; all that can, if none is named
    #[arg(long, value_enum, value_delimiter = ',')]
    faults: Vec<What>,

    /// Messages acknowledged between two rounds, on the average
    #[arg(long, global = true, default_value_t = 1_000)]
    messages: u64,

    /// Milliseconds between two messages of a device, on the average
    #[arg(long, global = true, default_value_t = 8)]
    pace: u64,
}

#[derive(Subcommand)]
enum Command {
    /// Measure how long ordinary people wait while strangers misbehave, against the same without them
    Hostile {
        /// Seconds of calm and of attack in each turn
        #[arg(long, default_value_t = 5)]
        seconds: u64,

        /// Turns; calm and attack alternate, because a machine is not the same from one minute to the next
        #[arg(long, default_value_t = 3)]
        turns: usize,
    },

    /// Cut the power of one node on SQLite at many places, and look for what was acknowledged in what the disk then holds
    PowerCut {
        /// Cuts in all
        #[arg(long, default_value_t = 1_000)]
        cuts: usize,

        /// Cuts of one run
        #[arg(long, default_value_t = 500)]
        each: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum On {
    /// One node on SQLite
    Sqlite,
    /// Three nodes on PostgreSQL and NATS
    Postgres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// kill -9 of a node
    KillNode,
    /// A node stops where it is and goes on later
    StallNode,
    /// The network between nodes and clients breaks, stalls, loses everything, or is slow
    Clients,
    /// kill -9 of PostgreSQL
    KillDatabase,
    /// PostgreSQL stops where it is and goes on later
    StallDatabase,
    /// The network between a node and PostgreSQL
    Database,
    /// kill -9 of NATS
    KillBus,
    /// NATS stops where it is and goes on later
    StallBus,
    /// The network between a node and NATS
    Bus,
    /// The disk is full
    FullDisk,
    /// The disk fails some writes and syncs
    FailingDisk,
}

impl From<What> for FaultKind {
    fn from(what: What) -> Self {
        match what {
            What::KillNode => Self::KillNode,
            What::StallNode => Self::StallNode,
            What::Clients => Self::Clients,
            What::KillDatabase => Self::KillDatabase,
            What::StallDatabase => Self::StallDatabase,
            What::Database => Self::Database,
            What::KillBus => Self::KillBus,
            What::StallBus => Self::StallBus,
            What::Bus => Self::Bus,
            What::FullDisk => Self::FullDisk,
            What::FailingDisk => Self::FailingDisk,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let seed = cli
        .seed
        .unwrap_or_else(|| rand_core::UnwrapErr(getrandom::SysRng).next_u64() >> 32);
    if let Some(Command::Hostile { seconds, turns }) = cli.command {
        return hostile(seconds, turns, seed);
    }
    match Runtime::new() {
        Ok(runtime) => match cli.command {
            Some(Command::PowerCut { cuts, each }) => runtime.block_on(power_cuts(&cli, cuts, each, seed)),
            _ => runtime.block_on(trials(&cli, seed)),
        },
        Err(error) => {
            eprintln!("no runtime: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn trials(cli: &Cli, seed: u64) -> ExitCode {
    println!("the first seed is {seed}");
    let begun = Instant::now();
    let mut report = Report::default();
    let mut seeds = Dice::new(seed);
    let mut next_seed = seed;
    while report.rounds < cli.rounds && report.is_good() {
        if let Some(minutes) = cli.minutes
            && begun.elapsed() >= Duration::from_secs(60 * minutes)
        {
            break;
        }
        let rounds = ROUNDS_PER_TRIAL.min(cli.rounds - report.rounds);
        let trial = trial(cli, next_seed, rounds);
        let before = report.rounds;
        let of = trial.run(&mut |line| progress(before, cli.rounds, line)).await;
        let made_none = of.rounds == 0;
        report.add(of);
        if made_none && cli.faults.len() == 1 {
            break;
        }
        next_seed = seeds.number() >> 32;
    }
    println!("\n\n{report}");
    println!("took              {} s", begun.elapsed().as_secs());
    if report.is_good() {
        ExitCode::SUCCESS
    } else {
        println!("again: cargo xtask faults --seed <the seed above> --rounds {ROUNDS_PER_TRIAL}");
        ExitCode::FAILURE
    }
}

/// Measures, and prints a line for each attack.
fn hostile(seconds: u64, turns: usize, seed: u64) -> ExitCode {
    let size = PopulationSize {
        accounts: 6,
        devices: 2,
        chats: 2,
        pace: Duration::from_millis(25),
    };
    let each = Duration::from_secs(seconds);
    let measured = measure(Attack::ALL, size, turns, each, seed, &mut |line| {
        println!("{line}");
    });
    match measured {
        Ok(effects) => {
            println!("\nwhat ordinary people wait for an acknowledgement, normally → under attack");
            for effect in &effects {
                println!("{effect}");
            }
            let worst = effects.iter().map(Effect::ratio).fold(0.0, f64::max);
            println!("worst ratio of p99: {worst:.2}; the goal is 2");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Disks that do not do what they are told, each to be found out: by how often the same tapes then lose something.
const LYING: [(&str, Syncs); 3] = [
    ("all syncs ignored", Syncs::Ignored),
    ("syncs of write-ahead logs ignored", Syncs::IgnoredOf("-wal")),
    ("syncs of databases ignored", Syncs::IgnoredOf(".db")),
];

/// Cuts the power so many times, and once in a while of disks that lie.
async fn power_cuts(cli: &Cli, cuts: usize, each: usize, seed: u64) -> ExitCode {
    println!("the first seed is {seed}");
    if let Err(reason) = RecordingDisk::try_out() {
        eprintln!("{reason}; it takes /dev/fuse, and root or fusermount3");
        return ExitCode::FAILURE;
    }
    let begun = Instant::now();
    let mut seeds = Dice::new(seed);
    let mut next_seed = seed;
    let mut honest = Cuts::default();
    let mut lying = LYING.map(|_| Cuts::default());
    while honest.cuts < cuts && honest.is_good() {
        let trial = PowerTrial {
            seed: next_seed,
            size: population(cli),
            messages: cli.messages,
        };
        let cut = async {
            let before = honest.cuts;
            let played = trial.play().await?;
            let each = each.min(cuts - before);
            let mut say = |line: &str| progress(before, cuts, line);
            honest.add(played.cut(each, Syncs::Obeyed, &mut say).await?);
            for ((_, syncs), found) in LYING.iter().zip(&mut lying) {
                found.add(played.cut(each.div_ceil(20), *syncs, &mut say).await?);
            }
            Ok::<_, String>(())
        };
        if let Err(reason) = cut.await {
            eprintln!("\nseed {next_seed}: {reason}");
            return ExitCode::FAILURE;
        }
        next_seed = seeds.number() >> 32;
    }
    println!("\n\n{honest}");
    for ((what, _), found) in LYING.iter().zip(&lying) {
        println!(
            "{what}: {} of {} cuts lost something or left no database",
            found.bad, found.cuts
        );
    }
    println!("took              {} s", begun.elapsed().as_secs());
    if honest.is_good() && lying.iter().all(|found| found.bad > 0) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Who talks.
fn population(cli: &Cli) -> PopulationSize {
    PopulationSize {
        accounts: 6,
        devices: 2,
        chats: 2,
        pace: Duration::from_millis(cli.pace),
    }
}

/// What breaks in one trial.
const TURNS_SQLITE: &[&[FaultKind]] = &[
    &[FaultKind::KillNode],
    &[FaultKind::KillNode, FaultKind::StallNode, FaultKind::Clients],
    &[FaultKind::FullDisk, FaultKind::KillNode],
    &[FaultKind::FailingDisk, FaultKind::KillNode],
];
const TURNS_POSTGRES: &[&[FaultKind]] = &[
    &[FaultKind::KillNode],
    &[FaultKind::KillNode, FaultKind::KillDatabase, FaultKind::KillBus],
    &[
        FaultKind::StallNode,
        FaultKind::StallDatabase,
        FaultKind::StallBus,
    ],
    &[FaultKind::Clients, FaultKind::Database, FaultKind::Bus],
    &[
        FaultKind::KillNode,
        FaultKind::StallDatabase,
        FaultKind::Database,
        FaultKind::KillBus,
    ],
    &[FaultKind::FullDisk, FaultKind::KillNode],
];

/// The next trial. What breaks takes turns: kills and networks in most, disks in some, which need a house of their own.
fn trial(cli: &Cli, seed: u64, rounds: usize) -> Trial {
    let turns = match cli.backend {
        On::Sqlite => TURNS_SQLITE,
        On::Postgres => TURNS_POSTGRES,
    };
    let kinds = if cli.faults.is_empty() {
        Dice::of(seed, 3_000_000).pick(turns).to_vec()
    } else {
        cli.faults.iter().map(|&what| what.into()).collect()
    };
    let (backend, nodes) = match cli.backend {
        On::Sqlite => (Backend::Sqlite, 1),
        On::Postgres => (Backend::Postgres, 3),
    };
    Trial {
        seed,
        backend,
        syncs: true,
        size: population(cli),
        plan: PlanOptions {
            rounds,
            kinds,
            nodes,
            messages: cli.messages,
            lasts: Duration::from_millis(1_500),
            long: Duration::from_secs(10),
        },
    }
}

/// One line that is written over, on a terminal; elsewhere a line each.
fn progress(before: usize, of: usize, line: &str) {
    let mut out = std::io::stdout();
    let line = format!("[{before}+/{of}] {line}");
    let _ = if out.is_terminal() {
        write!(out, "\r\x1b[2K{line}").and_then(|()| out.flush())
    } else {
        writeln!(out, "{line}")
    };
}
