//! The state that OpenMLS keeps, as records: what a client writes into its sealed store.
//!
//! OpenMLS writes on every call, in several steps. Here they end in memory; an operation that fails is undone as a whole,
//! and what one that succeeds changed leaves through [`MlsRecords::take_changes`], to be written in one batch.

mod key;
mod message_secrets;
mod provider;
mod storage;

pub(crate) use key::Kind;
pub(crate) use provider::Provider;
pub(crate) use storage::StorageError;

use crate::SecretBytes;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// One record that an operation wrote or deleted.
///
/// The changes of an operation belong into one atomic batch together with whatever else the operation means (the
/// message that goes out, the entry that came in). Keys are at most 64 bytes and hold no secret; values do, and are for
/// a sealed store alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordChange {
    /// The record's key, within the chat's or the KeyPackages' records.
    pub key: Vec<u8>,
    /// The new value; `None` deletes the record.
    pub value: Option<SecretBytes>,
}

/// A set of records in memory that knows what changed since it was last asked.
#[derive(Default)]
pub(crate) struct MlsRecords {
    values: BTreeMap<Vec<u8>, SecretBytes>,
    /// What the current operation has touched, as it was before.
    before: BTreeMap<Vec<u8>, Option<SecretBytes>>,
    /// What completed operations have touched since [`Self::take_changes`].
    changed: BTreeSet<Vec<u8>>,
}

impl MlsRecords {
    pub(crate) fn from_stored(records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Self {
        Self {
            values: records
                .into_iter()
                .map(|(key, value)| (key, value.into()))
                .collect(),
            ..Self::default()
        }
    }

    pub(crate) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.values.get(key).map(SecretBytes::expose)
    }

    pub(crate) fn put(&mut self, key: Vec<u8>, value: SecretBytes) {
        let old = self.values.insert(key.clone(), value);
        self.remember(key, old);
    }

    pub(crate) fn delete(&mut self, key: &[u8]) {
        if let Some(old) = self.values.remove(key) {
            self.remember(key.to_vec(), Some(old));
        }
    }

    /// Keys that begin with `prefix`, in order.
    pub(crate) fn keys<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.values
            .range(prefix.to_vec()..)
            .map(|(key, _)| key.as_slice())
            .take_while(move |key| key.starts_with(prefix))
    }

    fn remember(&mut self, key: Vec<u8>, old: Option<SecretBytes>) {
        if let Entry::Vacant(first_touch) = self.before.entry(key) {
            first_touch.insert(old);
        }
    }

    /// The operation succeeded: what it touched is to be stored.
    pub(crate) fn keep(&mut self) {
        self.changed.extend(core::mem::take(&mut self.before).into_keys());
    }

    /// The operation failed: all is as before it.
    pub(crate) fn undo(&mut self) {
        for (key, old) in core::mem::take(&mut self.before) {
            match old {
                Some(old) => self.values.insert(key, old),
                None => self.values.remove(&key),
            };
        }
    }

    /// Whether completed operations have changed anything that was not taken yet.
    pub(crate) fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    /// What completed operations have changed since the last call, each record once, in the order of keys.
    pub(crate) fn take_changes(&mut self) -> Vec<RecordChange> {
        core::mem::take(&mut self.changed)
            .into_iter()
            .map(|key| RecordChange {
                value: self.values.get(&key).cloned(),
                key,
            })
            .collect()
    }

    /// Deletes every record.
    pub(crate) fn into_deletions(self) -> Vec<RecordChange> {
        self.values
            .into_keys()
            .chain(self.changed)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|key| RecordChange { key, value: None })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(byte: u8) -> SecretBytes {
        vec![byte].into()
    }

    fn records() -> MlsRecords {
        MlsRecords::from_stored([(vec![1], vec![10]), (vec![2], vec![20])])
    }

    #[test]
    fn what_was_loaded_is_no_change() {
        assert!(records().take_changes().is_empty());
    }

    #[test]
    fn a_kept_operation_is_reported_once_with_its_last_values() {
        let mut records = records();
        records.put(vec![1], value(11));
        records.put(vec![1], value(12));
        records.delete(&[2]);
        records.put(vec![3], value(30));
        records.keep();
        assert_eq!(
            records.take_changes(),
            [
                RecordChange {
                    key: vec![1],
                    value: Some(value(12))
                },
                RecordChange {
                    key: vec![2],
                    value: None
                },
                RecordChange {
                    key: vec![3],
                    value: Some(value(30))
                },
            ]
        );
        assert!(records.take_changes().is_empty());
    }

    #[test]
    fn an_undone_operation_leaves_nothing_and_earlier_changes_stand() {
        let mut records = records();
        records.put(vec![1], value(11));
        records.keep();
        records.put(vec![1], value(12));
        records.delete(&[2]);
        records.put(vec![3], value(30));
        records.undo();
        assert_eq!(records.get(&[1]), Some(&[11][..]));
        assert_eq!(records.get(&[2]), Some(&[20][..]));
        assert_eq!(records.get(&[3]), None);
        assert_eq!(
            records.take_changes(),
            [RecordChange {
                key: vec![1],
                value: Some(value(11))
            }]
        );
    }

    #[test]
    fn keys_are_those_of_the_prefix_alone() {
        let records = MlsRecords::from_stored([
            (vec![1], vec![]),
            (vec![2, 1], vec![]),
            (vec![2, 2], vec![]),
            (vec![3], vec![]),
        ]);
        assert_eq!(records.keys(&[2]).collect::<Vec<_>>(), [&[2, 1][..], &[2, 2]]);
    }
}
