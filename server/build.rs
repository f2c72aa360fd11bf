//! Picks the web app that goes into the binary: `web/dist` if it has been built, otherwise a page that says how.

use std::env;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let built = here.join("../web/dist");
    // A path that does not exist would make cargo run this, and build the server, every time: so an empty folder,
    // which changes when something is built into it. Where it cannot be made, that price is paid.
    let _ = std::fs::create_dir(&built);
    let folder = if built.join("index.html").is_file() {
        built.canonicalize()?
    } else {
        here.join("placeholder")
    };
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=placeholder");
    println!("cargo::rerun-if-changed=../web/dist");
    println!("cargo::rustc-env=SOTTO_EMBEDDED_WEB={}", folder.display());
    Ok(())
}
