//! The secrets by which messages are opened: a record for the current epoch, and two for each past epoch that is kept.
//!
//! OpenMLS writes its `MessageSecretsStore` as a whole with every message. Most of that never changes: the members of the past
//! epochs, which alone are a hundred kilobytes an epoch among a thousand members. So it is taken apart by its fields as it is
//! serialised, a record is written only where it differs from what is there, and the members of an epoch are not even encoded
//! again. Put together, the records are the postcard of the whole, byte by byte, as postcard puts nothing between fields.
//!
//! The epochs that OpenMLS has let go of are deleted by the same operation: with the last record of an epoch its messages are
//! closed for good.

use super::storage::{StorageError, decode, encode};
use super::{Kind, MlsRecords};
use crate::SecretBytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::ser::{Error, Impossible, SerializeSeq, SerializeStruct, Serializer};
use std::collections::BTreeSet;

/// Writes what has changed of a `MessageSecretsStore`, in place of the one record that earlier versions wrote.
pub(super) fn put(records: &mut MlsRecords, value: &impl Serialize) -> Result<(), StorageError> {
    let mut store = StoreParts {
        records,
        max_epochs: None,
        kept: BTreeSet::new(),
    };
    value.serialize(Apart(&mut store))?;
    let StoreParts { kept, .. } = store;
    for kind in [Kind::PastSecrets, Kind::PastMembers] {
        for epoch in epochs(records, kind)? {
            if !kept.contains(&epoch) {
                records.delete(&kind.key_at(epoch));
            }
        }
    }
    records.delete(&Kind::MessageSecrets.key());
    Ok(())
}

/// Reads a `MessageSecretsStore`, as this version or an earlier one has written it.
pub(super) fn get<V: DeserializeOwned>(records: &MlsRecords) -> Result<Option<V>, StorageError> {
    let Some(current) = records.get(&Kind::CurrentSecrets.key()) else {
        let whole = records.get(&Kind::MessageSecrets.key());
        return whole.map(decode).transpose();
    };
    let (_, current_secrets) = postcard::take_from_bytes::<usize>(current)?;
    let max_epochs = current
        .get(..current.len() - current_secrets.len())
        .ok_or(StorageError)?;
    let epochs = epochs(records, Kind::PastSecrets)?;
    let mut parts: Vec<SecretBytes> = vec![max_epochs.to_vec().into(), encode(&epochs.len())?];
    for epoch in epochs {
        parts.push(encode(&epoch)?);
        for kind in [Kind::PastSecrets, Kind::PastMembers] {
            let part = records.get(&kind.key_at(epoch)).ok_or(StorageError)?;
            parts.push(part.to_vec().into());
        }
    }
    parts.push(current_secrets.to_vec().into());
    let mut whole = Vec::with_capacity(parts.iter().map(|part| part.expose().len()).sum());
    for part in &parts {
        whole.extend_from_slice(part.expose());
    }
    decode(SecretBytes::from(whole).expose()).map(Some)
}

/// Deletes all of it.
pub(super) fn delete(records: &mut MlsRecords) -> Result<(), StorageError> {
    for kind in [Kind::PastSecrets, Kind::PastMembers] {
        for epoch in epochs(records, kind)? {
            records.delete(&kind.key_at(epoch));
        }
    }
    for kind in [Kind::CurrentSecrets, Kind::MessageSecrets] {
        records.delete(&kind.key());
    }
    Ok(())
}

/// The past epochs of which there is a record, the oldest first.
fn epochs(records: &MlsRecords, kind: Kind) -> Result<Vec<u64>, StorageError> {
    records
        .keys(&kind.key())
        .map(|key| kind.epoch_in(key).ok_or(StorageError))
        .collect()
}

/// Whoever takes a struct or a list apart.
trait Parts {
    /// A field by its name, or an element of a list as [`ELEMENT`].
    fn part<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), StorageError>;
}

const ELEMENT: &str = "[]";

