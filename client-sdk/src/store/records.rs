//! The sealed view of a store: values are typed above it and ciphertext below.

use super::{Batch, Record, RecordKey, Scan, Store, StoreError};
use crate::platform::{MaybeSend, MaybeSync};
use core::fmt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sotto_crypto_core::{CryptoRng, record::StoreKey, secret::SecretBytes};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The first byte of every typed value, before it is sealed.
const FORMAT: u8 = 1;

/// A [`Store`] whose values are sealed with the store key, each bound to its key: one moved to another key does not
/// open. Clones are the same store.
pub struct Records<S> {
    inner: Arc<Inner<S>>,
}

struct Inner<S> {
    store: S,
    key: StoreKey,
    observer: Option<Arc<dyn Observer>>,
}

/// Who wants to know what becomes of some of the records, whoever changes them.
pub(crate) trait Observer: MaybeSend + MaybeSync {
    /// Whether it wants to know of the record with this key: the same whenever it is asked.
    fn observes(&self, key: &[u8]) -> bool;

    /// The record with this key has just been given this value, or has been deleted. Called in the order of the batches of whoever
    /// waits for one before applying the next.
    fn changed(&self, key: &[u8], value: Option<&SecretBytes>);
}

impl<S: Store> Records<S> {
    /// The records of `store`, sealed with `key`.
    #[must_use]
    pub fn new(store: S, key: StoreKey) -> Self {
        let observer = None;
        Self {
            inner: Arc::new(Inner { store, key, observer }),
        }
    }

    /// As [`Self::new`], with somebody who is told of changes.
    pub(crate) fn observed(store: S, key: StoreKey, observer: Arc<dyn Observer>) -> Self {
        let observer = Some(observer);
        Self {
            inner: Arc::new(Inner { store, key, observer }),
        }
    }

    /// The value of `key`.
    pub async fn get<T: DeserializeOwned>(&self, key: &RecordKey) -> Result<Option<T>, RecordsError> {
        match self.get_bytes(key).await? {
            Some(plain) => decode(&plain).map(Some),
            None => Ok(None),
        }
    }

    /// The value of `key`, as it was given to [`Changes::put_bytes`].
    pub async fn get_bytes(&self, key: &RecordKey) -> Result<Option<SecretBytes>, RecordsError> {
        match self.inner.store.get(key.as_slice()).await? {
            Some(sealed) => self.open(key.as_slice(), &sealed).map(Some),
            None => Ok(None),
        }
    }

    /// As [`Self::get`], once `changes` are made.
    pub async fn get_after<T: DeserializeOwned>(
        &self,
        changes: &Changes,
        key: &RecordKey,
    ) -> Result<Option<T>, RecordsError> {
        match changes.changes.get(key.as_slice()) {
            Some(value) => value.as_ref().map(decode).transpose(),
            None => self.get(key).await,
        }
    }

    /// The records that `scan` asks for, each with its key.
    pub async fn scan<T: DeserializeOwned>(&self, scan: Scan) -> Result<Vec<(Vec<u8>, T)>, RecordsError> {
        let records = self.inner.store.scan(scan).await?;
        records
            .into_iter()
            .map(|(key, sealed)| {
                let value = decode(&self.open(&key, &sealed)?)?;
                Ok((key, value))
            })
            .collect()
    }

    /// The records that `scan` asks for, each with its key, as they were given to [`Changes::put_bytes`].
    pub async fn scan_bytes(&self, scan: Scan) -> Result<Vec<(Vec<u8>, SecretBytes)>, RecordsError> {
        let records = self.inner.store.scan(scan).await?;
        records
            .into_iter()
            .map(|(key, sealed)| {
                let value = self.open(&key, &sealed)?;
                Ok((key, value))
            })
            .collect()
    }

    /// The keys alone that `scan` asks for: nothing is opened.
    pub async fn scan_keys(&self, scan: Scan) -> Result<Vec<Vec<u8>>, RecordsError> {
        let records = self.inner.store.scan(scan).await?;
        Ok(records.into_iter().map(|(key, _): Record| key).collect())
    }

    /// Seals `changes`, so that [`Records::apply_sealed`] can write them without randomness.
    #[must_use]
    pub fn seal(&self, rng: &mut impl CryptoRng, changes: Changes) -> SealedChanges {
        let mut batch = Batch::new();
        let mut observed = Vec::new();
        for (key, value) in changes.changes {
            let sealed = value
                .as_ref()
                .map(|plain| self.inner.key.seal(rng, &key, plain.expose()));
            if self.is_observed(&key) {
                observed.push((key.clone(), value));
            }
            match sealed {
                Some(sealed) => batch.put(key, sealed),
                None => batch.delete(key),
            }
        }
        SealedChanges { batch, observed }
    }

