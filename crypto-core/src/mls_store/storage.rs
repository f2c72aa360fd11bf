//! OpenMLS's `StorageProvider` over [`MlsRecords`]: postcard, one record a value.
//!
//! The records are one chat's or one device's KeyPackages', so the group id that OpenMLS passes adds nothing to a key.
//! Its configuration is no record: the one of this version of the code always holds.

use super::{Kind, MlsRecords, message_secrets};
use crate::SecretBytes;
use crate::chat::join_config;
use core::cell::RefCell;
use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};
use postcard::ser_flavors::Size;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A record is not what it should be: the store is damaged, or was written by a newer version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record of the MLS state cannot be read or written")]
pub(crate) struct StorageError;

impl From<postcard::Error> for StorageError {
    fn from(_: postcard::Error) -> Self {
        Self
    }
}

impl From<serde_json::Error> for StorageError {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

/// The records, for one operation.
pub(crate) struct Storage<'a>(RefCell<&'a mut MlsRecords>);

impl<'a> Storage<'a> {
    pub(super) const fn new(records: &'a mut MlsRecords) -> Self {
        Self(RefCell::new(records))
    }

    fn put(&self, key: Vec<u8>, value: &(impl Serialize + ?Sized)) -> Result<(), StorageError> {
        let value = encode(value)?;
        self.0.borrow_mut().put(key, value);
        Ok(())
    }

    fn get<V: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<V>, StorageError> {
        match self.0.borrow().get(key) {
            Some(value) => Ok(Some(decode(value)?)),
            None => Ok(None),
        }
    }

    fn delete(&self, key: &[u8]) {
        self.0.borrow_mut().delete(key);
    }

    /// A record that holds a list of encoded values.
    fn list(&self, kind: Kind) -> Result<Vec<SecretBytes>, StorageError> {
        let list: Option<Vec<Vec<u8>>> = self.get(&kind.key())?;
        Ok(list
            .unwrap_or_default()
            .into_iter()
            .map(SecretBytes::from)
            .collect())
    }

    fn put_list(&self, kind: Kind, list: &[SecretBytes]) -> Result<(), StorageError> {
        let list: Vec<&[u8]> = list.iter().map(SecretBytes::expose).collect();
        self.put(kind.key(), &list)
    }

    fn append(&self, kind: Kind, value: &impl Serialize) -> Result<(), StorageError> {
        let mut list = self.list(kind)?;
        list.push(encode(value)?);
        self.put_list(kind, &list)
    }
}

/// Measures first, then writes into memory of that size: a vector that grew would leave copies of secrets behind.
pub(super) fn encode(value: &(impl Serialize + ?Sized)) -> Result<SecretBytes, StorageError> {
    let length = postcard::serialize_with_flavor(value, Size::default())?;
    Ok(postcard::to_extend(value, Vec::with_capacity(length))?.into())
}

pub(super) fn decode<V: DeserializeOwned>(value: &[u8]) -> Result<V, StorageError> {
    match postcard::take_from_bytes(value)? {
        (value, []) => Ok(value),
        _ => Err(StorageError),
    }
}

/// Values of which a group has one.
macro_rules! one_a_group {
    ($($kind:ident: $entity:ident, $write:ident, $read:ident, $delete:ident;)+) => {$(
        fn $write<GroupId: traits::GroupId<CURRENT_VERSION>, Value: traits::$entity<CURRENT_VERSION>>(
            &self,
            _: &GroupId,
            value: &Value,
        ) -> Result<(), StorageError> {
            self.put(Kind::$kind.key(), value)
        }

        fn $read<GroupId: traits::GroupId<CURRENT_VERSION>, Value: traits::$entity<CURRENT_VERSION>>(
            &self,
            _: &GroupId,
        ) -> Result<Option<Value>, StorageError> {
            self.get(&Kind::$kind.key())
        }

        fn $delete<GroupId: traits::GroupId<CURRENT_VERSION>>(&self, _: &GroupId) -> Result<(), StorageError> {
            self.delete(&Kind::$kind.key());
            Ok(())
        }
    )+};
}

