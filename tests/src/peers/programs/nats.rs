use super::{Place, Program, free_address, spawn, wait_until_listening};
use anyhow::Result;
use std::process::Command;

/// Starts NATS, its core alone: it keeps nothing on disk.
pub(crate) fn start(place: &Place) -> Result<Program> {
    let folder = place.folder()?;
    let address = free_address()?;
    let log = folder.path().join("log");
    let mut command = Command::new("nats-server");
    command
        .args(["--addr", "127.0.0.1", "--port", &address.port().to_string()])
        .current_dir(folder.path());
    let mut child = spawn(&mut command, &place.cores, &log)?;
    wait_until_listening(address, &mut child, &log)?;
    Ok(Program {
        address,
        children: vec![child],
        folder,
    })
}
