//! The cluster's PostgreSQL.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::part::Part;
use crate::command::{output, program};

const ROLE: &str = "sotto";
const DEBIAN: &str = "/usr/lib/postgresql";

/// A PostgreSQL server over a folder.
pub(super) struct Postgres {
    folder: PathBuf,
    address: SocketAddr,
    as_root: bool,
}

impl Postgres {
    /// The one in this folder, made if it is not there.
    pub(super) fn in_folder(folder: &Path, address: SocketAddr) -> Result<Self> {
        let postgres = Self {
            folder: folder.to_owned(),
            address,
            as_root: output(program("id").arg("-u"))?.trim() == "0",
        };
        if folder.join("PG_VERSION").exists() {
            return Ok(postgres);
        }
        fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
        if postgres.as_root {
            // PostgreSQL does not run as root. Its user has to be able to come here.
            output(program("chown").arg("postgres:").arg(folder))?;
        }
        let made = postgres.command(
            "initdb",
            &["--username", ROLE, "--auth", "trust", "--encoding", "UTF8"],
        );
        let made = made.and_then(|words| run(&words));
        if let Err(error) = made {
            let _ = fs::remove_dir_all(folder);
            return Err(error.context("PostgreSQL's files could not be made"));
        }
        Ok(postgres)
    }

    /// Starts it.
    pub(super) async fn start(&self, log: &Path) -> Result<Part> {
        let port = self.address.port().to_string();
        let arguments = [
            "-p",
            &port,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "max_connections=300",
        ];
        let words = self.command("postgres", &arguments)?;
        let server = Part::start("PostgreSQL", &words, log, self.address).await?;
        let asking = [
            tool("pg_isready")?,
            "-q".into(),
            "-h".into(),
            "127.0.0.1".into(),
            "-p".into(),
            port,
        ];
        // It listens before it can be asked: after a crash it has to look through its log first.
        while run(&asking).is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        Ok(server)
    }

    /// Makes a database if it is not there.
    pub(super) fn create(&self, database: &str) -> Result<()> {
        let port = self.address.port().to_string();
        let psql = |database: &str, sql: &str| {
            let words = [
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-U",
                ROLE,
                "-d",
                database,
                "-Atc",
                sql,
            ];
            output(program(tool("psql")?).args(words))
        };
        let found = psql(
            "postgres",
            &format!("SELECT 1 FROM pg_database WHERE datname = '{database}'"),
        )?;
        if found.trim().is_empty() {
            psql("postgres", &format!("CREATE DATABASE {database}"))?;
        }
        Ok(())
    }

    /// Where a database is.
    pub(super) fn url(&self, database: &str) -> String {
        format!("postgres://{ROLE}@{}/{database}", self.address)
    }

    fn command(&self, name: &str, arguments: &[&str]) -> Result<Vec<String>> {
        let user: &[&str] = if self.as_root {
            &["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        } else {
            &[]
        };
        let folder = self.folder.display().to_string();
        let words = [tool(name)?, "-D".to_owned(), folder];
        let user = user.iter().map(|&word| word.to_owned());
        let arguments = arguments.iter().map(|&word| word.to_owned());
        Ok(user.chain(words).chain(arguments).collect())
    }
}

/// Where one of PostgreSQL's programs is: Debian keeps them out of the path.
fn tool(name: &str) -> Result<String> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    folders
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .map(|file| file.display().to_string())
        .with_context(|| format!("{name} is not installed"))
}

fn run(words: &[String]) -> Result<()> {
    let (first, rest) = words.split_first().context("no program")?;
    let done = Command::new(first).args(rest).current_dir("/").output()?;
    if done.status.success() {
        Ok(())
    } else {
        bail!("{first}: {}", String::from_utf8_lossy(&done.stderr).trim())
    }
}
