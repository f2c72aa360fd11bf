//! The browsers that tests drive.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::apt;

const CHROMIUM: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];
const DRIVER: [&str; 1] = ["chromedriver"];

/// Chromium's program: `$CHROMIUM`, or the one in the path, or Debian's, installed now.
pub(crate) fn chromium() -> Result<PathBuf> {
    find("CHROMIUM", &CHROMIUM, &["chromium"])
}

/// Firefox's program: `$FIREFOX`, or as above.
pub(crate) fn firefox() -> Result<PathBuf> {
    find("FIREFOX", &FIREFOX, &["firefox-esr"])
}

/// The server through which a test drives it: `$CHROMEDRIVER`, or as above.
pub(crate) fn driver() -> Result<PathBuf> {
    find("CHROMEDRIVER", &DRIVER, &["chromium", "chromium-driver"])
}

fn find(variable: &str, names: &[&str], packages: &[&str]) -> Result<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        return Ok(PathBuf::from(path));
    }
    if let Some(path) = in_path(names) {
        return Ok(path);
    }
    apt::install(packages, "testing in a browser")?;
    in_path(names).with_context(|| {
        format!(
            "{} is installed but not in the path; set {variable}",
            packages.join(" ")
        )
    })
}

fn in_path(names: &[&str]) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let programs =
        env::split_paths(&folders).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    programs.into_iter().find(|program| program.is_file())
}
