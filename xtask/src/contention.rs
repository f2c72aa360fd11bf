//! What becomes of people who commit at once.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, heading, program, run};
use crate::paths;

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// Cargo's profile for server and clients
    #[arg(long, default_value = "profiling")]
    profile: String,

    /// Seeds, minutes and more; `-- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    arguments: Vec<OsString>,
}

/// Builds the simulation, and plays episodes of it.
pub(crate) fn contention(arguments: &Arguments) -> Result<()> {
    heading("The simulation, with server and clients");
    run(cargo().args([
        "build",
        "--profile",
        &arguments.profile,
        "--package",
        "sotto-tests",
        "--bin",
        "sotto-contention",
    ]))?;
    heading("Episodes");
    run(program(paths::built(&arguments.profile).join("sotto-contention")).args(&arguments.arguments))
}
