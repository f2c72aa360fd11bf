use super::super::wire::{PASSWORD, user};
use super::{Place, Program, free_address, spawn, wait_until_listening};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Where Prosody archives messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Archive {
    Off,
    /// In files of its own.
    Internal,
    Sqlite,
}

/// Starts Prosody with accounts `u0`, `u1`, ….
pub(crate) fn start(place: &Place, archive: Archive) -> Result<Program> {
    let folder = place.folder()?;
    let address = free_address()?;
    let data = folder.path().join("data");
    let accounts = data.join("localhost/accounts");
    std::fs::create_dir_all(&accounts)?;
    for number in 0..place.accounts {
        let account = format!("return {{ [\"password\"] = \"{PASSWORD}\"; }};\n");
        std::fs::write(accounts.join(format!("{}.dat", user(number))), account)?;
    }
    let config = folder.path().join("prosody.cfg.lua");
    std::fs::write(&config, configuration(folder.path(), address.port(), archive))?;
    let log = folder.path().join("log");
    let mut command = Command::new("prosody");
    command
        .arg("--config")
        .arg(&config)
        .arg("-F")
        .current_dir(folder.path());
    let mut child = spawn(&mut command, &place.cores, &log)?;
    wait_until_listening(address, &mut child, &log)?;
    Ok(Program {
        address,
        children: vec![child],
        folder,
    })
}

fn configuration(folder: &Path, port: u16, archive: Archive) -> String {
    let folder = folder.display();
    let (module, storage) = match archive {
        Archive::Off => ("", String::new()),
        Archive::Internal => ("\"mam\";", "archive = \"internal\";".to_owned()),
        Archive::Sqlite => ("\"mam\";", "archive = \"sql\";".to_owned()),
    };
    format!(
        r#"run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ }}
s2s_ports = {{ }}
network_backend = "epoll"
modules_enabled = {{ "saslauth"; {module} }}
modules_disabled = {{ "s2s"; "tls" }}
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
default_archive_policy = true
default_storage = "internal"
storage = {{ {storage} }}
sql = {{ driver = "SQLite3"; database = "{folder}/archive.sqlite" }}
log = {{ error = "{folder}/prosody.log" }}
VirtualHost "localhost"
"#
    )
}
