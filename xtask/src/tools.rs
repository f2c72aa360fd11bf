//! Cargo programs that are built once, into `target/tools`, at the versions that stand here.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::command::{cargo, exists, note, run};
use crate::{apt, paths};

/// Installs `make`, with which the server's allocator is built, where it is missing: a C compiler alone does not bring it.
pub(crate) fn make() -> Result<()> {
    if exists("make") {
        return Ok(());
    }
    apt::install(&["make"], "building the server's allocator")
}

/// A program of a crate.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) program: &'static str,
}

/// Licences, sources, bans, advisories.
pub(crate) const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
};

/// Runs tests that are compiled for the browser. Of the same version as the crate `wasm-bindgen`.
pub(crate) const WASM_TEST_RUNNER: Tool = Tool {
    name: "wasm-bindgen-cli",
    version: "0.2.130",
    program: "wasm-bindgen-test-runner",
};

impl Tool {
    /// The program's path; builds it if it is not there in this version.
    pub(crate) fn path(&self) -> Result<PathBuf> {
        let folder = paths::target()
            .join("tools")
            .join(format!("{}-{}", self.name, self.version));
        let program = folder.join("bin").join(self.program);
        if !program.is_file() {
            note(&format!(
                "building {} {} once; this takes some minutes",
                self.name, self.version
            ));
            if self.install(&folder, &["--locked"]).is_err() {
                // A mirror of the registry may lack the newest version that the tool's own lock file names.
                note("its locked dependencies cannot be had: taking those that can");
                self.install(&folder, &[])?;
            }
        }
        Ok(program)
    }

    fn install(&self, folder: &Path, arguments: &[&str]) -> Result<()> {
        let mut command = cargo();
        command
            .args([
                "install",
                "--quiet",
                "--no-default-features",
                "--version",
                self.version,
            ])
            .args(arguments);
        command.args(["--bin", self.program, "--root"]).arg(folder);
        command
            .arg("--target-dir")
            .arg(paths::target().join("tools/build"));
        // Run a few times each: to optimise it well takes longer than it ever saves.
        command
            .arg("--debug")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        run(command.arg(self.name))
    }
}
