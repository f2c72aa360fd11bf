//! A PostgreSQL server that can be killed.

use super::free_address;
use super::program::{Program, Ready};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The role that everything belongs to.
const ROLE: &str = "sotto";

/// A PostgreSQL server of its own.
#[derive(Debug)]
pub struct Postgres {
    /// The server.
    pub program: Program,
    address: SocketAddr,
}

impl Postgres {
    /// Starts a server that keeps its files in this folder, which is there and empty, with these databases. One that syncs
    /// nothing is up again sooner after a kill, and would lose something only if the whole machine went down.
    pub async fn start(data: &Path, log: PathBuf, databases: &[&str], syncs: bool) -> Result<Self, String> {
        if is_root() {
            run(Command::new("chown").arg("postgres:").arg(data))?;
        }
        let files = data.join("files");
        let files = files.to_str().ok_or("a path that is not text")?;
        let initdb = tool("initdb")?;
        let words = as_server(&[
            &initdb,
            "--pgdata",
            files,
            "--username",
            ROLE,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
        ]);
        let (first, rest) = words.split_first().ok_or("no program")?;
        run(Command::new(first).args(rest).current_dir(data))?;
        let address = free_address();
        let port = address.port().to_string();
        let socket = format!("unix_socket_directories={}", data.display());
        let fsync = if syncs { "fsync=on" } else { "fsync=off" };
        let postgres = tool("postgres")?;
        let words = as_server(&[
            &postgres,
            "-D",
            files,
            "-p",
            &port,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            &socket,
            "-c",
            "max_connections=300",
            "-c",
            fsync,
            // A small disk is full sooner.
            "-c",
            "min_wal_size=32MB",
            "-c",
            "max_wal_size=64MB",
        ]);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ready = [
            &tool("pg_isready")?,
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            &port,
            "-U",
            ROLE,
            "-d",
            "postgres",
        ];
        let ready = Ready::Command(ready.iter().map(|&word| word.to_owned()).collect());
        let mut program = Program::new(&words, ready, log);
        program.start().await?;
        let createdb = tool("createdb")?;
        for database in databases {
            run(Command::new(&createdb).args(["-h", "127.0.0.1", "-p", &port, "-U", ROLE, database]))?;
        }
        Ok(Self { program, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of one of its databases, reached at this address.
    #[must_use]
    pub fn url(at: SocketAddr, database: &str) -> String {
        format!("postgres://{ROLE}@{at}/{database}")
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// PostgreSQL does not run as root.
fn as_server(words: &[&str]) -> Vec<String> {
    let user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"];
    let before: &[&str] = if is_root() { &user } else { &[] };
    before.iter().chain(words).map(|&word| word.to_owned()).collect()
}

/// Where one of PostgreSQL's programs is: Debian keeps them out of the path.
fn tool(name: &str) -> Result<String, String> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = debian.collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&path));
    folders
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .map(|file| file.display().to_string())
        .ok_or_else(|| format!("{name} is not installed"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        Ok(())
    } else {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(format!("{}: {said}", command.get_program().display()))
    }
}
