//! How a chat's MLS group is set up, and whether a group is set up so.

use super::{NotAllowed, leaf};
use crate::suite::{ciphersuite, suite_of};
use openmls::prelude::{
    CredentialType, Extension, ExtensionType, Extensions, GroupContext, Member, MlsGroupCreateConfig,
    MlsGroupJoinConfig, PURE_CIPHERTEXT_WIRE_FORMAT_POLICY, RequiredCapabilitiesExtension,
    SenderRatchetConfiguration, UnknownExtension,
};
use sotto_protocol::chat_rules::EXTENSION_TYPE;
use sotto_protocol::{ChatId, ChatRules, DeviceCredential, Suite, Timestamp};

/// The server takes a message only in the epoch in which it was made and orders all that it keeps, so past epochs serve
/// fleeting messages alone, which may overtake a Commit. Each one kept makes every record write longer and a stolen
/// device's loot bigger.
const PAST_EPOCHS: usize = 2;
/// Keys of skipped messages that are kept for later: fleeting messages may come out of order, kept ones do not.
const OUT_OF_ORDER: u32 = 32;
/// Messages of one sender and epoch that may be missing before one arrives. A device that was offline misses every fleeting
/// message, and an attempt that never left its sender spends a key too. A jump costs its receiver some microseconds a key,
/// and only a member can make one.
const FORWARD: u32 = 20_000;

fn ratchets() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(OUT_OF_ORDER, FORWARD)
}

/// What is the same for every group. Handshakes are `PrivateMessage`s: the server reads their header alone. Contents are
/// padded before they come here, so MLS's own padding would add nothing. Every GroupInfo holds the ratchet tree.
pub(crate) fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(0)
        .max_past_epochs(PAST_EPOCHS)
        .number_of_resumption_psks(0)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchets())
        .build()
}

pub(super) fn create_config(
    suite: Suite,
    now: Timestamp,
    rules: &ChatRules,
) -> Result<MlsGroupCreateConfig, NotAllowed> {
    Ok(MlsGroupCreateConfig::builder()
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(0)
        .max_past_epochs(PAST_EPOCHS)
        .number_of_resumption_psks(0)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchets())
        .ciphersuite(ciphersuite(suite))
        .capabilities(leaf::capabilities())
        .lifetime(leaf::lifetime(now))
        .with_group_context_extensions(extensions(rules)?)
        .build())
}

/// The GroupContext's extensions: what every member has to understand, and the chat's rules.
pub(super) fn extensions(rules: &ChatRules) -> Result<Extensions<GroupContext>, NotAllowed> {
    let required = RequiredCapabilitiesExtension::new(
        &[ExtensionType::Unknown(EXTENSION_TYPE)],
        &[],
        &[CredentialType::Basic],
    );
    let encoded = UnknownExtension(rules.encode()?);
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(required),
        Extension::Unknown(EXTENSION_TYPE, encoded),
    ])
    .map_err(|_| NotAllowed::NoChat)
}

/// What a group says about itself in its GroupContext.
pub(super) struct GroupSetup {
    pub(super) chat: ChatId,
    pub(super) suite: Suite,
    pub(super) rules: ChatRules,
}

/// What the GroupContext says, if it is set up as [`create_config`] does: with exactly our extensions.
pub(super) fn read_setup(context: &GroupContext) -> Result<GroupSetup, NotAllowed> {
    let suite = suite_of(context.ciphersuite()).ok_or(NotAllowed::NoChat)?;
    let chat = context
        .group_id()
        .as_slice()
        .try_into()
        .map_err(|_| NotAllowed::NoChat)?;
    let encoded = context
        .extensions()
        .unknown(EXTENSION_TYPE)
        .ok_or(NotAllowed::NoChat)?;
    let rules = ChatRules::decode(&encoded.0)?;
    if *context.extensions() == extensions(&rules)? {
        Ok(GroupSetup { chat, suite, rules })
    } else {
        Err(NotAllowed::NoChat)
    }
}

/// The members' credentials, each checked against its leaf's signature key.
pub(super) fn verified_members(
    members: impl Iterator<Item = Member>,
) -> Result<Vec<DeviceCredential>, NotAllowed> {
    members
        .map(|member| leaf::verified(&member.credential, &member.signature_key))
        .collect()
}

/// The credentials of members that were checked when they came in.
pub(super) fn members(members: impl Iterator<Item = Member>) -> Result<Vec<DeviceCredential>, NotAllowed> {
    members.map(|member| leaf::decode(&member.credential)).collect()
}
