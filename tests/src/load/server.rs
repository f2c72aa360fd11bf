//! A server of our own: a process on cores of its own, configured so that nothing but its speed bounds it.

use super::machine::{Cores, with_affinity};
use super::options::{Bare, Storage};
use super::tls;
use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use sotto_protocol::rest::server::RegistrationPolicy;
use sotto_server::config::{Config, LogLevel, Rate};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::time::Instant;

/// Longer than a server takes for all that waits in it.
const STOPS_WITHIN: Duration = Duration::from_mins(2);

const UNLIMITED: Rate = Rate::new(0, 0);

/// A running server. Dropping it kills it; [`Self::stop`] lets it end in order.
#[derive(Debug)]
pub(crate) struct OwnServer {
    child: Child,
    url: String,
    address: SocketAddr,
}

impl OwnServer {
    /// Starts `binary` over `folder`, on these cores. Its log goes to `server.log` there.
    pub(crate) fn start(binary: &Path, folder: &Path, storage: &Storage, cores: &Cores) -> Result<Self> {
        Self::configured(&configuration(folder), binary, folder, storage, cores)
    }

    /// The same, but over TLS: [`tls::client`] is a client of it.
    pub(crate) fn start_with_tls(
        binary: &Path,
        folder: &Path,
        storage: &Storage,
        cores: &Cores,
    ) -> Result<Self> {
        let mut config = configuration(folder);
        config.network.tls = Some(tls::lay_into(folder)?);
        Self::configured(&config, binary, folder, storage, cores)
    }

    fn configured(
        config: &Config,
        binary: &Path,
        folder: &Path,
        storage: &Storage,
        cores: &Cores,
    ) -> Result<Self> {
        let file = folder.join("sotto.toml");
        std::fs::write(&file, config.to_toml()?)?;
        let mut command = Command::new(binary);
        command.arg("--config").arg(&file);
        if let Storage::Urls { database, log } = storage {
            // Not by the file: there a URL is written without its password.
            command
                .env("SOTTO_DATABASE", database)
                .env("SOTTO_LOG", log.join(","));
        }
        Self::launch(command, folder, cores)
    }

    /// Starts the bare relay in a server's place, for those in the roster.
    pub(crate) fn start_bare(
        binary: &Path,
        bare: Bare,
        roster: &Path,
        folder: &Path,
        cores: &Cores,
    ) -> Result<Self> {
        let mut command = Command::new(binary);
        command.arg("--roster").arg(roster);
        match bare {
            Bare::Durable => command.arg("--database").arg(folder.join("bare.db")),
            Bare::Volatile => command.arg("--volatile"),
        };
        Self::launch(command, folder, cores)
    }

    /// Starts a program in `folder`, and waits until it says where it listens.
    fn launch(mut command: Command, folder: &Path, cores: &Cores) -> Result<Self> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(folder.join("server.log"))?;
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = with_affinity(cores, || {
            command
                .spawn()
                .with_context(|| format!("cannot start {}", command.get_program().display()))
        })?;
        let mut ready = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut ready)?;
        }
        let url = ready.trim().rsplit(' ').next().unwrap_or_default();
        let address = url
            .split_once("://")
            .and_then(|(_, address)| address.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            bail!(
                "the server did not start; {} says why",
                folder.join("server.log").display()
            );
        };
        Ok(Self {
            child,
            url: url.to_owned(),
            address,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Lets it end in order, and waits until it has, but not for ever.
    pub(crate) fn stop(mut self) -> Result<()> {
        let process = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(process) = process {
            kill_process(process, Signal::TERM)?;
        }
        let begun = Instant::now();
        while begun.elapsed() < STOPS_WITHIN {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("the server ended ({status})"),
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        bail!(
            "the server did not stop within {} seconds",
            STOPS_WITHIN.as_secs()
        );
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        // It has ended already if it was stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As in production, but for the bounds that keep one stranger from using up a server: here one is all there are.
fn configuration(folder: &Path) -> Config {
    let mut config = Config::in_directory(folder);
    config.network.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.network.connections_max = 1_000_000;
    let limits = &mut config.limits;
    limits.connects_per_device = UNLIMITED;
    limits.frames_per_connection = UNLIMITED;
    limits.reads_per_account = UNLIMITED;
    config.captcha.enabled = false;
    config.registration.policy = RegistrationPolicy::Open;
    config.telemetry.level = LogLevel::Warn;
    config
}

/// Copies a folder of a server that has stopped.
pub(crate) fn copy_folder(from: &Path, to: &PathBuf) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
