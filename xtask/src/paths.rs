//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    // Moved checkouts keep a compiled xtask; cargo sets the variable anew for each run.
    let xtask = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map(Path::to_path_buf).unwrap_or(xtask)
}

/// Cargo's target directory for native code.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |path| root().join(path))
}

/// Where cargo puts what it builds with this profile.
pub(crate) fn built(profile: &str) -> PathBuf {
    target().join(if profile == "dev" { "debug" } else { profile })
}

/// The npm package of the browser client.
pub(crate) fn package() -> PathBuf {
    root().join("wasm/package")
}

/// The web app.
pub(crate) fn web() -> PathBuf {
    root().join("web")
}

/// The tests that drive browsers.
pub(crate) fn browser_tests() -> PathBuf {
    root().join("tests/browser")
}
