//! Which Rust toolchain compiles for the browser: the one in use if it has the target or rustup can add it, else
//! Debian's, which builds the standard library from source.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::command::{cargo, exists, note, output, program, run, succeeds};
use crate::{apt, paths};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's cargo, rustc, the standard library's source, and a linker.
const DEBIAN_PACKAGES: [&str; 5] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "lld-22",
];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Route {
    /// The installed one, or rustup's, or Debian's: the first that works
    #[default]
    Auto,
    /// The toolchain in use, its target added by rustup if need be
    Rustup,
    /// Debian's packages, which build the standard library from source
    Debian,
}

/// A toolchain that can compile for the browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    Rustup,
    Debian,
}

/// Finds a toolchain, or installs one.
pub(crate) fn find(route: Route) -> Result<Toolchain> {
    if route != Route::Debian && (installed()? || add_target()) {
        return Ok(Toolchain::Rustup);
    }
    if route == Route::Rustup {
        bail!("rustup could not add {TARGET}; try --toolchain debian");
    }
    debian()
}

impl Toolchain {
    /// This toolchain's `cargo <verb>` for the browser's target, in a target directory of its own.
    pub(crate) fn cargo(self, verb: &str) -> Command {
        let mut command = match self {
            Self::Rustup => cargo(),
            Self::Debian => debian_cargo(),
        };
        command.arg(verb);
        if self == Self::Debian {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
            .args(["--target", TARGET, "--target-dir"])
            .arg(self.target_folder());
        command
    }

    /// Two compilers must not share a target directory.
    pub(crate) fn target_folder(self) -> PathBuf {
        paths::target().join(match self {
            Self::Rustup => "wasm",
            Self::Debian => "wasm-debian",
        })
    }
}

fn debian_cargo() -> Command {
    let mut command = program(DEBIAN_CARGO);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from("/usr/bin")).chain(std::env::split_paths(&path));
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
    // Building the standard library is an unstable feature of cargo; the compiler that it is used with is pinned by
    // the packages' own version.
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("RUSTC");
    command
}

/// Whether the toolchain in use has the target's standard library.
fn installed() -> Result<bool> {
    let sysroot = output(program("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .is_dir())
}

fn add_target() -> bool {
    if !exists("rustup") {
        return false;
    }
    note(&format!("asking rustup for the target {TARGET}"));
    let added = run(program("rustup").args(["target", "add", TARGET])).is_ok();
    if !added {
        note(
            "rustup could not add it, so Debian's own toolchain is next: it builds the standard library from source",
        );
    }
    added
}

fn debian() -> Result<Toolchain> {
    if !complete() {
        apt::install(&DEBIAN_PACKAGES, "compiling for the browser").map_err(|error| {
            error.context(format!(
                "no toolchain can compile for the browser. With rustup: rustup target add {TARGET}"
            ))
        })?;
    }
    Ok(Toolchain::Debian)
}

fn complete() -> bool {
    DEBIAN_PACKAGES
        .iter()
        .all(|package| succeeds(program("dpkg").args(["-s", package])))
}
