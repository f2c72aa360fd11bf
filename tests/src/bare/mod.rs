//! The bare relay, `sotto-bare`: a limit to measure the server against, not a product.
//!
//! It is the least program that does the server's work as the load generator sees it: messages come in by WebSocket, become
//! durable in SQLite, and go out again. There is no authentication beyond looking up a token, no membership, no retry that is
//! recognised, no bound on anything, no cursor, nothing that is erased, no metric, no REST. Whoever sends to it is trusted.
//! What the server takes beyond this is the price of its promises.
//!
//! ```text
//! sockets → relay: one thread, epoll, frames read where they lie, encoded once for all who get them
//!             → batch: what has come in while the last batch was written
//!             → writer: one thread, one transaction a batch; when it is durable, back to the relay
//! relay → one write a socket and turn: the answers to the senders, the entries to the others
//! ```
//!
//! With `--volatile` there is no writer, and a batch goes out in the turn in which it came in.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it keeps the time itself, and talks to whoever started it"
)]

mod batch;
mod chats;
mod connection;
mod connections;
mod handshake;
mod relay;
#[cfg(test)]
mod tests;
mod wake;
mod websocket;
mod writer;

use crate::load::accounts::Roster;
use anyhow::{Context as _, Result};
use clap::Parser;
use relay::Relay;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use wake::Wake;
use writer::Writer;

/// Relays messages with as little work as that takes: a limit to measure the server against, not a product.
#[derive(Debug, Parser)]
#[command(name = "sotto-bare", max_term_width = 110)]
struct Cli {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// The accounts and chats, as the load generator keeps them
    #[arg(long, value_name = "FILE")]
    roster: PathBuf,

    /// The database that messages are written to, which must not be there yet
    #[arg(long, value_name = "FILE", required_unless_present = "volatile")]
    database: Option<PathBuf>,

    /// Relay without a database
    #[arg(long, conflicts_with = "database")]
    volatile: bool,
}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sotto-bare: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let roster = Roster::read(&cli.roster)?;
    let wake = Arc::new(Wake::new()?);
    wake.at_signals()?;
    let writer = match &cli.database {
        Some(database) => Some(Writer::start(database, Arc::clone(&wake))?),
        None => None,
    };
    let listener =
        TcpListener::bind(cli.listen).with_context(|| format!("cannot listen on {}", cli.listen))?;
    let address = listener.local_addr()?;
    let relay = Relay::new(listener, &roster, writer, wake)?;
    println!("The bare relay is ready: http://{address}");
    relay.run()
}
