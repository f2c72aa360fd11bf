//! A file that came in a message: read from the server, a part at a time.

use super::progress::{Direction, Progress, Transfer, TransferState};
use super::{chunks, transfer};
use crate::client::Client;
use crate::error::ClientError;
use crate::messages::{StoredBody, find_message};
use crate::platform::{Clock as _, Platform};
use crate::store::Changes;
use core::ops::Range;
use sotto_crypto_core::content::File;
use sotto_crypto_core::file::FileError;
use sotto_crypto_core::{FileCipher, FileLayout};
use sotto_protocol::{ChatId, MessageId, ProblemCode};
use std::sync::Arc;

/// The most that [`Client::read_file_part`] reads at once.
pub const FILE_PART_BYTES: u64 = 4 * 1024 * 1024;
/// The longest file that is read whole into memory.
pub const FILE_IN_MEMORY_BYTES: u64 = 64 * 1024 * 1024;
/// How much is read at once of a file that is read whole.
const STEP_BYTES: u64 = 1024 * 1024;

impl<P: Platform> Client<P> {
    /// Some of the content of a message's file: at most [`FILE_PART_BYTES`], of those that it has.
    pub async fn read_file_part(
        &self,
        chat: ChatId,
        message: MessageId,
        range: Range<u64>,
    ) -> Result<Vec<u8>, ClientError> {
        let file = self.file_of(chat, message).await?;
        self.read_part(&file, range).await
    }

    /// The whole content of a message's file of at most [`FILE_IN_MEMORY_BYTES`].
    pub async fn read_file(&self, chat: ChatId, message: MessageId) -> Result<Vec<u8>, ClientError> {
        let file = self.file_of(chat, message).await?;
        let total = file.info.length;
        if total > FILE_IN_MEMORY_BYTES {
            return Err(ClientError::FileTooLarge);
        }
        let mut content = Vec::new();
        let mut progress = self.download_progress(chat, message, total);
        let mut done = 0;
        while done < total {
            if self.shared().is_cancelled(message) {
                progress.is(TransferState::Failed {
                    code: ClientError::Cancelled.code(),
                });
                return Err(ClientError::Cancelled);
            }
            match self.read_part(&file, done..(done + STEP_BYTES).min(total)).await {
                Ok(part) => content.extend(part),
                Err(error) => {
                    progress.is(TransferState::Failed { code: error.code() });
                    return Err(error);
                }
            }
            done = content.len() as u64;
            progress.moved(done);
        }
        progress.is(TransferState::Done);
        Ok(content)
    }

    /// Reports of a file that is read.
    pub(crate) fn download_progress(&self, chat: ChatId, message: MessageId, total: u64) -> Progress<P> {
        let transfer = Transfer {
            chat,
            message,
            direction: Direction::Down,
            done: 0,
            total,
            state: TransferState::Waiting,
        };
        Progress::new(
            self.surroundings(),
            Arc::clone(self.shared()),
            self.event_hub().clone(),
            transfer,
        )
    }

    /// The file that a message has, stored or fleeting.
    pub(crate) async fn file_of(&self, chat: ChatId, message: MessageId) -> Result<File, ClientError> {
        let found = find_message(self.records(), chat, message, &Changes::new()).await?;
        match found.map(|(_, record)| record) {
            Some(record) if record.is_over(self.clock().now()) => Err(ClientError::FileGone),
            Some(record) => match record.body {
                StoredBody::File(file) => Ok(file),
                StoredBody::Upload { .. } => Err(ClientError::NotSentYet),
                StoredBody::Text(_)
                | StoredBody::GroupChanges(_)
                | StoredBody::Unknown { .. }
                | StoredBody::Deleted { .. } => Err(ClientError::FileGone),
            },
            None => self
                .shared()
                .fleeting_file(message)
                .ok_or(ClientError::MessageNotFound),
        }
    }

    pub(crate) async fn read_part(&self, file: &File, range: Range<u64>) -> Result<Vec<u8>, ClientError> {
        let range = range.start..range.end.min(file.info.length);
        if range.is_empty() {
            return Ok(Vec::new());
        }
        if range.end - range.start > FILE_PART_BYTES {
            return Err(ClientError::FileTooLarge);
        }
        let layout = FileLayout::new(file.info.length)?;
        let (first, last) = layout
            .chunk_of(range.start)
            .zip(layout.chunk_of(range.end - 1))
            .ok_or(ClientError::FileDamaged)?;
        let wanted = first..last + 1;
        let sealed_range = chunks::sealed_range(layout, &wanted)?;
        let sealed = transfer::download(self.api(), self.clock(), file.blob, sealed_range).await;
        let sealed = sealed.map_err(|error| match error.code() {
            Some(ProblemCode::BlobNotFound) => ClientError::FileGone,
            _ => error.into(),
        })?;
        let content_begins = chunks::content_range(layout, &wanted)?.start;
        let content = chunks::open(&FileCipher::new(&file.key, layout), wanted, &sealed)?;
        let within = |at: u64| usize::try_from(at - content_begins).unwrap_or(usize::MAX);
        content
            .get(within(range.start)..within(range.end))
            .map(<[u8]>::to_vec)
            .ok_or(ClientError::FileDamaged)
    }
}

/// What the server has is not what was sent.
impl From<FileError> for ClientError {
    fn from(_: FileError) -> Self {
        Self::FileDamaged
    }
}
