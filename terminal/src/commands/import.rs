//! `sotto import`

use crate::failure::Failure;
use crate::passphrase;
use crate::session::Session;
use sotto_client_sdk::native::file_at;
use sotto_client_sdk::{ImportProgress, Watcher};
use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// Reads an export, and says what came of it.
pub(crate) async fn run(session: &mut Session, path: &Path) -> Result<(), Failure> {
    let file = file_at(path).await.map_err(|error| Failure::File {
        path: path.to_owned(),
        error,
    })?;
    let client = session.resume_online().await?;
    let passphrase = passphrase::ask()?;
    let line = Line::new();
    let imported = client.import_history(&file, &passphrase, &line).await;
    drop(line);
    client.close().await?;
    let imported = imported?;
    let new = match imported.messages {
        0 => "Nothing in it is new".to_owned(),
        messages => format!("{} came from it", count(messages, "message")),
    };
    let known = match imported.known {
        0 => String::new(),
        known => format!("; {} were here", count(known, "message")),
    };
    let chats = count(imported.chats, "chat");
    Ok(session.screen.note(&format!("{new}{known}. It has {chats}."))?)
}

/// So many of a thing.
pub(super) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// A line that says how far something is, on a terminal alone. It is gone when it is over.
pub(super) struct Line {
    shown: Option<Mutex<Cell<Option<Instant>>>>,
}

/// A line is not shown more often.
const INTERVAL: Duration = Duration::from_millis(200);

impl Line {
    pub(super) fn new() -> Self {
        let shown = io::stderr().is_terminal().then(Mutex::default);
        Self { shown }
    }

    pub(super) fn show(&self, text: &str) {
        let Some(shown) = self.shown.as_ref().and_then(|shown| shown.lock().ok()) else {
            return;
        };
        let now = Instant::now();
        if shown.get().is_some_and(|at| now.duration_since(at) < INTERVAL) {
            return;
        }
        shown.set(Some(now));
        // How far it is fails nothing.
        let _ = write!(io::stderr(), "\r\x1b[K{text} …");
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl Watcher<ImportProgress> for Line {
    fn moved(&self, progress: ImportProgress) {
        let percent = progress.bytes.saturating_mul(100) / progress.total_bytes.max(1);
        self.show(&format!("{percent} %"));
    }
}
