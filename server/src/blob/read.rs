//! Reading a blob, a piece at a time: what is not sent yet is not in memory.

use super::slots::Slot;
use super::{Blobs, NoSlot};
use crate::store::{Blob, BlobStore, ObjectId, SEGMENT_BYTES, StoreError};
use crate::telemetry::metrics::{Held, METRICS};
use bytes::Bytes;
use futures_util::{Stream, stream};
use sotto_protocol::AccountId;
use std::ops::Range;

/// Bytes that are read at once.
const PIECE_BYTES: u64 = 512 * 1024;

/// Bytes that are handed on at once. Somebody who takes so little in the time of a stall is slow, not gone.
const SLICE_BYTES: usize = 16 * 1024;

/// Segments whose objects are looked up at once.
const LOOKED_UP: u16 = 64;

/// Why a blob cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// See [`NoSlot`].
    #[error(transparent)]
    NoSlot(#[from] NoSlot),
    /// An object that the database names is not there. An operator has to look.
    #[error("an object of a blob is missing")]
    Missing(#[source] object_store::Error),
    /// The folder or bucket cannot be read just now.
    #[error("the folder or bucket for blobs failed")]
    Objects(#[source] object_store::Error),
    /// The blob was deleted meanwhile.
    #[error("the blob is gone")]
    Gone,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A range of a blob that is being read.
pub(crate) struct Reading<S> {
    blobs: Blobs<S>,
    blob: Blob,
    /// What is still to be read.
    range: Range<u64>,
    /// The objects of the segments from `first` on, as far as they were looked up.
    objects: Vec<ObjectId>,
    first: u64,
    /// Read, to be handed on first.
    piece: Bytes,
    _slot: Slot,
    _counted: Held,
}

impl<S: BlobStore> Blobs<S> {
    /// Begins to read a range, not empty, of a blob that is whole, for this account. Its first piece is read at once, so
    /// that what can go wrong mostly goes wrong here.
    pub(crate) async fn read(
        &self,
        reader: AccountId,
        blob: Blob,
        range: Range<u64>,
    ) -> Result<Reading<S>, ReadError> {
        let slot = self.0.reads.take(reader)?;
        let mut reading = Reading {
            blobs: self.clone(),
            blob,
            range,
            objects: Vec::new(),
            first: 0,
            piece: Bytes::new(),
            _slot: slot,
            _counted: METRICS.blob_reads.hold(),
        };
        reading.piece = reading.next_piece().await?;
        Ok(reading)
    }
}

impl<S: BlobStore> Reading<S> {
    /// The next bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ReadError> {
        if self.piece.is_empty() {
            if self.range.is_empty() {
                return Ok(None);
            }
            self.piece = self.next_piece().await?;
        }
        let slice = self.piece.split_to(SLICE_BYTES.min(self.piece.len()));
        Ok(Some(slice))
    }

    async fn next_piece(&mut self) -> Result<Bytes, ReadError> {
        let segment = self.range.start / SEGMENT_BYTES;
        let begin = segment * SEGMENT_BYTES;
        let object = self.object(segment).await?;
        let end = self
            .range
            .end
            .min(begin + SEGMENT_BYTES)
            .min(self.range.start + PIECE_BYTES);
        let piece = self
            .blobs
            .0
            .objects
            .get(object, self.range.start - begin..end - begin)
            .await;
        match piece {
            Ok(piece) => {
                self.range.start = end;
                Ok(piece)
            }
            Err(error @ object_store::Error::NotFound { .. }) => {
                // Deleted between the two look-ups, or lost?
                match self.blobs.0.store.blob(self.blob.blob).await? {
                    Some(_) => Err(ReadError::Missing(error)),
                    None => Err(ReadError::Gone),
                }
            }
            Err(error) => Err(ReadError::Objects(error)),
        }
    }

    /// The object that holds this segment.
    async fn object(&mut self, segment: u64) -> Result<ObjectId, ReadError> {
        let known = |first: u64, objects: &[ObjectId]| {
            let position = usize::try_from(segment.checked_sub(first)?).ok()?;
            objects.get(position).copied()
        };
        if let Some(object) = known(self.first, &self.objects) {
            return Ok(object);
        }
        self.objects = self
            .blobs
            .0
            .store
            .blob_objects(self.blob.blob, segment, LOOKED_UP)
            .await?;
        self.first = segment;
        known(self.first, &self.objects).ok_or(ReadError::Gone)
    }

    /// The bytes as they are read, and an error that ends them.
    pub(crate) fn into_stream(self) -> impl Stream<Item = Result<Bytes, ReadError>> + Send + 'static
    where
        S: 'static,
    {
        stream::try_unfold(self, |mut reading| async move {
            Ok(reading.next().await?.map(|piece| (piece, reading)))
        })
    }
}
