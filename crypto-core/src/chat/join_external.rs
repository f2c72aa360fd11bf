//! Joining alone, by an external Commit (RFC 9420, section 12.4.3.2).

use super::group::{join_config, read_setup, verified_members};
use super::join::{check_group, invalid};
use super::leaf::{DeviceSigner, capabilities, credential_with_key};
use super::{Chat, JoinError, KnownIdentities, Membership, write_chat_record};
use crate::Device;
use crate::mls_store::{MlsRecords, Provider};
use crate::suite::SuiteCrypto;
use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::{LeafNodeParameters, MlsGroup, MlsMessageBodyIn, MlsMessageIn};
use openmls_traits::OpenMlsProvider as _;
use rand_core::CryptoRng;
use sotto_protocol::limits;
use tls_codec::DeserializeBytes as _;

/// A chat that this device has joined alone, if the server accepts.
#[derive(Debug)]
pub struct JoinedExternally {
    /// The chat in the epoch that the Commit begins. It neither encrypts nor receives before [`Chat::confirm_commit`]; if
    /// the server refuses the Commit, drop it with its records and join again from a newer GroupInfo.
    pub chat: Chat,
    /// The external Commit: a `PublicMessage` as an `MLSMessage`.
    pub commit: Vec<u8>,
    /// The GroupInfo of the epoch that it begins, as an `MLSMessage`.
    pub group_info: Vec<u8>,
}

impl Chat {
    /// Joins a chat of this device's account, or an open group, from its GroupInfo, an `MLSMessage` with the ratchet tree: as a new device, or to
    /// take the place of this device's own leaf after its state was lost or the chat forked.
    pub fn join_external(
        rng: &mut impl CryptoRng,
        device: &Device,
        group_info: &[u8],
        known: &dyn KnownIdentities,
    ) -> Result<JoinedExternally, JoinError> {
        let group_info = read_group_info(group_info)?;
        let setup = read_setup(group_info.group_context())?;
        let mut records = MlsRecords::default();
        write_chat_record(&mut records, setup.chat, Membership::AwaitingAnswer)?;
        let provider = Provider::new(SuiteCrypto::new(rng), &mut records);
        let leaf = LeafNodeParameters::builder()
            .with_capabilities(capabilities())
            .build();
        // Lifetimes are judged by who invites: see `leaf::lifetime`.
        let (group, bundle) = MlsGroup::external_commit_builder()
            .with_config(join_config())
            .skip_lifetime_validation()
            .build_group(&provider, group_info, credential_with_key(device))
            .map_err(invalid)?
            .leaf_node_parameters(leaf)
            .load_psks(provider.storage())
            .map_err(invalid)?
            .build(provider.rand(), provider.crypto(), &DeviceSigner(device), |_| {
                true
            })
            .map_err(invalid)?
            .finalize(&provider)
            .map_err(invalid)?;
        // With this device among them, as the others will see the group.
        check_group(device, &setup.rules, &verified_members(group.members())?, known)?;
        records.keep();
        let (commit, _, group_info) = bundle.into_messages();
        let group_info = group_info.ok_or_else(|| invalid("no GroupInfo with the Commit"))?;
        Ok(JoinedExternally {
            chat: Self::new(group, records, setup, Membership::AwaitingAnswer),
            commit: commit.to_bytes().map_err(invalid)?,
            group_info: group_info.to_bytes().map_err(invalid)?,
        })
    }
}

fn read_group_info(group_info: &[u8]) -> Result<VerifiableGroupInfo, JoinError> {
    if group_info.len() > limits::HANDSHAKE_BYTES {
        return Err(JoinError::Malformed);
    }
    match MlsMessageIn::tls_deserialize_exact_bytes(group_info).map(MlsMessageIn::extract) {
        Ok(MlsMessageBodyIn::GroupInfo(group_info)) => Ok(group_info),
        Ok(_) | Err(_) => Err(JoinError::Malformed),
    }
}
