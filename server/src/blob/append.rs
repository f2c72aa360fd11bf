//! Adding to a blob: what arrives is kept, a segment at a time, whatever becomes of the connection.

use super::{Blobs, NoSlot, Parts, random_object};
use crate::store::{AdvanceBlobError, Blob, BlobProgress, BlobStore, SEGMENT_BYTES, StoreError};
use crate::telemetry::metrics::METRICS;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use sotto_protocol::{AccountId, BlobId};
use std::pin::pin;

/// Why a request added less than it carried. What the server then has, it has durably.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendError {
    /// No such blob of this account.
    #[error("there is no such blob")]
    BlobNotFound,
    /// Another request is adding to it.
    #[error("another request is adding to the blob")]
    Busy,
    /// The blob has another number of bytes.
    #[error("the blob has {received} bytes")]
    WrongOffset {
        /// So many.
        received: u64,
    },
    /// More than the blob was created with.
    #[error("more bytes than the blob has")]
    TooLong {
        /// Bytes that the server has.
        received: u64,
    },
    /// Nothing came for too long.
    #[error("nothing came for too long")]
    Stalled {
        /// Bytes that the server has.
        received: u64,
    },
    /// This node is stopping.
    #[error("this node is stopping")]
    Stopping {
        /// Bytes that the server has.
        received: u64,
    },
    /// See [`NoSlot`].
    #[error(transparent)]
    NoSlot(#[from] NoSlot),
    /// The folder or bucket cannot be written or read just now.
    #[error("the folder or bucket for blobs failed")]
    Objects(#[from] object_store::Error),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The task that kept what arrived has failed.
    #[error("the upload's task failed")]
    Failed(#[source] tokio::task::JoinError),
}

impl From<AdvanceBlobError> for AppendError {
    fn from(error: AdvanceBlobError) -> Self {
        match error {
            AdvanceBlobError::BlobNotFound => Self::BlobNotFound,
            AdvanceBlobError::WrongOffset { received } => Self::WrongOffset { received },
            AdvanceBlobError::Store(error) => Self::Store(error),
        }
    }
}

/// A piece of a blob, as a request carries it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    /// Who uploads.
    pub(crate) account: AccountId,
    /// The blob.
    pub(crate) blob: BlobId,
    /// Where it begins.
    pub(crate) offset: u64,
    /// Bytes that are to come, if the request says it.
    pub(crate) length: Option<u64>,
}

impl<S: BlobStore> Blobs<S> {
    /// Adds a piece to its blob, and says how far that has come then. If the body breaks off, what came before is kept.
    ///
    /// This goes on when the future is dropped, as happens when the connection is torn: only then what arrived last
    /// has to be kept.
    pub(crate) async fn append<E: Send + 'static>(
        &self,
        piece: Piece,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<Blob, AppendError> {
        let blobs = self.clone();
        let task = self
            .0
            .tasks
            .spawn(async move { blobs.0.append(piece, body).await });
        task.await.map_err(AppendError::Failed)?
    }
}

/// How a body ended.
enum End {
    Complete,
    Torn,
    Stalled,
    Stopping,
}

impl<S: BlobStore> Parts<S> {
    pub(super) async fn append<E>(
        &self,
        piece: Piece,
        body: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Blob, AppendError> {
        let _occupied = self.occupy(piece.blob).ok_or(AppendError::Busy)?;
        let blob = self.writable(piece).await?;
        let _slot = self.appends.take(piece.account)?;
        let _counted = METRICS.blob_appends.hold();
        let mut tail = Tail::load(self, blob).await?;
        let mut body = pin!(body);
        let end = loop {
            let next = tokio::time::timeout(self.config.stall(), body.next());
            let arrived = tokio::select! {
                biased;
                () = self.stopping.cancelled() => break End::Stopping,
                arrived = next => arrived,
            };
            match arrived {
                Ok(Some(Ok(bytes))) => tail.push(bytes).await?,
                Ok(Some(Err(_))) => break End::Torn,
                Ok(None) => break End::Complete,
                Err(_) => break End::Stalled,
            }
        };
        let blob = tail.finish().await?;
        let received = blob.received;
        match end {
            // Nobody hears the answer to a torn request.
            End::Complete | End::Torn => Ok(blob),
            _ if blob.is_whole() => Ok(blob),
            End::Stalled => Err(AppendError::Stalled { received }),
            End::Stopping => Err(AppendError::Stopping { received }),
        }
    }

    /// The blob, if this piece may be added to it.
    async fn writable(&self, piece: Piece) -> Result<Blob, AppendError> {
        let now = self.clock.now();
        let blob = self.store.blob(piece.blob).await?;
        let blob = blob
            .filter(|blob| blob.account == piece.account && blob.ends_at.is_none_or(|end| end > now))
            .ok_or(AppendError::BlobNotFound)?;
        let received = blob.received;
        if piece.offset != received {
            return Err(AppendError::WrongOffset { received });
        }
        if piece.length.is_some_and(|length| length > blob.size - received) {
            return Err(AppendError::TooLong { received });
        }
        Ok(blob)
    }
}

/// The last segment of a blob that grows, in memory until it is full.
struct Tail<'p, S> {
    parts: &'p Parts<S>,
    /// As it is in the database.
    blob: Blob,
    /// The segment that follows the full ones: what an object holds already, then what has arrived since.
    segment: BytesMut,
    /// How many bytes of `segment` are in the database.
    kept: usize,
}

impl<'p, S: BlobStore> Tail<'p, S> {
    async fn load(parts: &'p Parts<S>, blob: Blob) -> Result<Self, AppendError> {
        let mut segment = BytesMut::new();
        let partial = blob.received % SEGMENT_BYTES;
        if partial > 0 && !blob.is_whole() {
            let number = blob.received / SEGMENT_BYTES;
            let objects = parts.store.blob_objects(blob.blob, number, 1).await?;
            let object = *objects.first().ok_or(StoreError::Unreadable {
                what: "segment of a blob",
            })?;
            segment.extend_from_slice(&parts.objects.get(object, 0..partial).await?);
        }
        Ok(Self {
            parts,
            blob,
            kept: segment.len(),
            segment,
        })
    }

    /// Bytes of the blob up to the end of `segment`.
    fn position(&self) -> u64 {
        self.blob.received + (self.segment.len() - self.kept) as u64
    }

    /// Takes bytes that arrived, and writes each segment that is full with more to come.
    async fn push(&mut self, mut bytes: Bytes) -> Result<(), AppendError> {
        if bytes.len() as u64 > self.blob.size - self.position() {
            return Err(AppendError::TooLong {
                received: self.blob.received,
            });
        }
        while !bytes.is_empty() {
            if self.segment.len() as u64 == SEGMENT_BYTES {
                self.flush().await?;
            }
            let room = usize::try_from(SEGMENT_BYTES).unwrap_or(usize::MAX) - self.segment.len();
            // Copied: a slice would keep the whole buffer alive that it was read into.
            self.segment
                .extend_from_slice(&bytes.split_to(room.min(bytes.len())));
        }
        Ok(())
    }

    /// Makes durable what arrived last, and says how far the blob has come.
    async fn finish(mut self) -> Result<Blob, AppendError> {
        self.flush().await?;
        Ok(self.blob)
    }

    /// Makes durable what has arrived. Nothing may follow but the next segment.
    async fn flush(&mut self) -> Result<(), AppendError> {
        let to = self.position();
        if to == self.blob.received {
            return Ok(());
        }
        let Parts {
            store,
            objects,
            clock,
            config,
            ..
        } = self.parts;
        let content = self.segment.split().freeze();
        let object = random_object();
        objects.put(object, content).await?;
        let now = clock.now();
        let advanced = store.advance_blob(BlobProgress {
            blob: self.blob.blob,
            from: self.blob.received,
            to,
            object,
            at: now,
            abandoned_at: now.plus_millis(config.abandon_millis()),
        });
        match advanced.await {
            Ok(blob) => {
                self.blob = blob;
                self.kept = 0;
                Ok(())
            }
            // It may have been committed with the answer lost: if not, the object will be collected.
            Err(error @ AdvanceBlobError::Store(_)) => Err(error.into()),
            Err(error) => {
                if let Err(error) = objects.delete(object).await {
                    tracing::debug!(%error, "an object that lost a race will be collected later");
                }
                Err(error.into())
            }
        }
    }
}
