//! A chat: an MLS group (RFC 9420) of devices, with its rules in its GroupContext and its records in memory.
//!
//! Every operation either succeeds as a whole or changes nothing. What it changed comes out of [`Chat::take_changes`] and
//! belongs into one atomic batch with what the operation means, **before** anything is sent or acknowledged: after a
//! crash the chat is loaded as it was before the operation or as it was after it, never in between.

mod commit;
mod create;
mod encrypt;
mod error;
mod export;
mod group;
mod history;
mod join;
mod join_external;
pub(crate) mod leaf;
mod not_allowed;
mod office;
mod receive;
mod staged;
mod statement;
mod succession;

pub use commit::{PendingCommit, Plan};
pub use create::Created;
pub use encrypt::Encrypted;
pub use error::{ChatError, JoinError, MlsError, ReceiveError};
pub(crate) use group::join_config;
pub use join_external::JoinedExternally;
pub use not_allowed::NotAllowed;
pub use office::{AcceptedProfile, KnownProfile};
pub use receive::{Committed, Received};
pub(crate) use statement::key_package_ref;

use crate::mls_store::{Kind, MlsRecords, Provider, RecordChange, StorageError};
use crate::suite::SuiteCrypto;
use core::fmt;
use group::GroupSetup;
use openmls::prelude::{GroupId, MlsGroup};
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceCredential, Epoch, IdentityKey, Suite};
use std::sync::Arc;

/// What the caller knows about accounts: to be compared with what a chat shows.
pub trait KnownIdentities {
    /// The account's identity key as the user has accepted it; `None` if the account was never seen, whereupon the caller
    /// trusts what the chat shows on first use.
    fn identity_of(&self, account: AccountId) -> Option<IdentityKey>;
}

/// A chat that this device is a member of.
pub struct Chat {
    group: MlsGroup,
    records: MlsRecords,
    id: ChatId,
    suite: Suite,
    rules: Arc<ChatRules>,
    membership: Membership,
    /// An operation failed, and the group in memory may be ahead of the records.
    stale: bool,
}

/// How far this device is a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Membership {
    /// The others know of it, or have removed it since.
    Settled,
    /// It has made the external Commit that joins it; the server has not answered.
    AwaitingAnswer,
}

/// The record of [`Kind::Chat`].
#[derive(Serialize, Deserialize)]
struct ChatRecord {
    version: u8,
    id: ChatId,
    membership: Membership,
}

/// Of all the records of a chat: OpenMLS's among them, as of the version in `Cargo.lock`.
const RECORDS_VERSION: u8 = 1;

impl Chat {
    /// The chat whose records were stored.
    pub fn load(records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Result<Self, ChatError> {
        let mut records = MlsRecords::from_stored(records);
        let record = records.get(&Kind::Chat.key()).ok_or(ChatError::Damaged)?;
        let record: ChatRecord = postcard::from_bytes(record).map_err(|_| ChatError::Damaged)?;
        if record.version != RECORDS_VERSION {
            return Err(ChatError::Damaged);
        }
        let group = load_group(&mut records, record.id).map_err(|StorageError| ChatError::Damaged)?;
        let setup = group::read_setup(group.public_group().group_context())?;
        if setup.chat != record.id || group::members(group.members()).is_err() {
            return Err(ChatError::Damaged);
        }
        Ok(Self::new(group, records, setup, record.membership))
    }

    fn new(group: MlsGroup, records: MlsRecords, setup: GroupSetup, membership: Membership) -> Self {
        let GroupSetup { chat, suite, rules } = setup;
        Self {
            group,
            records,
            id: chat,
            suite,
            rules: Arc::new(rules),
            membership,
            stale: false,
        }
    }

    /// The chat's id.
    #[must_use]
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// The chat's suite.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// The epoch. While an external Commit that joined this device is pending, the one that it will begin.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        Epoch(self.group.epoch().as_u64())
    }

    /// The chat's rules in its epoch.
    #[must_use]
    pub fn rules(&self) -> &ChatRules {
        &self.rules
    }

    /// Takes the rules from the group's context, which a Commit may have changed.
    fn refresh_rules(&mut self) -> Result<(), NotAllowed> {
        let setup = group::read_setup(self.group.public_group().group_context())?;
        self.rules = Arc::new(setup.rules);
        Ok(())
    }

    /// The devices that are members, in the order of their leaves.
    #[must_use]
    pub fn members(&self) -> Vec<DeviceCredential> {
        // Each was read when it came in, and again when the chat was loaded.
        self.group
            .members()
            .filter_map(|member| leaf::decode(&member.credential).ok())
            .collect()
    }

    /// Whether this device is a member: not once it was removed.
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.group.is_active()
    }

    /// What has changed since the last call, to be written in one batch with what it belongs to.
    pub fn take_changes(&mut self) -> Vec<RecordChange> {
        self.records.take_changes()
    }

    /// Whether there is anything for [`Self::take_changes`].
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.records.has_changes()
    }

    /// Ends the chat on this device: the deletion of all its records.
    #[must_use]
    pub fn into_deletions(self) -> Vec<RecordChange> {
        self.records.into_deletions()
    }

    /// Runs an operation: kept as a whole if it succeeds, undone as a whole if it fails.
    fn operate<T, E: From<StorageError>>(
        &mut self,
        crypto: SuiteCrypto,
        operation: impl FnOnce(&mut MlsGroup, &Provider<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.stale {
            // The last operation did not come to its end.
            self.records.undo();
            self.reload()?;
        }
        self.stale = true;
        let provider = Provider::new(crypto, &mut self.records);
        match operation(&mut self.group, &provider) {
            Ok(value) => {
                self.records.keep();
                self.stale = false;
                Ok(value)
            }
            Err(error) => {
                self.records.undo();
                self.reload()?;
                Err(error)
            }
        }
    }

    /// Takes the group from the records again.
    fn reload(&mut self) -> Result<(), StorageError> {
        self.group = load_group(&mut self.records, self.id)?;
        self.stale = false;
        Ok(())
    }
}

impl fmt::Debug for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chat")
            .field("id", &self.id)
            .field("epoch", &self.epoch())
            .finish_non_exhaustive()
    }
}

fn write_chat_record(
    records: &mut MlsRecords,
    id: ChatId,
    membership: Membership,
) -> Result<(), StorageError> {
    let record = ChatRecord {
        version: RECORDS_VERSION,
        id,
        membership,
    };
    records.put(Kind::Chat.key(), postcard::to_stdvec(&record)?.into());
    Ok(())
}

fn load_group(records: &mut MlsRecords, id: ChatId) -> Result<MlsGroup, StorageError> {
    use openmls_traits::OpenMlsProvider as _;
    let provider = Provider::new(SuiteCrypto::without_randomness(), records);
    MlsGroup::load(provider.storage(), &GroupId::from_slice(id.as_bytes()))?.ok_or(StorageError)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn moves_between_threads<T: Send + Sync>() {}

    /// A client keeps its chats in tasks.
    const _: () = moves_between_threads::<Chat>();
    const _: () = moves_between_threads::<crate::KeyPackages>();
}
