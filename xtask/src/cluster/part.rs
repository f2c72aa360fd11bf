//! A program that is a part of the cluster.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// How long a part may take to listen.
const STARTING: Duration = Duration::from_mins(1);
/// How long a part may take to end.
const STOPPING: Duration = Duration::from_secs(20);
/// Between two looks at whether it listens.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A program that runs. It is killed if this is dropped.
pub(super) struct Part {
    name: String,
    child: Child,
    pid: u32,
    log: PathBuf,
}

impl Part {
    /// Starts a program in a process group of its own, so that Ctrl-C does not reach it, and waits until it listens.
    pub(super) async fn start(name: &str, words: &[String], log: &Path, listens: SocketAddr) -> Result<Self> {
        let (program, arguments) = words.split_first().context("no program")?;
        let output = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("could not write {}", log.display()))?;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {program}"))?;
        let pid = child.id().unwrap_or_default();
        let until_it_listens = async {
            while TcpStream::connect(listens).await.is_err() {
                if let Some(status) = child.try_wait()? {
                    bail!("{name} did not start ({status}); its log is {}", log.display());
                }
                sleep(LOOK_AGAIN).await;
            }
            Ok(())
        };
        timeout(STARTING, until_it_listens)
            .await
            .with_context(|| format!("{name} does not listen; its log is {}", log.display()))??;
        Ok(Self {
            name: name.to_owned(),
            child,
            pid,
            log: log.to_owned(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn log(&self) -> std::path::Display<'_> {
        self.log.display()
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end, and kills it if it does not.
    pub(super) async fn stop(&mut self) {
        if self.has_ended() {
            return;
        }
        let asked = Command::new("kill")
            .args(["-INT", &self.pid.to_string()])
            .status()
            .await;
        let ends = asked.is_ok() && timeout(STOPPING, self.child.wait()).await.is_ok();
        if !ends {
            let _ = self.child.kill().await;
        }
    }
}