    /// Makes all of the changes or none, durably: see [`Store::apply`].
    pub async fn apply_sealed(&self, changes: SealedChanges) -> Result<(), RecordsError> {
        let SealedChanges { batch, observed } = changes;
        if batch.is_empty() {
            return Ok(());
        }
        self.inner.store.apply(batch).await?;
        if let Some(observer) = &self.inner.observer {
            for (key, value) in &observed {
                observer.changed(key, value.as_ref());
            }
        }
        Ok(())
    }

    /// [`Records::seal`] at once, then [`Records::apply_sealed`]: the future holds no randomness.
    pub fn apply<'a, R: CryptoRng>(
        &'a self,
        rng: &mut R,
        changes: Changes,
    ) -> impl Future<Output = Result<(), RecordsError>> + use<'a, S, R> {
        let sealed = self.seal(rng, changes);
        self.apply_sealed(sealed)
    }

    /// Erases what was deleted: see [`Store::erase`].
    pub async fn erase(&self) -> Result<(), RecordsError> {
        Ok(self.inner.store.erase().await?)
    }

    /// Lets go of the store: see [`Store::close`].
    pub async fn close(&self) {
        self.inner.store.close().await;
    }

    fn is_observed(&self, key: &[u8]) -> bool {
        let observer = self.inner.observer.as_ref();
        observer.is_some_and(|observer| observer.observes(key))
    }

    fn open(&self, key: &[u8], sealed: &[u8]) -> Result<SecretBytes, RecordsError> {
        self.inner
            .key
            .open(key, sealed)
            .map_err(|_| RecordsError::Unopened)
    }
}

impl<S> Clone for Records<S> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<S> fmt::Debug for Records<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Records")
    }
}

/// Changes of records, not yet sealed. Of several changes of one key the last one counts. Values are wiped on drop.
#[derive(Default)]
pub struct Changes {
    changes: BTreeMap<Vec<u8>, Option<SecretBytes>>,
}

impl Changes {
    /// No changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of `key`, whether it has one or not.
    pub fn put<T: Serialize + ?Sized>(&mut self, key: impl Into<Vec<u8>>, value: &T) {
        self.changes.insert(key.into(), Some(encode(value)));
    }

    /// Sets the value of `key` to these bytes.
    pub fn put_bytes(&mut self, key: impl Into<Vec<u8>>, value: SecretBytes) {
        self.changes.insert(key.into(), Some(value));
    }

    /// Removes `key`, if it is there.
    pub fn delete(&mut self, key: impl Into<Vec<u8>>) {
        self.changes.insert(key.into(), None);
    }

    /// Every change: a key, and its value; `None` if it is removed.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], Option<&SecretBytes>)> {
        self.changes
            .iter()
            .map(|(key, value)| (key.as_slice(), value.as_ref()))
    }

    /// Adds all of `later`; where both change a key, `later` counts.
    pub fn extend(&mut self, later: Self) {
        self.changes.extend(later.changes);
    }

    /// How many keys change.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({} records)", self.changes.len())
    }
}

/// Sealed [`Changes`].
#[derive(Debug)]
pub struct SealedChanges {
    batch: Batch,
    /// What of it the observer is told of once it is made.
    observed: Vec<(Vec<u8>, Option<SecretBytes>)>,
}

/// Why a record could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordsError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record does not open: the store key is another one, or the record was tampered with.
    #[error("a record cannot be opened with this store key")]
    Unopened,
    /// The record opens, but is not of the type asked for.
    #[error("a record cannot be read")]
    Malformed,
    /// The record was written by a newer version of this program. Update it.
    #[error("a record was written by a newer version")]
    Newer,
}

#[allow(
    clippy::expect_used,
    reason = "serialising plain data into memory has no error to return"
)]
fn encode<T: Serialize + ?Sized>(value: &T) -> SecretBytes {
    // As large as it will get, at once: a buffer that grows leaves copies behind that nobody wipes.
    let size = postcard::experimental::serialized_size(value).expect("plain data always encodes");
    let mut buffer = Vec::with_capacity(size + 1);
    buffer.push(FORMAT);
    postcard::to_extend(value, buffer)
        .expect("plain data always encodes")
        .into()
}

/// A value as it was given to [`Changes::put`].
pub(crate) fn decode<T: DeserializeOwned>(plain: &SecretBytes) -> Result<T, RecordsError> {
    match plain.expose().split_first() {
        Some((&FORMAT, encoded)) => match postcard::take_from_bytes(encoded) {
            Ok((value, [])) => Ok(value),
            Ok(_) | Err(_) => Err(RecordsError::Malformed),
        },
        Some((&format, _)) if format > FORMAT => Err(RecordsError::Newer),
        Some(_) | None => Err(RecordsError::Malformed),
    }
}
