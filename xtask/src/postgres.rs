//! PostgreSQL, for the tests of the server's stores: they start servers of their own.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::apt;
use crate::command::exists;

/// Where Debian keeps the programs, a folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Installs PostgreSQL if its programs are not here.
pub(crate) fn install() -> Result<()> {
    if exists("initdb") || is_in_debians_place() {
        return Ok(());
    }
    apt::install(&["postgresql"], "testing with PostgreSQL")
}

fn is_in_debians_place() -> bool {
    let versions = fs::read_dir(Path::new(DEBIAN)).into_iter().flatten().flatten();
    versions
        .into_iter()
        .any(|version| version.path().join("bin/initdb").is_file())
}
