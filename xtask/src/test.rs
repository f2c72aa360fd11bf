//! All tests, in the order in which a failure costs least time.

use std::path::Path;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::command::{cargo, heading, note, run};
use crate::wasm::toolchain;
use crate::{browser, faults, npm, paths, python, tools, wasm, web};

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// Which tests; all if none is named
    #[arg(value_enum)]
    suites: Vec<Suite>,

    #[command(flatten)]
    wasm: wasm::Arguments,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// The tests of all crates: `cargo test`
    Native,
    /// What the SDK does differently in a browser, in Chromium
    Wasm,
    /// The unit tests of the npm package and of the web app
    Npm,
    /// The server, the web app and a native client, end to end in Chromium
    Browser,
}

impl Suite {
    const ALL: [Self; 4] = [Self::Native, Self::Wasm, Self::Npm, Self::Browser];
}

/// Runs the tests, setting up first what they need.
pub(crate) fn test(arguments: &Arguments) -> Result<()> {
    let suites = if arguments.suites.is_empty() {
        Suite::ALL.as_slice()
    } else {
        &arguments.suites
    };
    let mut failed = Vec::new();
    for suite in suites {
        let result = match suite {
            Suite::Native => native(),
            Suite::Wasm => in_browser(&arguments.wasm),
            Suite::Npm => units(&arguments.wasm),
            Suite::Browser => end_to_end(&arguments.wasm),
        };
        // Who mends one suite wants to know of the others too.
        if let Err(error) = result {
            note(&format!("{error:#}; going on with the other tests"));
            failed.push(format!("{error:#}"));
        }
    }
    if !failed.is_empty() {
        bail!("not all tests passed: {}", failed.join("; "));
    }
    Ok(())
}

fn native() -> Result<()> {
    heading("Tests of all crates");
    python::MOTO.path()?;
    faults::install_tools()?;
    run(cargo().args(["test", "--workspace", "--no-fail-fast"]))
}

fn in_browser(arguments: &wasm::Arguments) -> Result<()> {
    heading("Tests of the SDK in Chromium");
    let toolchain = toolchain::find(arguments.toolchain)?;
    let runner = tools::WASM_TEST_RUNNER.path()?;
    let driver = browser::driver()?;
    run(toolchain
        .cargo("test")
        .args(["--package", "sotto-client-sdk", "--test", "browser"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("CHROMEDRIVER", driver)
        // Key stretching is slow where nothing is optimised.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180"))
}

fn units(arguments: &wasm::Arguments) -> Result<()> {
    // The web app's tests and both type checks import the built package.
    wasm::build(arguments)?;
    for folder in [paths::package(), paths::web()] {
        let name = folder
            .strip_prefix(paths::root())
            .unwrap_or(&folder)
            .display()
            .to_string();
        heading(&format!("Types and unit tests of {name}"));
        npm::install(&folder)?;
        scripts(&folder, &["format:check", "check", "test"])?;
    }
    Ok(())
}

/// Runs those of the scripts that the package has.
fn scripts(folder: &Path, names: &[&str]) -> Result<()> {
    for name in names {
        if npm::has_script(folder, name)? {
            npm::script(folder, name)?;
        }
    }
    Ok(())
}

fn end_to_end(arguments: &wasm::Arguments) -> Result<()> {
    web::build(arguments)?;
    let chromium = browser::chromium()?;
    let tests = paths::browser_tests();
    npm::install(&tests)?;
    heading("The web app in Chromium, over a client of the tests' own");
    run(npm::npm(&paths::web())
        .args(["run", "--silent", "test:browser"])
        .env("CHROMIUM", &chromium))?;
    heading("Server, web app and native client, end to end in Chromium");
    run(cargo().args([
        "build",
        "--package",
        "sotto-server",
        "--package",
        "sotto-terminal",
    ]))?;
    scripts(&tests, &["format:check", "check"])?;
    note("screenshots are written to tests/output");
    let built = paths::target().join("debug");
    run(npm::npm(&tests)
        .args(["run", "--silent", "test"])
        .env("CHROMIUM", chromium)
        .env("SOTTO_SERVER_BIN", built.join("sotto-server"))
        .env("SOTTO_TERMINAL_BIN", built.join("sotto")))
}
