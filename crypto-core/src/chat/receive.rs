//! Receiving a message or a Commit.

use super::leaf::decode;
use super::staged::{Judged, judge};
use super::{Chat, KnownIdentities, Membership, MlsError, NotAllowed, ReceiveError};
use crate::content::ContentError;
use crate::mls_store::{Provider, StorageError};
use crate::suite::SuiteCrypto;
use crate::{Content, Franked};
use core::fmt;
use openmls::framing::errors::MessageDecryptionError;
use openmls::group::{ProcessMessageError, ValidationError};
use openmls::prelude::{MlsGroup, MlsMessageIn, ProcessedMessageContent, ProtocolMessage, StagedCommit};
use sotto_protocol::message_header::{ContentType, MessageHeader};
use sotto_protocol::{
    ChatId, ChatRules, Commitment, DeviceCredential, Epoch, Evidence, FrankedPlace, Timestamp, limits,
};
use std::sync::Arc;
use tls_codec::DeserializeBytes as _;
use zeroize::Zeroizing;

/// What came in.
#[derive(Clone, PartialEq, Eq)]
pub enum Received {
    /// A message.
    Message {
        /// The device that sent it.
        from: DeviceCredential,
        /// What it says. Its id has to be the entry's.
        content: Content,
        /// What shows, to who is shown it, that the device has said this.
        franked: Franked,
    },
    /// A message that is authentic, but cannot be shown. It counts as received.
    Unreadable {
        /// The device that sent it.
        from: DeviceCredential,
        /// Why.
        error: ContentError,
    },
    /// A Commit: the chat is in the next epoch. If a Commit of this device was pending, it is discarded.
    Commit(Committed),
    /// A message or Commit that this device itself has sent, by its claim: it cannot be opened, and nothing has changed. If
    /// its message id is that of the pending Commit, that Commit was accepted: confirm it.
    Own,
}

/// Who sent what kind of thing; never what it says.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { from, .. } => f.debug_tuple("Message").field(&from.address()).finish(),
            Self::Unreadable { from, error } => f
                .debug_tuple("Unreadable")
                .field(&from.address())
                .field(error)
                .finish(),
            Self::Commit(committed) => f.debug_tuple("Commit").field(committed).finish(),
            Self::Own => f.write_str("Own"),
        }
    }
}

/// What a Commit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The device that made it.
    pub from: DeviceCredential,
    /// The devices that it added; a device that joined alone is both here and in `from`.
    pub added: Vec<DeviceCredential>,
    /// The devices that it removed. If this one is among them, the chat is over for it.
    pub removed: Vec<DeviceCredential>,
    /// The rules before it, if it changed them.
    pub rules_before: Option<ChatRules>,
    /// The epoch that it began.
    pub epoch: Epoch,
}

impl Chat {
    /// Takes an entry's payload. Entries are given in the order of the log, each with the time at which the server has accepted
    /// it: by that time an invitation has to hold.
    pub fn receive(
        &mut self,
        payload: &[u8],
        accepted_at: Timestamp,
        known: &dyn KnownIdentities,
    ) -> Result<Received, ReceiveError> {
        let current = self.epoch();
        if payload.len() > limits::HANDSHAKE_BYTES {
            return Err(ReceiveError::Malformed);
        }
        let header = MessageHeader::read(payload).map_err(|_| ReceiveError::Malformed)?;
        if header.chat != self.id {
            return Err(ReceiveError::OtherChat);
        }
        if self.membership == Membership::AwaitingAnswer {
            return Err(ReceiveError::PendingCommit);
        }
        if !self.group.is_active() {
            return Err(ReceiveError::Removed);
        }
        match header.content {
            // Proposals stand inside Commits here.
            ContentType::Proposal => return Err(ReceiveError::NotAllowed(NotAllowed::Proposal)),
            _ if header.epoch > current => return Err(ReceiveError::FutureEpoch { current }),
            ContentType::Commit if header.epoch < current => {
                return Err(ReceiveError::StaleEpoch { current });
            }
            ContentType::Commit | ContentType::Application => {}
        }
        let message = MlsMessageIn::tls_deserialize_exact_bytes(payload)
            .map_err(|_| ReceiveError::Malformed)?
            .try_into_protocol_message()
            .map_err(|_| ReceiveError::Malformed)?;
        for party in self.rules.parties() {
            if known
                .identity_of(party.account)
                .is_some_and(|known| known != party.identity_key)
            {
                return Err(ReceiveError::IdentityMismatch {
                    account: party.account,
                });
            }
        }
        let rules = Arc::clone(&self.rules);
        let received = self.operate(SuiteCrypto::without_randomness(), |group, provider| {
            process(group, provider, &rules, message, header.epoch, accepted_at)
        })?;
        if let Received::Commit(_) = received {
            self.refresh_rules()?;
        }
        Ok(received)
    }
}

