//! Load on the server, and what became of it.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, heading, program, run};
use crate::paths;

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// Cargo's profile for server and generator
    #[arg(long, default_value = "release")]
    profile: String,

    /// A mode and its options; `help` lists them
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true,
        value_name = "MODE"
    )]
    arguments: Vec<OsString>,
}

/// Builds server, bare relay and generator, and runs the generator, which starts the others.
pub(crate) fn load(arguments: &Arguments) -> Result<()> {
    heading("The server, the bare relay and the load generator");
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
        "sotto-load",
        "--bin",
        "sotto-bare",
    ]))?;
    heading("Load");
    let built = paths::built(&arguments.profile);
    run(program(built.join("sotto-load"))
        .args(&arguments.arguments)
        .env("SOTTO_SERVER_BIN", built.join("sotto-server"))
        .env("SOTTO_LOAD_STATE", paths::target().join("load")))
}
