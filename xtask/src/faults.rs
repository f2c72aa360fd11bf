//! What becomes of a server whose surroundings break.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, exists, heading, program, run};
use crate::{apt, nats, paths, postgres};

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// Cargo's profile for server and clients
    #[arg(long, default_value = "dev")]
    profile: String,

    /// Rounds, seed, backend and more; `-- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    arguments: Vec<OsString>,
}

/// Builds server and clients, and breaks things.
pub(crate) fn faults(arguments: &Arguments) -> Result<()> {
    install_tools()?;
    heading("The server and those who talk over it");
    run(cargo().args([
        "build",
        "--profile",
        &arguments.profile,
        "--package",
        "sotto-server",
        "--package",
        "sotto-tests",
        "--bin",
        "sotto-server",
        "--bin",
        "sotto-faults",
    ]))?;
    heading("Faults");
    let built = paths::target().join(if arguments.profile == "dev" {
        "debug"
    } else {
        &arguments.profile
    });
    run(program(built.join("sotto-faults"))
        .args(&arguments.arguments)
        .env("SOTTO_SERVER_BIN", built.join("sotto-server")))
}

/// What the tests break, and what they break it with.
pub(crate) fn install_tools() -> Result<()> {
    postgres::install()?;
    nats::install("testing with several nodes")?;
    if exists("strace") {
        Ok(())
    } else {
        apt::install(&["strace"], "breaking the disk under a server")
    }
}
