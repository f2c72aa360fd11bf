//! Plays episodes of many who commit at once, as many as one likes, and says what came of them. `cargo xtask contention` builds
//! and starts it.
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "this program talks to whoever typed its name"
)]

use clap::Parser;
use rand_core::Rng as _;
use sotto_tests::contention::{Outcome, Plan, Tally, play};
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Lets two to fifty people commit at once, go offline in the middle and retry, with processes that die on both sides, and checks
/// that there is no fork, that what was asked for happens or is reported, and that nobody is locked out.
///
/// Everything that happens in an episode follows from its seed. One that is found wanting prints its seed, its plan and its trace:
/// every frame and request, with the time of the episode.
#[derive(Parser)]
#[command(bin_name = "cargo xtask contention", max_term_width = 110)]
struct Cli {
    /// Episodes to play, each with a seed of its own
    #[arg(long, default_value_t = 200)]
    seeds: usize,

    /// Play the episode of this seed alone, and print its plan and trace
    #[arg(long, conflicts_with_all = ["seeds", "from", "minutes"])]
    seed: Option<u64>,

    /// The first seed; the others follow it. A random one, if none is given
    #[arg(long)]
    from: Option<u64>,

    /// Stop after so many minutes, however many episodes are left
    #[arg(long)]
    minutes: Option<u64>,

    /// Go on after an episode that is found wanting
    #[arg(long)]
    keep_going: bool,

    /// Episodes at a time
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(seed) = cli.seed {
        let begun = Instant::now();
        let outcome = play(seed, true);
        println!("{}\n{}", Plan::of(seed), outcome.trace);
        report(&outcome);
        println!(
            "digest {:016x}, {} ms",
            outcome.digest,
            begun.elapsed().as_millis()
        );
        return code(outcome.is_good());
    }
    let first = cli
        .from
        .unwrap_or_else(|| rand_core::UnwrapErr(getrandom::SysRng).next_u64() >> 32);
    println!("seeds from {first}");
    let begun = Instant::now();
    let (next, bad) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..cli.threads.max(1) {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let is_late = cli
                        .minutes
                        .is_some_and(|minutes| begun.elapsed() >= Duration::from_secs(60 * minutes));
                    if number >= cli.seeds || is_late {
                        return;
                    }
                    let outcome = play(first + number as u64, false);
                    let mut tally = tally.lock().unwrap();
                    tally.add(&outcome.tally);
                    if !outcome.is_good() {
                        bad.fetch_add(1, Ordering::Relaxed);
                        report(&outcome);
                        println!("again: cargo xtask contention --seed {}", outcome.seed);
                        is_over.fetch_or(!cli.keep_going, Ordering::Relaxed);
                    }
                    progress(tally.episodes, cli.seeds, bad.load(Ordering::Relaxed));
                }
            });
        }
    });
    let bad = bad.into_inner();
    let tally = tally.into_inner().unwrap();
    let took = begun.elapsed();
    println!(
        "\n{} episodes, {bad} found wanting, {} s, {} ms each",
        tally.episodes,
        took.as_secs(),
        took.as_millis() * cli.threads.max(1) as u128 / tally.episodes.max(1) as u128
    );
    println!(
        "{} Commits, {} other entries, {} processes ended; of {} things asked for {} done, {} refused, {} not lived to answer",
        tally.commits, tally.messages, tally.ends, tally.asked, tally.done, tally.refused, tally.unheard
    );
    code(bad == 0)
}

fn code(is_good: bool) -> ExitCode {
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn report(outcome: &Outcome) {
    if outcome.is_good() {
        println!("\nseed {}: all is well", outcome.seed);
    }
    for finding in &outcome.findings {
        println!("\nseed {}: {finding}", outcome.seed);
    }
}

/// One line that is written over, on a terminal; elsewhere now and then one.
fn progress(played: usize, of: usize, bad: usize) {
    let mut out = std::io::stdout();
    let line = format!("[{played}/{of}] {bad} found wanting");
    let _ = if out.is_terminal() {
        write!(out, "\r\x1b[2K{line}").and_then(|()| out.flush())
    } else if played.is_multiple_of(10) {
        writeln!(out, "{line}")
    } else {
        Ok(())
    };
}
