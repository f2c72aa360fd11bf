//! A program that can be killed, stopped and started again.

use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout_at};

/// A program that is not ready after this will not be.
const PATIENCE: Duration = Duration::from_mins(1);
/// A program that ends before it is ready is started again after this, as by a service manager.
const START_AGAIN: Duration = Duration::from_millis(100);

/// Time between two looks at whether a program is ready.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How a program shows that it is ready.
#[derive(Clone, Debug)]
pub enum Ready {
    /// It writes a line to its standard output.
    Line,
    /// This command succeeds.
    Command(Vec<String>),
    /// It listens here.
    Listens(SocketAddr),
}

/// A program that can be killed, stopped and started again.
#[derive(Debug)]
pub struct Program {
    words: Vec<String>,
    ready: Ready,
    log: PathBuf,
    child: Option<Child>,
}

impl Program {
    /// A program with its arguments, not yet started. What it says goes to `log`.
    #[must_use]
    pub fn new(words: &[&str], ready: Ready, log: PathBuf) -> Self {
        Self {
            words: words.iter().map(|&word| word.to_owned()).collect(),
            ready,
            log,
            child: None,
        }
    }

    /// Starts it and waits until it is ready; again and again if it ends before that.
    pub async fn start(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut child = self.spawn()?;
            let ready = match &self.ready {
                Ready::Line => {
                    let stdout = child.stdout.take().ok_or("no standard output")?;
                    let mut lines = BufReader::new(stdout).lines();
                    let line = timeout_at(deadline, lines.next_line()).await;
                    // Nobody reads on: the program has said what it had to say there.
                    line.map(|line| matches!(line, Ok(Some(_))))
                }
                Ready::Command(words) => {
                    let is_ready = async || succeeds(words).await;
                    timeout_at(deadline, until(&mut child, is_ready)).await
                }
                Ready::Listens(address) => {
                    let is_ready = async || TcpStream::connect(address).await.is_ok();
                    timeout_at(deadline, until(&mut child, is_ready)).await
                }
            };
            match ready {
                Ok(true) => {
                    self.child = Some(child);
                    return Ok(());
                }
                Ok(false) => {
                    let _ = child.kill().await;
                    if Instant::now() > deadline {
                        return Err(format!("{} does not start", self.name()));
                    }
                    sleep(START_AGAIN).await;
                }
                Err(_) => {
                    let _ = child.kill().await;
                    return Err(format!("{} is not ready in time", self.name()));
                }
            }
        }
    }

    fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    fn spawn(&self) -> Result<Child, String> {
        let (program, arguments) = self.words.split_first().ok_or("no program")?;
        let log = || -> Result<File, String> {
            let opened = OpenOptions::new().create(true).append(true).open(&self.log);
            opened.map_err(|error| format!("{}: {error}", self.log.display()))
        };
        let stdout = match self.ready {
            Ready::Line => Stdio::piped(),
            Ready::Command(_) | Ready::Listens(_) => log()?.into(),
        };
        Command::new(program)
            .args(arguments)
            .env_remove("SOTTO_SERVER_BIN")
            .current_dir(self.log.parent().ok_or("no folder")?)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(log()?)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{program}: {error}"))
    }

    /// Ends it with SIGKILL, and the processes that it has started: they get no chance to write anything.
    pub async fn kill(&mut self) {
        self.signal("KILL").await;
        if let Some(mut child) = self.child.take() {
            let _ = child.kill().await;
        }
    }

    /// Lets it end in order, and waits until it has.
    pub async fn stop(&mut self) {
        self.signal("TERM").await;
        if let Some(mut child) = self.child.take()
            && tokio::time::timeout(PATIENCE, child.wait()).await.is_err()
        {
            let _ = child.kill().await;
        }
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref()?.id()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| !matches!(child.try_wait(), Ok(None)))
    }

    /// Stops it where it is, with all its processes, until [`Self::resume`].
    pub async fn stall(&self) {
        self.signal("STOP").await;
    }

    /// Lets it go on.
    pub async fn resume(&self) {
        self.signal("CONT").await;
    }

    async fn signal(&self, signal: &str) {
        if let Some(pid) = self.pid() {
            send_signal(signal, pid).await;
        }
    }

    /// What it has written to its log.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

/// Sends a signal to a process and to those that it has started.
pub(super) async fn send_signal(signal: &str, pid: u32) {
    let to_all =
        format!("kill -{signal} {pid} $(cat /proc/{pid}/task/*/children 2>/dev/null) 2>/dev/null || true");
    let _ = Command::new("sh").args(["-c", &to_all]).status().await;
}

async fn succeeds(words: &[String]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return true;
    };
    let asked = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await;
    asked.is_ok_and(|status| status.success())
}

/// Waits until this holds; `false` if the program ends before.
async fn until(child: &mut Child, holds: impl AsyncFn() -> bool) -> bool {
    loop {
        if holds().await {
            return true;
        }
        if !matches!(child.try_wait(), Ok(None)) {
            return false;
        }
        sleep(LOOK_AGAIN).await;
    }
}
