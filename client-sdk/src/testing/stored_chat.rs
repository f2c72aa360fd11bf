//! What a client has stored of its chats: for tests that hold the devices of a chat against each other.

use crate::chats::{ChatRecord, OutboxRecord, PendingCommitRecord, Stage};
use crate::groups::IntentRecord;
use crate::record_key;
use crate::store::{Records, RecordsError, Scan, Store};
use sotto_crypto_core::Chat;
use sotto_protocol::{ChatId, ChatRules, DeviceAddress, Epoch, Seq};

/// What a client has stored of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each stands for one thing that is so or not, whatever the others are"
)]
pub struct StoredChat {
    /// The chat.
    pub chat: ChatId,
    /// Whether this device is in it: not while it joins, nor once its account has left.
    pub is_member: bool,
    /// Whether it follows the chat no more, and will not by itself.
    pub is_left: bool,
    /// Whether it stays before a Commit that it does not accept.
    pub is_halted: bool,
    /// Everything up to here is processed.
    pub done: Seq,
    /// Its time in the chat begins after this entry.
    pub begins: Seq,
    /// Entries that it could not read.
    pub undecryptable: u64,
    /// What was asked for and is neither done nor reported, each in a few words.
    pub intents: Vec<String>,
    /// How many messages the server has not taken.
    pub queued: usize,
    /// Whether a Commit waits for the server's answer.
    pub has_pending_commit: bool,
    /// The MLS group, if there is one that can be read.
    pub group: Option<StoredGroup>,
}

/// An MLS group as a client has stored it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGroup {
    /// The epoch.
    pub epoch: Epoch,
    /// Its authenticator: the same for all who are in the same state; `None` of a device that was removed.
    pub authenticator: Option<Vec<u8>>,
    /// Who is in it, in the order of their leaves.
    pub members: Vec<DeviceAddress>,
    /// Its rules.
    pub rules: ChatRules,
}

/// Reads every chat in a store.
pub async fn stored_chats<S: Store>(records: &Records<S>) -> Result<Vec<StoredChat>, RecordsError> {
    let found = records
        .scan::<ChatRecord>(Scan::prefix(record_key::chats()))
        .await?;
    let mut chats = Vec::with_capacity(found.len());
    for (key, record) in found {
        if let Some(chat) = record_key::first_id(&key) {
            chats.push(stored_chat(records, chat, &record).await?);
        }
    }
    Ok(chats)
}

async fn stored_chat<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    record: &ChatRecord,
) -> Result<StoredChat, RecordsError> {
    let intents = records
        .scan::<IntentRecord>(Scan::prefix(record_key::intents().id(chat.as_bytes())))
        .await?;
    let queued = records
        .scan::<OutboxRecord>(Scan::prefix(record_key::outboxes().id(chat.as_bytes())))
        .await?;
    let pending = records
        .get::<PendingCommitRecord>(&record_key::pending_commit(chat))
        .await?;
    let prefix: Vec<u8> = record_key::group(chat).into();
    let group = records.scan_bytes(Scan::prefix(prefix.clone())).await?;
    let group = Chat::load(group.into_iter().filter_map(|(key, value)| {
        let key = key.strip_prefix(prefix.as_slice())?.to_vec();
        Some((key, value.expose().to_vec()))
    }));
    Ok(StoredChat {
        chat,
        is_member: record.stage == Stage::Member,
        is_left: record.stage == Stage::Left,
        is_halted: record.halted.is_some(),
        done: record.done,
        begins: record.begins,
        undecryptable: record.undecryptable,
        intents: intents.iter().map(|(_, intent)| format!("{intent:?}")).collect(),
        queued: queued.len(),
        has_pending_commit: pending.is_some(),
        group: group.ok().map(|group| StoredGroup {
            epoch: group.epoch(),
            authenticator: group.epoch_authenticator().map(<[u8]>::to_vec),
            members: group
                .members()
                .iter()
                .map(sotto_protocol::DeviceCredential::address)
                .collect(),
            rules: group.rules().clone(),
        }),
    })
}
