//! A file on its way to the server: in pieces, sealed as they are read, going on wherever it was cut off.

use super::chunks;
use super::progress::{Progress, TransferState};
use crate::api::{Api, ApiError};
use crate::platform::{Clock as _, FileContent, FileUnreadable, Platform};
use crate::surroundings::Surroundings;
use bytes::Bytes;
use core::time::Duration;
use sotto_crypto_core::file::{CHUNK_BYTES, CHUNK_OVERHEAD, FileError};
use sotto_crypto_core::{FileCipher, FileKey, FileLayout};
use sotto_protocol::rest::blob::CreateBlob;
use sotto_protocol::{BlobId, ProblemCode, Retention, UploadId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Chunks in a piece at first, at least and at most: what the way to the server carries in a second or two.
const PIECE_CHUNKS: u32 = 16;
const PIECE_CHUNKS_MIN: u32 = 1;
const PIECE_CHUNKS_MAX: u32 = 64;
/// A piece that took less is followed by one of twice as many chunks.
const QUICK_MS: u64 = 1_000;
/// Waits after a failure: the first, and the longest.
const WAIT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// A file to be brought to the server.
pub(crate) struct UploadJob<P: Platform> {
    pub(crate) api: Api<P>,
    pub(crate) surroundings: Arc<Surroundings<P>>,
    pub(crate) upload: UploadId,
    pub(crate) key: FileKey,
    pub(crate) retention: Retention,
    pub(crate) content: FileContent,
    pub(crate) progress: Progress<P>,
    /// It is not wanted any more.
    pub(crate) cancelled: Arc<AtomicBool>,
}

/// Why a file is not on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UploadFailure {
    /// It is not wanted any more. This is what the server has of it.
    Cancelled(BlobId),
    /// The server does not take it.
    Refused(ProblemCode),
    /// It is not there any more, or is another one.
    Unreadable(FileUnreadable),
    /// The server does not behave as it must.
    Untrusted,
}

/// Why a piece is not on the server.
enum PieceFailure {
    Api(ApiError),
    Unreadable(FileUnreadable),
    Untrusted,
}

impl From<ApiError> for PieceFailure {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<FileUnreadable> for PieceFailure {
    fn from(reason: FileUnreadable) -> Self {
        Self::Unreadable(reason)
    }
}

impl From<FileError> for PieceFailure {
    fn from(_: FileError) -> Self {
        Self::Untrusted
    }
}

impl<P: Platform> UploadJob<P> {
    /// Brings it there, however long that takes.
    pub(crate) async fn run(mut self) -> Result<BlobId, UploadFailure> {
        let layout = FileLayout::new(self.content.length())
            .map_err(|_| UploadFailure::Refused(ProblemCode::BlobTooLarge))?;
        let cipher = FileCipher::new(&self.key, layout);
        let mut count = PIECE_CHUNKS;
        let mut wait = WAIT.0;
        loop {
            match self.go_on(&cipher, &mut count, &mut wait).await {
                Ok(outcome) => return outcome,
                Err(PieceFailure::Unreadable(reason)) => return Err(UploadFailure::Unreadable(reason)),
                Err(PieceFailure::Untrusted) => return Err(UploadFailure::Untrusted),
                Err(PieceFailure::Api(error)) if super::transfer::is_worth_another(&error) => {
                    count = (count / 2).max(PIECE_CHUNKS_MIN);
                    self.progress.is(TransferState::Waiting);
                    self.surroundings.clock.sleep(wait).await;
                    wait = (wait * 2).min(WAIT.1);
                }
                Err(PieceFailure::Api(error)) => {
                    return Err(error
                        .code()
                        .map_or(UploadFailure::Untrusted, UploadFailure::Refused));
                }
            }
        }
    }

    /// Sends piece after piece from where the server says.
    async fn go_on(
        &mut self,
        cipher: &FileCipher,
        count: &mut u32,
        wait: &mut Duration,
    ) -> Result<Result<BlobId, UploadFailure>, PieceFailure> {
        let request = CreateBlob {
            upload: self.upload,
            size: cipher.layout().sealed_length(),
            retention: self.retention,
        };
        // A repetition is answered with how far it has come.
        let mut upload = self.api.create_blob(&request).await?;
        while upload.offset < upload.size {
            if self.cancelled.load(Ordering::Relaxed) {
                return Ok(Err(UploadFailure::Cancelled(upload.blob)));
            }
            self.progress.moved(upload.offset);
            let piece = self.piece(cipher, upload.offset, *count).await?;
            let begun = self.surroundings.clock.now();
            let next = self.api.append_to_blob(upload.blob, upload.offset, piece).await?;
            if next.offset <= upload.offset {
                return Err(PieceFailure::Untrusted);
            }
            upload = next;
            *wait = WAIT.0;
            if self.surroundings.clock.now().0.saturating_sub(begun.0) < QUICK_MS {
                *count = (*count * 2).min(PIECE_CHUNKS_MAX);
            }
        }
        Ok(Ok(upload.blob))
    }

    /// The sealed bytes from here on, of so many chunks.
    async fn piece(&self, cipher: &FileCipher, offset: u64, count: u32) -> Result<Bytes, PieceFailure> {
        const SEALED_BYTES: u64 = (CHUNK_BYTES + CHUNK_OVERHEAD) as u64;
        let layout = cipher.layout();
        let first = u32::try_from(offset / SEALED_BYTES).map_err(|_| PieceFailure::Untrusted)?;
        let wanted = first..first.saturating_add(count).min(layout.chunks());
        let content = self.content.read(chunks::content_range(layout, &wanted)?).await?;
        let sealed = chunks::seal(cipher, wanted, &content)?;
        let done = usize::try_from(offset % SEALED_BYTES).map_err(|_| PieceFailure::Untrusted)?;
        Ok(Bytes::from(sealed).slice(done..))
    }
}
