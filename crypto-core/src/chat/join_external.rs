//! Joining alone, by an external Commit (RFC 9420, section 12.4.3.2).

use super::group::{GroupSetup, join_config, read_setup, verified_members};
use super::join::{check_group, invalid};
use super::leaf::{DeviceSigner, capabilities, credential_with_key, decode as leaf_credential};
use super::{Chat, JoinError, KnownIdentities, Membership, write_chat_record};
use crate::mls_store::{MlsRecords, Provider};
use crate::suite::SuiteCrypto;
use crate::{Device, InviteLink};
use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::{LeafNodeIndex, LeafNodeParameters, MlsGroup, MlsMessageBodyIn, MlsMessageIn};
use openmls_traits::OpenMlsProvider as _;
use rand_core::CryptoRng;
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::message_header::group_info_signer;
use sotto_protocol::{DeviceCredential, Evidence, Timestamp, limits};
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
    /// The member that has signed the GroupInfo by which it was joined; `None` if that was this device's own earlier leaf.
    pub signed_by: Option<DeviceCredential>,
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
        let offer = read_group_info(group_info)?;
        let setup = read_setup(offer.group_info.group_context())?;
        join(rng, device, offer, setup, known, &Evidence::default())
    }

    /// As [`Self::join_external`], by an invite link, whatever the group's policy is. The GroupInfo has to be of the link's group,
    /// with its key, and the link's invitation in its rules.
    pub fn join_by_invitation(
        rng: &mut impl CryptoRng,
        device: &Device,
        group_info: &[u8],
        link: &InviteLink,
        now: Timestamp,
        known: &dyn KnownIdentities,
    ) -> Result<JoinedExternally, JoinError> {
        let offer = read_group_info(group_info)?;
        let setup = read_setup(offer.group_info.group_context())?;
        let invited = Invited {
            by: link.invitation().key,
            at: now,
        };
        let leads_here = setup.chat == link.group()
            && setup.rules.as_group().is_some_and(|rules| {
                rules.group_key == link.group_key() && rules.invitation(invited).is_some()
            });
        if !leads_here {
            return Err(JoinError::Invitation);
        }
        let evidence = Evidence {
            invitation: Some(link.use_for(device)),
            ..Evidence::default()
        };
        join(rng, device, offer, setup, known, &evidence)
    }
}

/// A GroupInfo that was read, and not verified yet.
struct Offer {
    group_info: VerifiableGroupInfo,
    /// The place of the leaf whose signature it is said to bear.
    signer: u32,
}

fn join(
    rng: &mut impl CryptoRng,
    device: &Device,
    Offer { group_info, signer }: Offer,
    setup: GroupSetup,
    known: &dyn KnownIdentities,
    evidence: &Evidence,
) -> Result<JoinedExternally, JoinError> {
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
        .with_aad(evidence.encode())
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
    check_group(device, &setup, &verified_members(group.members())?, known)?;
    // OpenMLS has verified the signature by the key of that leaf.
    let signed_by = group
        .member_at(LeafNodeIndex::new(signer))
        .map(|member| leaf_credential(&member.credential))
        .transpose()?
        .filter(|signed_by| *signed_by != *device.credential());
    records.keep();
    let (commit, _, group_info) = bundle.into_messages();
    let group_info = group_info.ok_or_else(|| invalid("no GroupInfo with the Commit"))?;
    Ok(JoinedExternally {
        chat: Chat::new(group, records, setup, Membership::AwaitingAnswer),
        commit: commit.to_bytes().map_err(invalid)?,
        group_info: group_info.to_bytes().map_err(invalid)?,
        signed_by,
    })
}

fn read_group_info(message: &[u8]) -> Result<Offer, JoinError> {
    if message.len() > limits::HANDSHAKE_BYTES {
        return Err(JoinError::Malformed);
    }
    let signer = group_info_signer(message).map_err(|_| JoinError::Malformed)?;
    match MlsMessageIn::tls_deserialize_exact_bytes(message).map(MlsMessageIn::extract) {
        Ok(MlsMessageBodyIn::GroupInfo(group_info)) => Ok(Offer { group_info, signer }),
        Ok(_) | Err(_) => Err(JoinError::Malformed),
    }
}
