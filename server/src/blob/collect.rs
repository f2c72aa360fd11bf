//! Clearing away: blobs whose time is over, objects that are to go, and what crashes have left.

use super::objects::Slice;
use super::{Blobs, Parts};
use crate::store::{BlobStore, ObjectId, StoreError};
use crate::telemetry::metrics::METRICS;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sotto_protocol::Timestamp;
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often blobs whose time is over are deleted.
const PERIOD: Duration = Duration::from_secs(20);
/// Every so many periods one of 256 slices is searched for leftovers: all of them within a day.
const SEARCH_EVERY: u32 = 16;
/// Blobs or objects in one step.
const STEP: u16 = 500;
/// Objects deleted at a time.
const DELETED_AT_ONCE: usize = 8;
/// An object that nobody names is left for so long: whoever has just written it is about to name it.
const GRACE_MILLIS: u64 = 6 * 60 * 60 * 1000;

/// Why clearing away stopped. The next time it goes on.
#[derive(Debug, thiserror::Error)]
pub(super) enum CollectError {
    #[error("the folder or bucket for blobs failed")]
    Objects(#[from] object_store::Error),
    #[error("the folder for blobs failed")]
    Folder(#[from] std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a search of a slice found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Leftovers {
    /// Objects that nobody named; deleted.
    pub(super) unnamed: usize,
    /// Half-written files; deleted.
    pub(super) half_written: usize,
    /// Objects that blobs name and that are not there; reported.
    pub(super) missing: usize,
}

impl<S: BlobStore> Blobs<S> {
    /// Clears away now and then, for as long as it is polled.
    pub(crate) async fn keep_clear(self) {
        let [mut slice, ..] = super::random();
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for turn in (0..SEARCH_EVERY).cycle() {
            ticks.tick().await;
            if let Err(error) = self.0.clear().await {
                let error = crate::http::chain(&error);
                tracing::warn!(error, "blobs that have ended are not all deleted yet; later");
            }
            if turn != 0 {
                continue;
            }
            slice = slice.wrapping_add(1);
            match self.0.search(Slice(slice)).await {
                Ok(found) if found == Leftovers::default() => {}
                Ok(found) if found.missing == 0 => {
                    tracing::info!(
                        found.unnamed,
                        found.half_written,
                        "leftovers of blobs were deleted"
                    );
                }
                Ok(found) => {
                    METRICS.blob_missing_objects.add(found.missing as u64);
                    tracing::error!(
                        found.missing,
                        "objects of blobs are missing: is the right folder or bucket configured, and mounted?"
                    );
                }
                Err(error) => {
                    let error = crate::http::chain(&error);
                    tracing::warn!(error, "leftovers of blobs cannot be looked for; later");
                }
            }
        }
    }
}

impl<S: BlobStore> Parts<S> {
    /// Deletes blobs whose time is over, and the objects that were condemned.
    pub(super) async fn clear(&self) -> Result<(), CollectError> {
        while self.store.end_blobs(self.clock.now(), STEP).await? == STEP {}
        loop {
            let condemned = self.store.condemned_objects(STEP).await?;
            if condemned.is_empty() {
                return Ok(());
            }
            self.delete_all(&condemned).await?;
            self.store.forget_objects(&condemned).await?;
        }
    }

    /// Deletes what crashes have left of a slice, and counts what is lost. A row whose object is missing stays: a
    /// folder that is not mounted looks the same, and then everything would be deleted.
    pub(super) async fn search(&self, slice: Slice) -> Result<Leftovers, CollectError> {
        let before = Timestamp(self.clock.now().0.saturating_sub(GRACE_MILLIS));
        let mut found = Leftovers {
            half_written: self.objects.delete_half_written(slice, before).await?,
            ..Leftovers::default()
        };
        let mut present = HashSet::new();
        let mut listed = self.objects.list(slice).try_chunks(usize::from(STEP));
        while let Some(chunk) = listed.next().await {
            let chunk = chunk.map_err(|partial| partial.1)?;
            present.extend(chunk.iter().map(|(object, _)| *object));
            let old: Vec<ObjectId> = chunk
                .into_iter()
                .filter(|(_, written)| *written < before)
                .map(|(object, _)| object)
                .collect();
            let unnamed = self.store.unnamed(&old).await?;
            self.delete_all(&unnamed).await?;
            found.unnamed += unnamed.len();
        }
        found.missing = self.missing(slice, &present).await?;
        Ok(found)
    }

    async fn delete_all(&self, objects: &[ObjectId]) -> Result<(), object_store::Error> {
        let store = self.objects.clone();
        stream::iter(objects.to_vec())
            .map(move |object| {
                let store = store.clone();
                async move { store.delete(object).await }
            })
            .buffer_unordered(DELETED_AT_ONCE)
            .try_collect()
            .await
    }

    /// How many objects of the slice are named by blobs but not there.
    async fn missing(&self, slice: Slice, present: &HashSet<ObjectId>) -> Result<usize, CollectError> {
        let mut missing = 0;
        let mut first = [0; 16];
        first[0] = slice.0;
        let mut after = ObjectId(first);
        loop {
            let named = self.store.named_after(after, STEP).await?;
            let Some(&last) = named.last() else {
                return Ok(missing);
            };
            for object in named {
                if object.0[0] != slice.0 {
                    return Ok(missing);
                }
                // It may have been written, or deleted with its blob, since the slice was listed.
                if !present.contains(&object)
                    && !self.objects.exists(object).await?
                    && self.is_named(object).await?
                {
                    missing += 1;
                }
            }
            after = last;
        }
    }

    async fn is_named(&self, object: ObjectId) -> Result<bool, StoreError> {
        let mut before = object;
        for byte in before.0.iter_mut().rev() {
            *byte = byte.wrapping_sub(1);
            if *byte != u8::MAX {
                break;
            }
        }
        Ok(self.store.named_after(before, 1).await? == [object])
    }
}
