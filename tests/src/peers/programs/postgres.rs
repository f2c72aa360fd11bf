use super::{LOOK, START, free_address, launch, spawn, wait_until_listening};
use crate::load::machine::Cores;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

/// Where Debian keeps its versions of PostgreSQL.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A PostgreSQL of our own, as durable as it is by default.
#[derive(Debug)]
pub(super) struct Postgres {
    port: u16,
    programs: PathBuf,
}

impl Postgres {
    /// Starts one over a new cluster in `folder`: with its process, which the caller ends. It refuses to be root, so it is the
    /// user `postgres` if we are.
    pub(super) fn start(folder: &Path, cores: &Cores) -> Result<(Self, Child)> {
        let programs = programs()?;
        let data = folder.join("postgres");
        let mut initdb = as_postgres(&programs.join("initdb"));
        initdb
            .arg("--pgdata")
            .arg(&data)
            .args(["--username", "postgres", "--auth", "trust", "--encoding", "UTF8"])
            .stdout(Stdio::null());
        let status = launch(&mut initdb, cores)?.wait()?;
        if !status.success() {
            bail!("initdb failed ({status})");
        }
        let address = free_address()?;
        let log = folder.join("postgres.log");
        let mut server = as_postgres(&programs.join("postgres"));
        server
            .arg("-D")
            .arg(&data)
            .args(["-h", "127.0.0.1", "-p", &address.port().to_string(), "-k", ""]);
        let mut child = spawn(&mut server, cores, &log)?;
        wait_until_listening(address, &mut child, &log)?;
        let postgres = Self {
            port: address.port(),
            programs,
        };
        Ok((postgres, child))
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Runs an SQL script, as soon as the server takes connections: it listens earlier.
    pub(super) fn load(&self, script: &Path) -> Result<()> {
        let is_ready = || -> Result<bool> {
            Ok(Command::new(self.programs.join("pg_isready"))
                .args(["--quiet", "--host", "127.0.0.1"])
                .args(["--port", &self.port.to_string()])
                .status()
                .context("cannot start pg_isready")?
                .success())
        };
        let begun = Instant::now();
        while !is_ready()? {
            if begun.elapsed() > START {
                bail!("PostgreSQL did not come up within {START:?}");
            }
            thread::sleep(LOOK);
        }
        let status = Command::new(self.programs.join("psql"))
            .args(["--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1"])
            .args(["--host", "127.0.0.1", "--username", "postgres"])
            .args(["--port", &self.port.to_string(), "--file"])
            .arg(script)
            .stdout(Stdio::null())
            .status()
            .context("cannot start psql")?;
        if !status.success() {
            bail!("psql failed ({status})");
        }
        Ok(())
    }
}

/// The folder of the newest version's programs.
fn programs() -> Result<PathBuf> {
    let versions = std::fs::read_dir(VERSIONS).context("PostgreSQL is not installed")?;
    versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").is_file())
        .max()
        .context("PostgreSQL is not installed")
}

fn as_postgres(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"])
        .arg(program);
    command
}
