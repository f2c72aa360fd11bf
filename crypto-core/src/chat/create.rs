//! Creating a direct chat.

use super::commit::{Change, commit};
use super::group::create_config;
use super::leaf::{DeviceSigner, credential_with_key};
use super::{Chat, ChatError, Membership, MlsError, write_chat_record};
use crate::mls_store::{MlsRecords, Provider};
use crate::policy::{DirectChat, Party};
use crate::suite::SuiteCrypto;
use crate::{Device, InvitedDevice};
use openmls::prelude::{GroupId, MlsGroup};
use rand_core::CryptoRng;
use sotto_protocol::{ChatId, Suite, Timestamp};

/// A direct chat that was just made, in epoch 1.
#[derive(Debug)]
pub struct Created {
    /// The chat.
    pub chat: Chat,
    /// For the invited devices: a Welcome as an `MLSMessage`.
    pub welcome: Vec<u8>,
    /// For devices that join alone: the GroupInfo of epoch 1 as an `MLSMessage`.
    pub group_info: Vec<u8>,
}

impl Chat {
    /// Creates a direct chat with `peer`: a group of this device, to which a first Commit, which nobody else needs to see,
    /// adds the invited devices of both accounts.
    ///
    /// The records go to the store before the Welcome goes to the server. If the server refuses (the two accounts have a
    /// chat already), the chat is dropped with its records.
    pub fn create(
        rng: &mut impl CryptoRng,
        device: &Device,
        now: Timestamp,
        id: ChatId,
        suite: Suite,
        peer: Party,
        invited: &[InvitedDevice],
    ) -> Result<Created, ChatError> {
        let credential = device.credential();
        let own = Party {
            account: credential.account,
            identity_key: credential.identity_key,
        };
        let rules = DirectChat::new(own, peer)?;
        let config = create_config(suite, now, &rules)?;
        let mut records = MlsRecords::default();
        write_chat_record(&mut records, id, Membership::Settled)?;
        let provider = Provider::new(SuiteCrypto::new(rng), &mut records);
        let mut group = MlsGroup::new_with_group_id(
            &provider,
            &DeviceSigner(device),
            &config,
            GroupId::from_slice(id.as_bytes()),
            credential_with_key(device),
        )
        .map_err(|error| ChatError::Mls(MlsError::new(error)))?;
        let committed = commit(&mut group, &provider, &rules, device, Change::Add(invited))?;
        group
            .merge_pending_commit(&provider)
            .map_err(|error| ChatError::Mls(MlsError::new(error)))?;
        records.keep();
        Ok(Created {
            chat: Self {
                group,
                records,
                id,
                suite,
                rules,
                membership: Membership::Settled,
                stale: false,
            },
            welcome: committed.welcome.ok_or(ChatError::NoDevice)?,
            group_info: committed.group_info,
        })
    }
}
