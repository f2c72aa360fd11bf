//! `cargo xtask …`: what building, running and testing all of Sotto takes beyond a plain cargo command, on a machine
//! that has Rust, Node and a C compiler and nothing else.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program talks to whoever typed its name"
)]

mod apt;
mod bench;
mod browser;
mod ci;
mod cluster;
mod command;
mod compress;
mod conformance;
mod contention;
mod dependencies;
mod faults;
mod load;
mod nats;
mod npm;
mod paths;
mod peers;
mod postgres;
mod python;
mod run;
mod stamp;
mod test;
mod tools;
mod tour;
mod wasm;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs and tests all of Sotto on a fresh machine.
///
/// What is missing is installed, each step saying what it does. What has not changed is not built again.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything, start the server with the web app inside it, and print the address to open
    Run(run::Arguments),
    /// Build everything and start three nodes on PostgreSQL and NATS, with one address for all of them
    Cluster(cluster::Arguments),
    /// Run all tests, or those named: cargo's, the WASM ones in Chromium, npm's, and the browsers end to end
    Test(test::Arguments),
    /// Walk through every page of the web app in Chromium and in Firefox, and take pictures of all of them
    Tour(tour::Arguments),
    /// Build the client for the browser into the npm package wasm/package
    Wasm(wasm::Arguments),
    /// Build the web app into web/dist, from where the server takes it
    Web(wasm::Arguments),
    /// Check that no crate depends on what design forbids it to see, and which libraries may be there twice
    CheckDependencies,
    /// Check licences, sources and bans with cargo-deny, and advisories where their database can be reached
    Deny,
    /// Run clippy as CI does: warnings are errors, for the native crates and for the browser's
    Lint(wasm::Arguments),
    /// Run suites that others wrote against our protocols: Autobahn for WebSockets, schemathesis for REST
    Conformance,
    /// Kill, stall and cut off servers while people talk, and check that nothing acknowledged is lost, doubled or moved
    Faults(faults::Arguments),
    /// Let many commit at once, go offline and retry, in simulations from seeds, and check that nothing and nobody is lost
    Contention(contention::Arguments),
    /// Run the benchmarks, and print the sizes of what a browser downloads
    Bench(bench::Arguments),
    /// Put load on a server and say what became of it: throughput, latencies, memory, processor; nothing lost or doubled
    Load(load::Arguments),
    /// Measure ejabberd, Prosody, mosquitto and NATS beside Sotto, with the same work in one run
    Peers(peers::Arguments),
}

fn main() -> ExitCode {
    let task = Cli::parse().task;
    let done = tools::make().and_then(|()| match task {
        Task::Run(arguments) => run::run(&arguments),
        Task::Cluster(arguments) => cluster::cluster(&arguments),
        Task::Test(arguments) => test::test(&arguments),
        Task::Tour(arguments) => tour::tour(&arguments),
        Task::Wasm(arguments) => wasm::build(&arguments).map(drop),
        Task::Web(arguments) => web::build(&arguments),
        Task::CheckDependencies => dependencies::check(),
        Task::Deny => ci::deny(),
        Task::Lint(arguments) => ci::lint(&arguments),
        Task::Conformance => conformance::websocket().and_then(|()| conformance::rest()),
        Task::Faults(arguments) => faults::faults(&arguments),
        Task::Contention(arguments) => contention::contention(&arguments),
        Task::Bench(arguments) => bench::bench(&arguments),
        Task::Load(arguments) => load::load(&arguments),
        Task::Peers(arguments) => peers::peers(&arguments),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent_and_every_task_explains_itself() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        for task in command.get_subcommands() {
            assert!(
                task.get_name() == "help" || task.get_about().is_some(),
                "{}",
                task.get_name()
            );
        }
    }
}
