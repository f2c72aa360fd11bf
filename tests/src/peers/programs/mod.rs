//! The peers' servers as processes of ours: on free ports, with all that they write in folders that go with them.

mod ejabberd;
mod mosquitto;
mod nats;
mod postgres;
mod prosody;

pub(super) use ejabberd::Archive as EjabberdArchive;
pub(super) use prosody::Archive as ProsodyArchive;
pub(super) use prosody::start as prosody;
pub(super) use {ejabberd::start as ejabberd, mosquitto::start as mosquitto, nats::start as nats};

use crate::load::machine::{Cores, with_affinity};
use anyhow::{Context as _, Result, bail};
use rand_core::Rng as _;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to start, and to end.
const START: Duration = Duration::from_mins(2);
const END: Duration = Duration::from_secs(10);
/// How often it is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(50);

/// Where a server is to run.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// On which disk.
    pub(super) state: PathBuf,
    /// On which cores.
    pub(super) cores: Cores,
    /// For how many accounts.
    pub(super) accounts: usize,
}

impl Place {
    /// A folder that any user of this machine may enter: servers give up root's rights before they read their files.
    fn folder(&self) -> Result<TempDir> {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::create_dir_all(&self.state)?;
        let folder = tempfile::Builder::new().prefix("peer-").tempdir_in(&self.state)?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777))?;
        Ok(folder)
    }
}

/// A server that runs. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Program {
    address: SocketAddr,
    children: Vec<Child>,
    /// What it writes, gone with it.
    #[allow(dead_code, reason = "held, not read")]
    folder: TempDir,
}

impl Program {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its processes, and those that they have started.
    pub(super) fn processes(&self) -> Result<Vec<u32>> {
        let parents = parents()?;
        let mut found: Vec<u32> = self.children.iter().map(Child::id).collect();
        let mut place = 0;
        while let Some(&parent) = found.get(place) {
            let children = parents.iter().filter(|(_, its)| **its == parent);
            found.extend(children.map(|(&child, _)| child));
            place += 1;
        }
        Ok(found)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The last first: a server before its database.
        for child in self.children.iter_mut().rev() {
            end(child);
        }
    }
}

/// Asks a process to end, and does not ask any more when it takes too long.
fn end(child: &mut Child) {
    if let Some(process) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended already.
        let _ = kill_process(process, Signal::TERM);
    }
    let begun = Instant::now();
    while begun.elapsed() < END {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(LOOK);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The parent of every process.
fn parents() -> Result<BTreeMap<u32, u32>> {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // It may have ended meanwhile.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit_once(')')
            .and_then(|(_, fields)| fields.split_whitespace().nth(1)?.parse().ok());
        if let Some(parent) = parent {
            parents.insert(process, parent);
        }
    }
    Ok(parents)
}

/// A port on the loopback that nobody has: below those that the system gives to clients, so that none takes it before the server.
fn free_address() -> Result<SocketAddr> {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    for _ in 0..100 {
        let port = 15_000 + u16::try_from(rng.next_u32() % 15_000).unwrap_or_default();
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
    bail!("no port is free")
}

/// Starts a program whose output goes to `log`.
fn spawn(command: &mut Command, cores: &Cores, log: &Path) -> Result<Child> {
    let file = std::fs::File::options().create(true).append(true).open(log)?;
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file);
    launch(command, cores)
}

fn launch(command: &mut Command, cores: &Cores) -> Result<Child> {
    with_affinity(cores, || {
        command
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))
    })
}

/// Waits until somebody listens there.
fn wait_until_listening(address: SocketAddr, child: &mut Child, log: &Path) -> Result<()> {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = child.try_wait()? {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            bail!("it ended ({status}): {}", said.trim());
        }
        if begun.elapsed() > START {
            end(child);
            bail!("it did not listen within {START:?}");
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

/// Waits until a program says this on a line of its output.
fn wait_until_says(child: &mut Child, words: &str) -> Result<()> {
    let Some(output) = child.stdout.take() else {
        bail!("its output goes elsewhere");
    };
    let mut said = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        if line.contains(words) {
            return Ok(());
        }
        said.push(line);
    }
    bail!("it ended: {}", said.join("\n"))
}