/// Values that have a name of their own.
macro_rules! by_name {
    ($($kind:ident: $name:ident, $entity:ident, $write:ident, $delete:ident;)+) => {$(
        fn $write<Name: traits::$name<CURRENT_VERSION>, Value: traits::$entity<CURRENT_VERSION>>(
            &self,
            name: &Name,
            value: &Value,
        ) -> Result<(), StorageError> {
            self.put(Kind::$kind.key_of(name)?, value)
        }

        fn $delete<Name: traits::$name<CURRENT_VERSION>>(&self, name: &Name) -> Result<(), StorageError> {
            self.delete(&Kind::$kind.key_of(name)?);
            Ok(())
        }
    )+};
}

impl StorageProvider<CURRENT_VERSION> for Storage<'_> {
    type Error = StorageError;

    one_a_group! {
        Tree: TreeSync, write_tree, tree, delete_tree;
        GroupContext: GroupContext, write_context, group_context, delete_context;
        InterimTranscriptHash: InterimTranscriptHash,
            write_interim_transcript_hash, interim_transcript_hash, delete_interim_transcript_hash;
        ConfirmationTag: ConfirmationTag,
            write_confirmation_tag, confirmation_tag, delete_confirmation_tag;
        ResumptionPsks: ResumptionPskStore,
            write_resumption_psk_store, resumption_psk_store, delete_all_resumption_psk_secrets;
        OwnLeafIndex: LeafNodeIndex, write_own_leaf_index, own_leaf_index, delete_own_leaf_index;
        EpochSecrets: GroupEpochSecrets,
            write_group_epoch_secrets, group_epoch_secrets, delete_group_epoch_secrets;
    }

    by_name! {
        EncryptionKeyPair: EncryptionKey, HpkeKeyPair,
            write_encryption_key_pair, delete_encryption_key_pair;
        SignatureKeyPair: SignaturePublicKey, SignatureKeyPair,
            write_signature_key_pair, delete_signature_key_pair;
        Psk: PskId, PskBundle, write_psk, delete_psk;
        KeyPackage: HashReference, KeyPackage, write_key_package, delete_key_package;
    }

    fn write_message_secrets<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        MessageSecrets: traits::MessageSecrets<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
        value: &MessageSecrets,
    ) -> Result<(), StorageError> {
        message_secrets::put(&mut self.0.borrow_mut(), value)
    }

    fn message_secrets<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        MessageSecrets: traits::MessageSecrets<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
    ) -> Result<Option<MessageSecrets>, StorageError> {
        message_secrets::get(&self.0.borrow())
    }

    fn delete_message_secrets<GroupId: traits::GroupId<CURRENT_VERSION>>(
        &self,
        _: &GroupId,
    ) -> Result<(), StorageError> {
        message_secrets::delete(&mut self.0.borrow_mut())
    }

    // The state's type parameters come in another order than the rest.

    fn write_group_state<
        GroupState: traits::GroupState<CURRENT_VERSION>,
        GroupId: traits::GroupId<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
        value: &GroupState,
    ) -> Result<(), StorageError> {
        self.put(Kind::GroupState.key(), value)
    }

    fn group_state<
        GroupState: traits::GroupState<CURRENT_VERSION>,
        GroupId: traits::GroupId<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
    ) -> Result<Option<GroupState>, StorageError> {
        self.get(&Kind::GroupState.key())
    }

    fn delete_group_state<GroupId: traits::GroupId<CURRENT_VERSION>>(
        &self,
        _: &GroupId,
    ) -> Result<(), StorageError> {
        self.delete(&Kind::GroupState.key());
        Ok(())
    }

    fn encryption_key_pair<
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
        EncryptionKey: traits::EncryptionKey<CURRENT_VERSION>,
    >(
        &self,
        name: &EncryptionKey,
    ) -> Result<Option<HpkeKeyPair>, StorageError> {
        self.get(&Kind::EncryptionKeyPair.key_of(name)?)
    }

    fn signature_key_pair<
        SignaturePublicKey: traits::SignaturePublicKey<CURRENT_VERSION>,
        SignatureKeyPair: traits::SignatureKeyPair<CURRENT_VERSION>,
    >(
        &self,
        name: &SignaturePublicKey,
    ) -> Result<Option<SignatureKeyPair>, StorageError> {
        self.get(&Kind::SignatureKeyPair.key_of(name)?)
    }

    fn psk<PskBundle: traits::PskBundle<CURRENT_VERSION>, PskId: traits::PskId<CURRENT_VERSION>>(
        &self,
        name: &PskId,
    ) -> Result<Option<PskBundle>, StorageError> {
        self.get(&Kind::Psk.key_of(name)?)
    }

    fn key_package<
        KeyPackageRef: traits::HashReference<CURRENT_VERSION>,
        KeyPackage: traits::KeyPackage<CURRENT_VERSION>,
    >(
        &self,
        name: &KeyPackageRef,
    ) -> Result<Option<KeyPackage>, StorageError> {
        self.get(&Kind::KeyPackage.key_of(name)?)
    }

    // postcard could not read it back: its encoding needs a self-describing format.

    fn write_mls_join_config<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        MlsGroupJoinConfig: traits::MlsGroupJoinConfig<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
        _: &MlsGroupJoinConfig,
    ) -> Result<(), StorageError> {
        Ok(())
    }

    fn mls_group_join_config<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        MlsGroupJoinConfig: traits::MlsGroupJoinConfig<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
    ) -> Result<Option<MlsGroupJoinConfig>, StorageError> {
        let config = serde_json::to_value(join_config())?;
        Ok(Some(serde_json::from_value(config)?))
    }

    fn delete_group_config<GroupId: traits::GroupId<CURRENT_VERSION>>(
        &self,
        _: &GroupId,
    ) -> Result<(), StorageError> {
        Ok(())
    }

    fn append_own_leaf_node<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        LeafNode: traits::LeafNode<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
        leaf_node: &LeafNode,
    ) -> Result<(), StorageError> {
        self.append(Kind::OwnLeafNodes, leaf_node)
    }

    fn own_leaf_nodes<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        LeafNode: traits::LeafNode<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
    ) -> Result<Vec<LeafNode>, StorageError> {
        self.list(Kind::OwnLeafNodes)?
            .iter()
            .map(|value| decode(value.expose()))
            .collect()
    }

    fn delete_own_leaf_nodes<GroupId: traits::GroupId<CURRENT_VERSION>>(
        &self,
        _: &GroupId,
    ) -> Result<(), StorageError> {
        self.delete(&Kind::OwnLeafNodes.key());
        Ok(())
    }

    fn queue_proposal<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
        QueuedProposal: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
        proposal_ref: &ProposalRef,
        proposal: &QueuedProposal,
    ) -> Result<(), StorageError> {
        self.put(Kind::Proposal.key_of(proposal_ref)?, proposal)?;
        self.append(Kind::ProposalRefs, proposal_ref)
    }

    fn queued_proposal_refs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
    ) -> Result<Vec<ProposalRef>, StorageError> {
        self.list(Kind::ProposalRefs)?
            .iter()
            .map(|value| decode(value.expose()))
            .collect()
    }

    fn queued_proposals<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
        QueuedProposal: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<(ProposalRef, QueuedProposal)>, StorageError> {
        let references: Vec<ProposalRef> = self.queued_proposal_refs(group_id)?;
        references
            .into_iter()
            .map(|reference| {
                let proposal = self
                    .get(&Kind::Proposal.key_of(&reference)?)?
                    .ok_or(StorageError)?;
                Ok((reference, proposal))
            })
            .collect()
    }

    fn remove_proposal<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
        proposal_ref: &ProposalRef,
    ) -> Result<(), StorageError> {
        let removed = encode(proposal_ref)?;
        let mut list = self.list(Kind::ProposalRefs)?;
        list.retain(|reference| *reference != removed);
        self.delete(&Kind::Proposal.key_of(proposal_ref)?);
        self.put_list(Kind::ProposalRefs, &list)
    }

    fn clear_proposal_queue<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<(), StorageError> {
        let references: Vec<ProposalRef> = self.queued_proposal_refs(group_id)?;
        for reference in references {
            self.delete(&Kind::Proposal.key_of(&reference)?);
        }
        self.delete(&Kind::ProposalRefs.key());
        Ok(())
    }

    fn write_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
        key_pairs: &[HpkeKeyPair],
    ) -> Result<(), StorageError> {
        self.put(Kind::EpochKeyPairs.key_of(&(epoch, leaf_index))?, key_pairs)
    }

    fn encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<Vec<HpkeKeyPair>, StorageError> {
        let key_pairs = self.get(&Kind::EpochKeyPairs.key_of(&(epoch, leaf_index))?)?;
        Ok(key_pairs.unwrap_or_default())
    }

    fn delete_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
    >(
        &self,
        _: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<(), StorageError> {
        self.delete(&Kind::EpochKeyPairs.key_of(&(epoch, leaf_index))?);
        Ok(())
    }
}
