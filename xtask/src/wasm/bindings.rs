//! What stands between the compiled module and JavaScript.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::command::{note, program, run};
use crate::paths;

/// The module as the package ships it.
pub(crate) const MODULE: &str = "sotto_wasm_bg.wasm";

/// What rustc emits for its baseline of WebAssembly, and by .cargo/config.toml, by name: with `--all-features` the optimiser also emits what
/// browsers do not take yet.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Writes the module and its JavaScript and TypeScript into the folder.
pub(crate) fn generate(compiled: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("could not empty {}", folder.display()))?;
    }
    note("making the JavaScript bindings");
    Bindgen::new()
        .input_path(compiled)
        .out_name("sotto_wasm")
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The worker is told where the module is; a default address would make bundlers pack it twice.
        .omit_default_module_path(true)
        .generate(folder)
        .context("the bindings could not be generated")?;
    optimise(&folder.join(MODULE))
}

/// Writes a program and the JavaScript by which node runs it into the folder. Returns what node is to be given.
pub(crate) fn generate_for_node(compiled: &Path, name: &str, folder: &Path) -> Result<PathBuf> {
    Bindgen::new()
        .input_path(compiled)
        .out_name(name)
        .nodejs(true)?
        .typescript(false)
        .generate(folder)
        .context("the bindings could not be generated")?;
    Ok(folder.join(name).with_extension("js"))
}

fn optimise(module: &Path) -> Result<()> {
    let wasm_opt = paths::package().join("node_modules/.bin/wasm-opt");
    if !wasm_opt.exists() {
        note("wasm-opt is not there (npm's package binaryen): the module stays about a tenth larger");
        return Ok(());
    }
    let small = module.with_extension("optimised");
    run(program(wasm_opt)
        .arg(module)
        .arg("-Os")
        .args(FEATURES)
        .arg("-o")
        .arg(&small))?;
    fs::rename(&small, module).with_context(|| format!("could not replace {}", module.display()))
}
