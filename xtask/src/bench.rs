//! The figures.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;

use crate::command::{cargo, heading, note, output, run};
use crate::{browser, npm, paths, wasm, web};

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// Benchmarks whose name contains this; all if left out
    filter: Option<String>,

    #[command(flatten)]
    wasm: wasm::Arguments,
}

/// Runs all benchmarks of the crates, then those in the browser, and prints the sizes.
pub(crate) fn bench(arguments: &Arguments) -> Result<()> {
    for package in packages_with_benchmarks()? {
        heading(&format!("Benchmarks of {package}"));
        let mut command = cargo();
        command.args(["bench", "--package", &package, "--benches"]);
        if let Some(filter) = &arguments.filter {
            command.args(["--", filter]);
        }
        run(&mut command)?;
    }
    if arguments.filter.is_none() {
        web::build(&arguments.wasm)?;
        heading("What a browser downloads");
        wasm::print_sizes()?;
        let tests = paths::browser_tests();
        if npm::has_script(&tests, "bench")? {
            heading("First load in Chromium");
            run(cargo().args(["build", "--release", "--package", "sotto-server"]))?;
            npm::install(&tests)?;
            run(npm::npm(&tests)
                .args(["run", "--silent", "bench"])
                .env("CHROMIUM", browser::chromium()?)
                .env("SOTTO_SERVER_BIN", paths::target().join("release/sotto-server")))?;
        }
    }
    note("docs/performance.md says what the figures mean");
    Ok(())
}

fn packages_with_benchmarks() -> Result<BTreeSet<String>> {
    let text = output(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not as expected")?;
    let packages = metadata
        .pointer("/packages")
        .and_then(Value::as_array)
        .context("cargo metadata lists no packages")?;
    let has_benchmarks = |package: &&Value| {
        let targets = package
            .pointer("/targets")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        targets
            .filter_map(|target| target.pointer("/kind/0"))
            .any(|kind| kind == "bench")
    };
    let names = packages
        .iter()
        .filter(has_benchmarks)
        .filter_map(|package| package.pointer("/name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}
