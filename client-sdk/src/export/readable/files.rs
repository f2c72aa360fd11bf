//! The files of messages, fetched and put into the ZIP.

use super::names;
use super::zip::Zip;
use crate::client::Client;
use crate::error::ClientError;
use crate::events::ConnectionState;
use crate::export::progress::{ExportProgress, Watcher, go_on};
use crate::files::FILE_PART_BYTES;
use crate::platform::Platform;
use sotto_crypto_core::content::File;
use sotto_protocol::MessageId;
use std::collections::BTreeMap;

/// Where the files of messages are.
#[derive(Default)]
pub(super) struct Fetched {
    paths: BTreeMap<MessageId, String>,
    count: u64,
    /// The server does not answer: the others are not asked for.
    is_unreachable: bool,
}

impl Fetched {
    /// Where the file of a message is, if it is there.
    pub(super) fn path(&self, message: MessageId) -> Option<&str> {
        self.paths.get(&message).map(String::as_str)
    }

    /// Fetches a file. What cannot be fetched is missing, and fails nothing.
    pub(super) async fn fetch<P: Platform>(
        &mut self,
        client: &Client<P>,
        zip: &mut Zip<'_>,
        message: MessageId,
        file: &File,
        (progress, watcher): (&mut ExportProgress, &impl Watcher<ExportProgress>),
    ) -> Result<(), ClientError> {
        progress.total_files += 1;
        if self.is_unreachable || client.connection() != ConnectionState::Online {
            return Ok(());
        }
        let total = file.info.length;
        let first = client.read_part(file, 0..total.min(FILE_PART_BYTES)).await;
        let Some(first) = self.found(first) else {
            return Ok(());
        };
        self.count += 1;
        let path = format!("files/{}", names::file(self.count, &file.info.name));
        zip.begin_stored(&path, total)?;
        zip.write(&first).await?;
        let mut done = first.len() as u64;
        while done < total {
            go_on(watcher)?;
            let part = client
                .read_part(file, done..total.min(done + FILE_PART_BYTES))
                .await;
            // What was written stays in the ZIP, and nothing points to it.
            let Some(part) = self.found(part).filter(|part| !part.is_empty()) else {
                return Ok(());
            };
            zip.write(&part).await?;
            done += part.len() as u64;
        }
        self.paths.insert(message, path);
        progress.files += 1;
        watcher.moved(*progress);
        Ok(())
    }

    fn found(&mut self, read: Result<Vec<u8>, ClientError>) -> Option<Vec<u8>> {
        match read {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.is_unreachable |= matches!(error, ClientError::Transport(_) | ClientError::NotLoggedIn);
                None
            }
        }
    }
}
