//! The whole of Sotto on this machine.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::wasm;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Where the database lives; made if it is not there
    #[arg(long, default_value = "data")]
    data: PathBuf,

    /// The port to listen on, on this machine only
    #[arg(long, default_value_t = 8080)]
    port: u16,

    /// Build as for production: slower to build, faster to run
    #[arg(long)]
    release: bool,

    #[command(flatten)]
    wasm: wasm::Arguments,
}

pub(crate) fn run(_arguments: &Arguments) -> Result<()> {
    Ok(())
}
