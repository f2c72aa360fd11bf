//! The peers: `cargo xtask peers` measures ejabberd, Prosody, mosquitto and NATS beside Sotto, in one run, by one generator.
//!
//! ```text
//! programs: each started by us on a free port, in a folder of its own, on the server's cores, ended by its process id
//! wire: what a client says, as a Session of the load generator's engine
//! ```
//!
//! The work is the same for all: pairs of clients, 300-byte bodies, and the recipient confirms each message through the server
//! (XMPP by a receipt as in XEP-0184, MQTT and NATS by a message on the sender's own subject, Sotto by a marker), so that
//! a message is done when its sender knows that it has arrived.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it measures and prints"
)]

mod measure;
mod programs;
mod table;
mod wire;

use crate::load::machine::Cores;
use anyhow::Result;
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use table::Table;

/// Measures ejabberd, Prosody, mosquitto and NATS beside Sotto.
#[derive(Clone, Debug, Parser)]
#[command(name = "sotto-peers", bin_name = "cargo xtask peers", max_term_width = 110)]
struct Cli {
    /// Only those whose name contains this
    #[arg(long)]
    only: Option<String>,

    /// Sotto's server
    #[arg(long, value_name = "FILE", env = "SOTTO_SERVER_BIN")]
    server_binary: PathBuf,

    /// Folder for databases, on the disk to be measured
    #[arg(
        long,
        value_name = "FOLDER",
        env = "SOTTO_LOAD_STATE",
        default_value = "target/load"
    )]
    state: PathBuf,

    /// Cores for the servers [default: the first half]
    #[arg(long, value_name = "CORES")]
    server_cores: Option<Cores>,

    /// Cores for the load, a thread each [default: those that the servers leave]
    #[arg(long, value_name = "CORES")]
    load_cores: Option<Cores>,

    /// Seconds to measure each
    #[arg(long, default_value_t = 8)]
    seconds: u64,

    /// Connections when there are many: half as many pairs, one message of each under way
    #[arg(long, default_value_t = 4_000)]
    connections: usize,

    /// Bytes of a message's body
    #[arg(long, default_value_t = 300)]
    payload: usize,

    /// Write the table there, in Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,

    /// Write the figures there
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<bool> {
    let mut table = Table::default();
    for peer in measure::Peer::ALL {
        if cli.only.as_ref().is_some_and(|only| !peer.name().contains(only)) {
            continue;
        }
        println!("\n── {}", peer.name());
        match peer.measure(cli) {
            Ok(figures) => table.add(peer, figures),
            Err(error) => {
                println!("  could not be measured: {error:#}");
                table.failed(peer, &error);
            }
        }
    }
    println!("\n{}", table.markdown());
    table.write(cli.markdown.as_deref(), cli.json.as_deref())?;
    Ok(table.is_whole())
}
