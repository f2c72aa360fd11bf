//! Running other programs: saying which, and what became of them.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::paths;

/// A heading in the output.
pub(crate) fn heading(text: &str) {
    println!("\n── {text}");
}

/// One line on what is being done and why.
pub(crate) fn note(text: &str) {
    println!("   {text}");
}

/// A program to be run in the workspace's folder.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(paths::root());
    // What cargo and rustup set for this program is not meant for the next one: a build script that watches such a
    // variable would be run again each time, and another toolchain would load this one's libraries.
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if name == "CARGO"
            || name == "LD_LIBRARY_PATH"
            || name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
        {
            command.env_remove(&variable);
        }
    }
    command
}

/// The cargo that this program was started with.
pub(crate) fn cargo() -> Command {
    program("cargo")
}

/// Runs to the end, its output passing through.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    println!("   $ {line}");
    let status = command
        .status()
        .with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs to the end and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = line(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed something that is not text"))
}

/// Runs to the end in silence; whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether a program of this name is in the `PATH`.
pub(crate) fn exists(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

fn line(command: &Command) -> String {
    let mut words = vec![shorten(command.get_program())];
    words.extend(command.get_args().map(shorten));
    words.join(" ")
}

/// Paths inside the workspace are shown from its folder.
fn shorten(word: &OsStr) -> String {
    let root = paths::root();
    match Path::new(word).strip_prefix(&root) {
        Ok(inside) if !inside.as_os_str().is_empty() => inside.to_string_lossy().into_owned(),
        _ => word.to_string_lossy().into_owned(),
    }
}
