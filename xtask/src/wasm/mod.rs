//! The browser's client: `sotto-wasm` compiled, bound, made small, and packed into the npm package.

mod bindings;
pub(crate) mod toolchain;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;

use self::toolchain::{Route, Toolchain};
use crate::command::{heading, note, output, program, run};
use crate::{compress, npm, paths, stamp};

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// The Rust toolchain that compiles for the browser
    #[arg(long, value_enum, default_value_t)]
    pub(crate) toolchain: Route,
}

/// Builds the npm package, ready to be imported. Returns the toolchain that was found.
pub(crate) fn build(arguments: &Arguments) -> Result<Toolchain> {
    heading("The client for the browser");
    let toolchain = toolchain::find(arguments.toolchain)?;
    let compiled = compile(toolchain)?;
    let package = paths::package();
    npm::install(&package)?;

    let bound = package.join("pkg");
    let module = bound.join(bindings::MODULE);
    let made_anew = stamp::when_changed(
        &package,
        "bindings",
        &[compiled.clone(), npm_lock()],
        std::slice::from_ref(&module),
        || bindings::generate(&compiled, &bound),
    )?;

    let distribution = package.join("dist");
    let inputs = [
        "src",
        "package.json",
        "tsconfig.json",
        "tsconfig.base.json",
        "tsconfig.worker.json",
        "vite.config.ts",
    ]
    .map(|name| package.join(name));
    let inputs: Vec<_> = inputs.into_iter().chain([module.clone()]).collect();
    let outputs =
        ["index.js", "wake-up.js", "worker.js", bindings::MODULE].map(|name| distribution.join(name));
    let packed = stamp::when_changed(&package, "build", &inputs, &outputs, || {
        if distribution.exists() {
            fs::remove_dir_all(&distribution).context("could not empty wasm/package/dist")?;
        }
        npm::script(&package, "build")
    })?;
    if made_anew || packed {
        print_sizes()?;
    } else {
        note("wasm/package/dist is up to date");
    }
    Ok(toolchain)
}

/// Runs a benchmark of the SDK as browsers would, compiled as it is for them, under node.
pub(crate) fn bench(arguments: &Arguments, name: &str) -> Result<()> {
    heading(&format!("Benchmark {name} in WebAssembly, under node"));
    let toolchain = toolchain::find(arguments.toolchain)?;
    let built = output(
        toolchain
            .cargo("build")
            .args([
                "--profile",
                "wasm",
                "--package",
                "sotto-client-sdk",
                "--bench",
                name,
            ])
            .args(["--message-format", "json-render-diagnostics"]),
    )?;
    let compiled = built
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|artifact| artifact.pointer("/target/name").and_then(Value::as_str) == Some(name))
        .find_map(|artifact| artifact.get("executable")?.as_str().map(PathBuf::from))
        .with_context(|| format!("cargo names no program for the benchmark {name}"))?;
    let folder = toolchain.target_folder().join("bench");
    let script = bindings::generate_for_node(&compiled, name, &folder)?;
    run(program("node").arg(script))
}

/// Prints what a browser downloads of the client.
pub(crate) fn print_sizes() -> Result<()> {
    let distribution = paths::package().join("dist");
    for name in [bindings::MODULE, "worker.js", "wake-up.js"] {
        let path = distribution.join(name);
        let bytes = fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
        note(&format!("{name}: {}", compress::sizes(&bytes)?));
    }
    Ok(())
}

fn compile(toolchain: Toolchain) -> Result<PathBuf> {
    run(toolchain
        .cargo("build")
        .args(["--profile", "wasm", "--package", "sotto-wasm"]))?;
    Ok(toolchain
        .target_folder()
        .join(toolchain::TARGET)
        .join("wasm/sotto_wasm.wasm"))
}

fn npm_lock() -> PathBuf {
    paths::package().join("package-lock.json")
}