fn process(
    group: &mut MlsGroup,
    provider: &Provider<'_>,
    rules: &ChatRules,
    message: ProtocolMessage,
    epoch: Epoch,
    accepted_at: Timestamp,
) -> Result<Received, ReceiveError> {
    let current = Epoch(group.epoch().as_u64());
    let processed = group
        .process_message(provider, message)
        .map_err(|error| explain(error, epoch, current))?;
    let sender = processed.sender().clone();
    let credential = processed.credential().clone();
    let authenticated_data = processed.aad().to_vec();
    match processed.into_content() {
        ProcessedMessageContent::ApplicationMessage(message) => {
            let from = decode(&credential)?;
            let plain = Zeroizing::new(message.into_bytes());
            Ok(match read(group, &from, &plain, &authenticated_data) {
                Ok((content, franked)) => Received::Message {
                    from,
                    content,
                    franked,
                },
                Err(error) => Received::Unreadable { from, error },
            })
        }
        ProcessedMessageContent::StagedCommitMessage(staged) => {
            let evidence =
                Evidence::decode(&authenticated_data).map_err(|_| NotAllowed::MalformedEvidence)?;
            let judged = judge(group, rules, &sender, &staged, &evidence, accepted_at)?;
            merge(group, provider, rules, judged, *staged).map(Received::Commit)
        }
        ProcessedMessageContent::OwnPrivateMessage | ProcessedMessageContent::OwnPendingCommit => {
            Ok(Received::Own)
        }
        ProcessedMessageContent::ProposalMessage(_)
        | ProcessedMessageContent::ExternalJoinProposalMessage(_) => {
            Err(ReceiveError::NotAllowed(NotAllowed::Proposal))
        }
    }
}

/// What a message says, if its sender has committed to it. Of one that only a newer version can read nothing is shown, so nothing
/// is checked.
fn read(
    group: &MlsGroup,
    from: &DeviceCredential,
    plain: &[u8],
    authenticated_data: &[u8],
) -> Result<(Content, Franked), ContentError> {
    let commitment =
        Commitment::of_authenticated_data(authenticated_data).map_err(|_| ContentError::NotCommitted)?;
    let franked = Franked::read(plain).ok_or(ContentError::Malformed)?;
    let content = Content::decode(franked.content.expose())?;
    let place = FrankedPlace {
        chat: ChatId::try_from(group.group_id().as_slice()).map_err(|_| ContentError::Malformed)?,
        message: content.message,
        from: from.address(),
    };
    if franked.key.fits(&place, franked.content.expose(), &commitment) {
        Ok((content, franked))
    } else {
        Err(ContentError::NotCommitted)
    }
}

fn merge(
    group: &mut MlsGroup,
    provider: &Provider<'_>,
    rules: &ChatRules,
    judged: Judged,
    staged: StagedCommit,
) -> Result<Committed, ReceiveError> {
    let Judged {
        from,
        added,
        removed,
        rules: after,
    } = judged;
    let epoch = Epoch(staged.epoch().as_u64());
    group
        .merge_staged_commit(provider, staged)
        .map_err(|error| ReceiveError::Invalid(MlsError::new(error)))?;
    Ok(Committed {
        from,
        added,
        removed,
        rules_before: (after != *rules).then(|| rules.clone()),
        epoch,
    })
}

/// What OpenMLS says of a key that was used, and of one that is not kept (any more). The error's type cannot be named outside;
/// its version is pinned, and the tests of replay would tell.
const KEY_WAS_USED: &str = "The requested secret was deleted to preserve forward secrecy.";
const KEY_IS_NOT_KEPT: &str = "Generation is too old to be processed.";

/// What OpenMLS's error about a message of `epoch` means for the caller.
fn explain(error: ProcessMessageError<StorageError>, epoch: Epoch, current: Epoch) -> ReceiveError {
    match error {
        ProcessMessageError::StorageError(StorageError) => ReceiveError::Damaged,
        ProcessMessageError::ValidationError(ValidationError::NoPastEpochData) => {
            ReceiveError::StaleEpoch { current }
        }
        ProcessMessageError::ValidationError(ValidationError::UnableToDecrypt(
            MessageDecryptionError::SecretTreeError(ref key),
        )) => match key.to_string().as_str() {
            KEY_IS_NOT_KEPT if epoch < current => ReceiveError::StaleEpoch { current },
            KEY_WAS_USED | KEY_IS_NOT_KEPT => ReceiveError::AlreadyReceived,
            _ => ReceiveError::Invalid(MlsError::new(error)),
        },
        other => ReceiveError::Invalid(MlsError::new(other)),
    }
}
