//! The server as a program of its own, which can be killed.

use crate::world::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A server that runs in a process of its own over a folder that outlives it.
pub struct ServerProcess {
    folder: TempDir,
    address: SocketAddr,
    level: &'static str,
    child: Child,
}

impl ServerProcess {
    /// Starts the server over an empty folder; its log says all.
    pub async fn start() -> Self {
        Self::start_logging("trace").await
    }

    /// Starts the server over an empty folder, with a log of this level.
    pub async fn start_logging(level: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = spawn(folder.path(), address, level).await;
        Self {
            folder,
            address,
            level,
            child,
        }
    }

    /// The server's URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends the process with SIGKILL: it gets no chance to write anything.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Has the process end in its own time, with SIGTERM.
    pub async fn stop(&mut self) {
        let id = self.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        kill_process(id.unwrap(), Signal::TERM).unwrap();
        assert!(self.child.wait().await.unwrap().success());
    }

    /// Starts it again at the same address over what it kept.
    pub async fn start_again(&mut self) {
        self.child = spawn(self.folder.path(), self.address, self.level).await;
    }

    /// Everything that it has written: databases, write-ahead logs, its log.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    files.push((path, bytes));
                }
            }
        }
        files
    }
}

async fn spawn(folder: &Path, address: SocketAddr, level: &str) -> Child {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("server.log"))
        .unwrap();
    let mut child = Command::new(binary())
        .args(["--listen", &address.to_string(), "--log-level", level, "--data"])
        .arg(folder)
        .args(["--captcha", "off"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = tokio::time::timeout(PATIENCE, lines.next_line()).await;
    assert!(
        matches!(ready, Ok(Ok(Some(_)))),
        "the server did not say that it is ready: {ready:?}"
    );
    child
}

/// The server's program: `SOTTO_SERVER_BIN`, or the one that cargo built beside this test, built now if it is missing.
/// `cargo test --workspace` builds it anew; after a change of the server alone, build it before these tests.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("SOTTO_SERVER_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let binary = profile.join("sotto-server");
    if !binary.exists() {
        let built = std::process::Command::new(env!("CARGO"))
            .args([
                "build",
                "--package",
                "sotto-server",
                "--bin",
                "sotto-server",
                "--target-dir",
            ])
            .arg(profile.parent().unwrap())
            .status()
            .unwrap();
        assert!(built.success(), "cargo could not build the server");
    }
    binary
}
