//! Creating a chat.

use super::commit::{Plan, stage};
use super::group::{create_config, members};
use super::leaf::{DeviceSigner, credential_with_key};
use super::{Chat, ChatError, Membership, MlsError, NotAllowed, write_chat_record};
use crate::mls_store::{MlsRecords, Provider};
use crate::suite::SuiteCrypto;
use crate::{Device, InvitedDevice};
use openmls::prelude::{GroupId, MlsGroup};
use rand_core::CryptoRng;
use sotto_protocol::chat_rules::Member;
use sotto_protocol::{ChatId, ChatRules, Suite, Timestamp};
use std::sync::Arc;

/// A chat that was just made, in epoch 1.
#[derive(Debug)]
pub struct Created {
    /// The chat.
    pub chat: Chat,
    /// For the invited devices: a Welcome as an `MLSMessage`; `None` if there are none.
    pub welcome: Option<Vec<u8>>,
    /// For devices that join alone: the GroupInfo of epoch 1 as an `MLSMessage`.
    pub group_info: Vec<u8>,
}

impl Chat {
    /// Creates a chat with these rules: a group of this device, to which a first Commit, which nobody else needs to see, adds
    /// the invited devices. Of a group, its founder alone decides who is in it at first, whatever the join policy.
    ///
    /// The records go to the store before the Welcome goes to the server. If the server refuses (the two accounts have a
    /// chat already), the chat is dropped with its records.
    pub fn create(
        rng: &mut impl CryptoRng,
        device: &Device,
        now: Timestamp,
        id: ChatId,
        suite: Suite,
        rules: ChatRules,
        invited: &[InvitedDevice],
    ) -> Result<Created, ChatError> {
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
        let plan = Plan {
            added: invited.to_vec(),
            ..Plan::default()
        };
        let staged = stage(&mut group, &provider, device, &plan)?;
        group
            .merge_pending_commit(&provider)
            .map_err(|error| ChatError::Mls(MlsError::new(error)))?;
        let members: Vec<Member> = members(group.members())?.iter().map(Member::from).collect();
        rules.check_members(suite, &members).map_err(NotAllowed::from)?;
        records.keep();
        Ok(Created {
            chat: Self {
                group,
                records,
                id,
                suite,
                rules: Arc::new(rules),
                membership: Membership::Settled,
                stale: false,
            },
            welcome: staged.welcome,
            group_info: staged.group_info,
        })
    }
}
