//! Files that came in messages, saved on the machine.

use super::file::blocking;
use crate::client::Client;
use crate::error::ClientError;
use crate::files::{FILE_PART_BYTES, TransferState};
use crate::platform::Platform;
use sotto_protocol::{ChatId, MessageId};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file could not be saved. What there is of it stays beside its place, and saving it again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It could not be read.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It could not be written: look whether there is room, and whether this program may write there.
    #[error("the file cannot be written: {0}")]
    Disk(#[from] io::Error),
}

/// Saves the file of a message at a path where there is none, a part at a time. While it is not whole it is beside that path, in
/// `.{message}.part`; saved again after whatever has happened, it goes on from there.
pub async fn save_file<P: Platform>(
    client: &Client<P>,
    chat: ChatId,
    message: MessageId,
    path: impl AsRef<Path>,
) -> Result<(), SaveError> {
    let path = path.as_ref().to_owned();
    if path.exists() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
    }
    let file = client.file_of(chat, message).await?;
    let total = file.info.length;
    let part = path.with_file_name(format!(".{message}.part"));
    let mut progress = client.download_progress(chat, message, total);
    let mut done = begin(part.clone(), total).await?;
    while done < total {
        progress.moved(done);
        if client.shared().is_cancelled(message) {
            progress.is(TransferState::Failed {
                code: ClientError::Cancelled.code(),
            });
            return Err(ClientError::Cancelled.into());
        }
        let read = client.read_part(&file, done..done + FILE_PART_BYTES).await;
        let bytes = read.inspect_err(|error| progress.is(TransferState::Failed { code: error.code() }))?;
        done += bytes.len() as u64;
        let part = part.clone();
        blocking(move || OpenOptions::new().append(true).open(part)?.write_all(&bytes)).await?;
    }
    finish(part, path).await?;
    progress.is(TransferState::Done);
    Ok(())
}

/// How much is there from before, in whole parts.
async fn begin(part: PathBuf, total: u64) -> io::Result<u64> {
    blocking(move || {
        let file = OpenOptions::new().create(true).append(true).open(part)?;
        let there = file.metadata()?.len();
        let whole = if there > total {
            0
        } else {
            there - there % FILE_PART_BYTES
        };
        file.set_len(whole)?;
        Ok(whole)
    })
    .await
}

/// Whole and durable, it comes to its place.
async fn finish(part: PathBuf, path: PathBuf) -> io::Result<()> {
    blocking(move || {
        File::open(&part)?.sync_all()?;
        // Another file that has come there meanwhile stays.
        fs::hard_link(&part, &path)?;
        fs::remove_file(&part)
    })
    .await
}
