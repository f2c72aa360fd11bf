//! npm's packages and scripts.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{exists, program, run};
use crate::stamp;

/// npm in a package's folder.
pub(crate) fn npm(folder: &Path) -> Command {
    let mut command = program("npm");
    command.current_dir(folder);
    command
}

/// Installs what the package's lock file names, unless it is there already.
pub(crate) fn install(folder: &Path) -> Result<()> {
    if !exists("npm") {
        bail!(
            "npm is missing: install Node 20.19 or newer, from https://nodejs.org or your system's packages"
        );
    }
    let lock = folder.join("package-lock.json");
    let inputs = [folder.join("package.json"), lock.clone()];
    // npm writes this file last, so a broken-off installation is not taken for a whole one.
    let installed = folder.join("node_modules/.package-lock.json");
    let verb = if lock.is_file() { "ci" } else { "install" };
    stamp::when_changed(folder, "install", &inputs, &[installed], || {
        run(npm(folder).args([verb, "--no-audit", "--no-fund", "--loglevel=error"]))
    })?;
    Ok(())
}

/// Runs a script of the package.
pub(crate) fn script(folder: &Path, name: &str) -> Result<()> {
    run(npm(folder).args(["run", "--silent", name]))
}

/// Whether the package has this script.
pub(crate) fn has_script(folder: &Path, name: &str) -> Result<bool> {
    let path = folder.join("package.json");
    if !path.is_file() {
        return Ok(false);
    }
    let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let package: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    Ok(package.pointer(&format!("/scripts/{name}")).is_some())
}
