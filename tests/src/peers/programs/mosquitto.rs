use super::{Place, Program, free_address, spawn, wait_until_listening};
use anyhow::Result;
use std::process::Command;

/// Starts mosquitto. It keeps nothing on disk.
pub(crate) fn start(place: &Place) -> Result<Program> {
    let folder = place.folder()?;
    let address = free_address()?;
    let config = folder.path().join("mosquitto.conf");
    let text = format!(
        "listener {} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nlog_dest stderr\n\
         log_type error\n",
        address.port()
    );
    std::fs::write(&config, text)?;
    let log = folder.path().join("log");
    let mut child = spawn(
        Command::new("mosquitto").arg("-c").arg(&config),
        &place.cores,
        &log,
    )?;
    wait_until_listening(address, &mut child, &log)?;
    Ok(Program {
        address,
        children: vec![child],
        folder,
    })
}
