//! The load generator: `cargo xtask load`.
//!
//! ```text
//! options → modes → scene: a server of our own or one that runs, accounts (made by the real interface, kept in a file)
//!                 → run: a thread a core → workload → engine: epoll, thousands of clients → device: frames, checks
//!                 → report: throughput, latencies, memory, processor, soundness
//! ```
//!
//! Latencies count from the time at which a message was to be sent by the schedule, not from when the generator came to send
//! it: a server that stalls is not spared the messages that it kept waiting. Every entry is checked: none lost, none twice, none
//! out of order, no gap. A run with any of these fails.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it measures and prints"
)]

pub(crate) mod accounts;
mod device;
pub(crate) mod engine;
pub(crate) mod machine;
mod measure;
pub(crate) mod modes;
pub(crate) mod options;
pub(crate) mod report;
pub(crate) mod run;
mod scene;
mod seed;
mod server;
mod tls;
pub(crate) mod workload;

use clap::Parser as _;
use options::Cli;
use std::process::ExitCode;

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = modes::measure(&cli.mode, &cli.common).and_then(|outcome| {
        outcome.print();
        report::write(&*outcome, cli.common.json.as_deref())?;
        Ok(outcome.is_good())
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
