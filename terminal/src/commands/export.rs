//! `sotto export`

use super::import::{Line, count};
use crate::failure::Failure;
use crate::passphrase;
use crate::session::Session;
use jiff::Timestamp as Instant;
use jiff::tz::TimeZone;
use sotto_client_sdk::native::{FileWriter, Native};
use sotto_client_sdk::protocol::Timestamp;
use sotto_client_sdk::{Client, ClientError, ExportProgress, Exported, ReadableExport, Watcher, Zone};
use std::io;
use std::path::Path;

/// What kind of export, and how.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) readable: bool,
    pub(crate) without_files: bool,
    pub(crate) force: bool,
}

/// Writes the history into a file, and says what is in it.
pub(crate) async fn run(session: &mut Session, path: &Path, wanted: Wanted) -> Result<(), Failure> {
    let on_disk = |error: io::Error| Failure::File {
        path: path.to_owned(),
        error,
    };
    // Before anything is asked of whoever waits.
    if !wanted.force && path.symlink_metadata().is_ok() {
        return Err(Failure::FileExists {
            path: path.to_owned(),
        });
    }
    let client = session.resume_online().await?;
    let mut writer = FileWriter::begin(path, wanted.force).await.map_err(on_disk)?;
    let exported = export(&client, &mut writer, wanted).await;
    client.close().await?;
    let exported = exported.map_err(|failure| match failure {
        Failure::Client(ClientError::FileUnwritable(error)) => on_disk(io::Error::other(error)),
        failure => failure,
    })?;
    writer.finish().await.map_err(on_disk)?;
    for line in sentences(path, &exported) {
        session.screen.note(&line)?;
    }
    Ok(())
}

async fn export(
    client: &Client<Native>,
    writer: &mut FileWriter,
    wanted: Wanted,
) -> Result<Exported, Failure> {
    let line = Line::new();
    if !wanted.readable {
        let passphrase = passphrase::ask_new()?;
        return Ok(client.export_history(&passphrase, writer, &line).await?);
    }
    let readable = ReadableExport {
        with_files: !wanted.without_files,
        zone: Box::new(Here(TimeZone::system())),
    };
    Ok(client.export_readable(&readable, writer, &line).await?)
}

/// Where this machine is.
struct Here(TimeZone);

impl Zone for Here {
    fn minutes_at(&self, at: Timestamp) -> i32 {
        let instant = i64::try_from(at.0)
            .ok()
            .and_then(|at| Instant::from_millisecond(at).ok());
        instant.map_or(0, |instant| self.0.to_offset(instant).seconds() / 60)
    }
}

impl Watcher<ExportProgress> for Line {
    fn moved(&self, progress: ExportProgress) {
        let ExportProgress {
            messages,
            total_messages,
            files,
            total_files,
        } = progress;
        let mut text = format!("{messages} of {total_messages} messages");
        if total_files > 0 {
            text = format!("{text}, {files} of {total_files} files");
        }
        self.show(&text);
    }
}

fn sentences(path: &Path, exported: &Exported) -> Vec<String> {
    let mut lines = vec![format!(
        "{} has {} in {}{}.",
        path.display(),
        count(exported.messages, "message"),
        count(exported.chats, "chat"),
        match exported.files {
            0 => String::new(),
            files => format!(", and {}", count(files, "file")),
        }
    )];
    if exported.missing_files > 0 {
        lines.push(format!(
            "Of {} there is the name alone: not fetched, or not on the server any more.",
            count(exported.missing_files, "file")
        ));
    }
    if !exported.is_complete {
        lines.push(
            "Some history was still coming from the archive and is not in it: `sotto sync` brings it."
                .to_owned(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_an_export_and_what_is_not_is_said_in_words() {
        let exported = Exported {
            chats: 1,
            messages: 2,
            files: 0,
            missing_files: 3,
            is_complete: false,
        };
        let lines = sentences(Path::new("a.zip"), &exported);
        assert_eq!(lines[0], "a.zip has 2 messages in 1 chat.");
        assert!(lines[1].starts_with("Of 3 files") && lines[2].contains("`sotto sync`"));
    }
}
