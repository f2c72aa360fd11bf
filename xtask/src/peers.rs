//! Sotto beside its peers.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, heading, program, run};
use crate::{apt, paths};

/// The peers, as Debian names them, and a program of each.
const PACKAGES: [(&str, &str); 6] = [
    ("ejabberd", "/usr/sbin/ejabberdctl"),
    ("prosody", "/usr/bin/prosody"),
    ("mosquitto", "/usr/sbin/mosquitto"),
    ("nats-server", "/usr/sbin/nats-server"),
    ("postgresql", "/usr/lib/postgresql"),
    ("lua-dbi-sqlite3", "/usr/share/lua/5.1/DBI.lua"),
];

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// Cargo's profile for server and generator
    #[arg(long, default_value = "release")]
    profile: String,

    /// Options of the comparison; `--help` after `--` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    arguments: Vec<OsString>,
}

/// Installs the peers, builds server and generator, and measures them one after the other.
pub(crate) fn peers(arguments: &Arguments) -> Result<()> {
    let missing: Vec<&str> = PACKAGES
        .iter()
        .filter(|(_, file)| !std::path::Path::new(file).exists())
        .map(|(package, _)| *package)
        .collect();
    if !missing.is_empty() {
        apt::install(&missing, "the comparison with the peers")?;
    }
    heading("The server and the load generator");
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
        "sotto-peers",
    ]))?;
    let built = paths::built(&arguments.profile);
    run(program(built.join("sotto-peers"))
        .args(&arguments.arguments)
        .env("SOTTO_SERVER_BIN", built.join("sotto-server"))
        .env("SOTTO_LOAD_STATE", paths::target().join("load")))
}
