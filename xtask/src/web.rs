//! The web app, as the server embeds it.

use anyhow::{Result, bail};

use crate::command::{heading, note};
use crate::{npm, paths, stamp, wasm};

/// Builds the browser's client and the web app.
pub(crate) fn build(arguments: &wasm::Arguments) -> Result<()> {
    wasm::build(arguments)?;
    heading("The web app");
    let web = paths::web();
    if !web.join("package.json").is_file() {
        bail!("web/package.json is missing: is this checkout whole?");
    }
    npm::install(&web)?;
    let client = paths::package().join("dist");
    let files = ["index.js", "wake-up.js", "worker.js", "sotto_wasm_bg.wasm"].map(|name| client.join(name));
    let inputs: Vec<_> = std::iter::once(web.clone()).chain(files).collect();
    let distribution = web.join("dist");
    let built = stamp::when_changed(&web, "build", &inputs, &[distribution.join("index.html")], || {
        npm::script(&web, "build")
    })?;
    note(if built {
        "built into web/dist"
    } else {
        "web/dist is up to date"
    });
    Ok(())
}
