//! What CI asks beyond the tests.

use anyhow::Result;

use crate::command::{cargo, heading, note, output, program, run, succeeds};
use crate::wasm::toolchain::{self, Toolchain};
use crate::{tools, wasm};

const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";

/// Licences, bans and sources; advisories where their database can be reached.
pub(crate) fn deny() -> Result<()> {
    heading("Licences, sources, bans, advisories");
    let tool = tools::CARGO_DENY.path()?;
    let mut checks = vec!["licenses", "bans", "sources"];
    let reachable = succeeds(
        program("timeout")
            .args(["20", "git", "ls-remote", "--exit-code", ADVISORIES, "HEAD"])
            .env("GIT_TERMINAL_PROMPT", "0"),
    );
    if reachable {
        checks.push("advisories");
    } else {
        note("the advisory database cannot be reached from here: advisories are not checked this time");
    }
    run(program(tool).args(["--log-level", "error", "check"]).args(checks))
}

/// Clippy, with warnings as errors.
pub(crate) fn lint(arguments: &wasm::Arguments) -> Result<()> {
    heading("Lints, native");
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    heading("Lints, browser");
    let toolchain = toolchain::find(arguments.toolchain)?;
    let packages = ["--package", "sotto-client-sdk", "--package", "sotto-wasm"];
    if toolchain == Toolchain::Debian && output(toolchain.cargo("clippy").arg("--version")).is_err() {
        note("Debian's toolchain has no clippy: checking only that it compiles");
        return run(toolchain.cargo("check").args(packages));
    }
    run(toolchain
        .cargo("clippy")
        .args(packages)
        .args(["--", "-D", "warnings"]))
}
