//! The figures.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;

use crate::command::{cargo, heading, note, output, run};
use crate::{browser, npm, paths, wasm, web};

/// The benchmark that browsers are measured by too.
const SEARCH: &str = "search";

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
    let is_wanted = |name: &str| {
        arguments
            .filter
            .as_deref()
            .is_none_or(|filter| name.contains(filter))
    };
    for (package, name) in benchmarks()? {
        if is_wanted(&name) {
            heading(&format!("Benchmark {name} of {package}"));
            run(cargo().args(["bench", "--package", &package, "--bench", &name]))?;
        }
    }
    if is_wanted(SEARCH) {
        wasm::bench(&arguments.wasm, SEARCH)?;
    }
    if arguments.filter.is_none() {
        web::build(&arguments.wasm)?;
        heading("What a browser downloads");
        wasm::print_sizes()?;
        let tests = paths::browser_tests();
        if npm::has_script(&tests, "bench")? {
            heading("First load, a long chat and a large file in Chromium");
            for (package, program) in [
                ("sotto-server", "sotto-server"),
                ("sotto-terminal", "sotto"),
                ("sotto-tests", "sotto-conversation"),
            ] {
                run(cargo().args(["build", "--release", "--package", package, "--bin", program]))?;
            }
            npm::install(&tests)?;
            let built = paths::target().join("release");
            run(npm::npm(&tests)
                .args(["run", "--silent", "bench"])
                .env("CHROMIUM", browser::chromium()?)
                .env("SOTTO_SERVER_BIN", built.join("sotto-server"))
                .env("SOTTO_TERMINAL_BIN", built.join("sotto"))
                .env("SOTTO_CONVERSATION_BIN", built.join("sotto-conversation")))?;
        }
    }
    note("docs/performance.md says what the figures mean");
    Ok(())
}

/// Every benchmark, by its package and its name.
fn benchmarks() -> Result<BTreeSet<(String, String)>> {
    let text = output(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not as expected")?;
    let packages = metadata
        .pointer("/packages")
        .and_then(Value::as_array)
        .context("cargo metadata lists no packages")?;
    let mut benchmarks = BTreeSet::new();
    for package in packages {
        let targets = package.pointer("/targets").and_then(Value::as_array);
        for target in targets.into_iter().flatten() {
            let is_benchmark = target.pointer("/kind/0").is_some_and(|kind| kind == "bench");
            let names = [package, target].map(|named| named.get("name")?.as_str());
            if let ([Some(package), Some(name)], true) = (names, is_benchmark) {
                benchmarks.insert((package.to_owned(), name.to_owned()));
            }
        }
    }
    Ok(benchmarks)
}