/// The fields of a `MessageSecretsStore`.
struct StoreParts<'a> {
    records: &'a mut MlsRecords,
    max_epochs: Option<SecretBytes>,
    kept: BTreeSet<u64>,
}

impl Parts for StoreParts<'_> {
    fn part<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), StorageError> {
        match name {
            "max_epochs" => self.max_epochs = Some(encode(value)?),
            "past_epoch_trees" => value.serialize(Apart(self))?,
            ELEMENT => {
                let mut epoch = EpochParts {
                    records: self.records,
                    epoch: None,
                };
                value.serialize(Apart(&mut epoch))?;
                self.kept.insert(epoch.epoch.ok_or(StorageError)?);
            }
            "message_secrets" => {
                let max_epochs = self.max_epochs.take().ok_or(StorageError)?;
                let secrets = encode(value)?;
                let mut current = Vec::with_capacity(max_epochs.expose().len() + secrets.expose().len());
                current.extend_from_slice(max_epochs.expose());
                current.extend_from_slice(secrets.expose());
                put_changed(self.records, Kind::CurrentSecrets.key(), current.into());
            }
            // Another version of OpenMLS: nothing of it is lost silently.
            _ => return Err(StorageError),
        }
        Ok(())
    }
}

/// The fields of an `EpochTree`.
struct EpochParts<'a> {
    records: &'a mut MlsRecords,
    epoch: Option<u64>,
}

impl Parts for EpochParts<'_> {
    fn part<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), StorageError> {
        match (name, self.epoch) {
            ("epoch", None) => self.epoch = Some(decode(encode(value)?.expose())?),
            ("message_secrets", Some(epoch)) => {
                put_changed(self.records, Kind::PastSecrets.key_at(epoch), encode(value)?);
            }
            // Who was a member of an epoch that is over does not change.
            ("leaves", Some(epoch)) => {
                let key = Kind::PastMembers.key_at(epoch);
                if self.records.get(&key).is_none() {
                    self.records.put(key, encode(value)?);
                }
            }
            _ => return Err(StorageError),
        }
        Ok(())
    }
}

fn put_changed(records: &mut MlsRecords, key: Vec<u8>, value: SecretBytes) {
    if records.get(&key) != Some(value.expose()) {
        records.put(key, value);
    }
}

impl Error for StorageError {
    fn custom<T: core::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Gives the fields of a struct, or the elements of a list, to whoever takes it apart. Nothing else can be taken apart.
struct Apart<'a, P>(&'a mut P);

impl<P: Parts> SerializeStruct for Apart<'_, P> {
    type Ok = ();
    type Error = StorageError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), StorageError> {
        self.0.part(name, value)
    }

    fn end(self) -> Result<(), StorageError> {
        Ok(())
    }
}

impl<P: Parts> SerializeSeq for Apart<'_, P> {
    type Ok = ();
    type Error = StorageError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), StorageError> {
        self.0.part(ELEMENT, value)
    }

    fn end(self) -> Result<(), StorageError> {
        Ok(())
    }
}

macro_rules! refused {
    ($($method:ident($($argument:ty),*) -> $result:ty;)+) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$result, StorageError> {
            Err(StorageError)
        }
    )+};
}

impl<P: Parts> Serializer for Apart<'_, P> {
    type Ok = ();
    type Error = StorageError;
    type SerializeSeq = Self;
    type SerializeTuple = Impossible<(), StorageError>;
    type SerializeTupleStruct = Impossible<(), StorageError>;
    type SerializeTupleVariant = Impossible<(), StorageError>;
    type SerializeMap = Impossible<(), StorageError>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), StorageError>;

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, StorageError> {
        Ok(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, StorageError> {
        Ok(self)
    }

    /// As postcard.
    fn is_human_readable(&self) -> bool {
        false
    }

    refused! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), StorageError> {
        Err(StorageError)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<(), StorageError> {
        Err(StorageError)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), StorageError> {
        Err(StorageError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    /// Shaped as OpenMLS's.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct MessageSecretsStore {
        max_epochs: usize,
        past_epoch_trees: Vec<EpochTree>,
        message_secrets: Vec<u8>,
    }

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct EpochTree {
        epoch: u64,
        message_secrets: Vec<u8>,
        leaves: Vec<String>,
    }

    /// Shaped as another version's.
    #[derive(Serialize)]
    struct Other {
        max_epochs: usize,
        something_new: u8,
    }

    fn tree(epoch: u64) -> EpochTree {
        EpochTree {
            epoch,
            message_secrets: vec![1; 300],
            leaves: vec!["a".to_owned(), "b".to_owned()],
        }
    }

    fn store(epochs: impl IntoIterator<Item = u64>) -> MessageSecretsStore {
        MessageSecretsStore {
            max_epochs: 200,
            past_epoch_trees: epochs.into_iter().map(tree).collect(),
            message_secrets: vec![2; 400],
        }
    }

    fn written(records: &mut MlsRecords, store: &MessageSecretsStore) -> Vec<(Vec<u8>, bool)> {
        put(records, store).unwrap();
        records.keep();
        let changes = records.take_changes().into_iter();
        changes
            .map(|change| (change.key, change.value.is_some()))
            .collect()
    }

    #[test]
    fn what_is_written_in_parts_is_read_as_a_whole() {
        for store in [store([]), store([7]), store([255, 256, 70_000])] {
            let mut records = MlsRecords::default();
            put(&mut records, &store).unwrap();
            assert_eq!(get::<MessageSecretsStore>(&records), Ok(Some(store)));
        }
        assert_eq!(get::<MessageSecretsStore>(&MlsRecords::default()), Ok(None));
    }

    #[test]
    fn only_the_part_that_changed_is_written_again() {
        let mut records = MlsRecords::default();
        let mut store = store([7, 8]);
        assert_eq!(written(&mut records, &store).len(), 5);
        assert_eq!(written(&mut records, &store), []);
        store.message_secrets = vec![3];
        assert_eq!(
            written(&mut records, &store),
            [(Kind::CurrentSecrets.key(), true)]
        );
        store.past_epoch_trees[1].message_secrets = vec![4];
        assert_eq!(
            written(&mut records, &store),
            [(Kind::PastSecrets.key_at(8), true)]
        );
        assert_eq!(get(&records), Ok(Some(store)));
    }

    #[test]
    fn an_epoch_that_is_let_go_of_is_deleted_whole() {
        let mut records = MlsRecords::default();
        written(&mut records, &store([7, 8]));
        assert_eq!(
            written(&mut records, &store([8, 9])),
            [
                (Kind::PastSecrets.key_at(7), false),
                (Kind::PastSecrets.key_at(9), true),
                (Kind::PastMembers.key_at(7), false),
                (Kind::PastMembers.key_at(9), true),
            ]
        );
        delete(&mut records).unwrap();
        assert_eq!(records.keys(&[]).count(), 0);
    }

    #[test]
    fn the_one_record_of_earlier_versions_is_read_and_gives_way_to_the_parts() {
        let mut records = MlsRecords::default();
        let store = store([7, 8]);
        records.put(Kind::MessageSecrets.key(), encode(&store).unwrap());
        assert_eq!(get(&records), Ok(Some(store.clone())));
        put(&mut records, &store).unwrap();
        assert_eq!(records.get(&Kind::MessageSecrets.key()), None);
        assert_eq!(get(&records), Ok(Some(store)));
    }

    #[test]
    fn a_part_that_is_missing_is_damage_and_another_shape_is_refused() {
        let mut records = MlsRecords::default();
        put(&mut records, &store([7])).unwrap();
        records.delete(&Kind::PastMembers.key_at(7));
        assert_eq!(get::<MessageSecretsStore>(&records), Err(StorageError));
        let other = Other {
            max_epochs: 1,
            something_new: 2,
        };
        assert_eq!(put(&mut MlsRecords::default(), &other), Err(StorageError));
        assert_eq!(put(&mut MlsRecords::default(), &7_u32), Err(StorageError));
    }
}
