//! Loads what the writer needs to know to decide on a batch.

use super::json::JsonRows;
use crate::store::sequencer::{ChatCache, ChatState, Earlier, KnownDevice, Members, Tag, TagKey};
use crate::store::sqlite::column::{id, integer, number, seq, time};
use crate::store::{AccountPair, StoreError, Submission};
use sotto_protocol::{ChatId, DeviceAddress, Epoch, MessageId, Seq};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::HashMap;

/// The states of the chats that a batch is for, and which of them each submission is for.
#[derive(Debug)]
pub(super) struct LoadedChats {
    pub(super) states: Vec<ChatState>,
    /// In the order of the submissions; `None` if there is no such chat.
    pub(super) of_submission: Vec<Option<usize>>,
    places: HashMap<ChatId, Option<usize>>,
}

impl LoadedChats {
    pub(super) fn get(&self, chat: ChatId) -> Option<&ChatState> {
        self.states.get((*self.places.get(&chat)?)?)
    }
}

/// Takes the chats out of the cache, and reads the others.
pub(super) async fn load_chats(
    connection: &mut SqliteConnection,
    cache: &mut ChatCache,
    submissions: &[Submission],
) -> Result<LoadedChats, StoreError> {
    let mut states: Vec<ChatState> = Vec::new();
    let mut places: HashMap<ChatId, Option<usize>> = HashMap::with_capacity(submissions.len());
    let mut missing = JsonRows::new();
    for submission in submissions {
        places.entry(submission.chat).or_insert_with(|| {
            let Some(state) = cache.take(submission.chat) else {
                missing.hex(submission.chat.as_bytes());
                return None;
            };
            states.push(state);
            Some(states.len() - 1)
        });
    }
    if !missing.is_empty() {
        for state in read_chats(connection, missing).await? {
            places.insert(state.chat, Some(states.len()));
            states.push(state);
        }
    }
    let of_submission = submissions
        .iter()
        .map(|submission| places.get(&submission.chat).copied().flatten())
        .collect();
    Ok(LoadedChats {
        states,
        of_submission,
        places,
    })
}

async fn read_chats(
    connection: &mut SqliteConnection,
    chats: JsonRows,
) -> Result<Vec<ChatState>, StoreError> {
    let rows = sqlx::query(
        "SELECT key, chat, lower_account, higher_account, epoch,
             (SELECT coalesce(max(seq), 0) FROM entries WHERE entries.chat = chats.key) AS last,
             (SELECT group_concat(tag) FROM
                 (SELECT tag FROM entries INDEXED BY entries_by_position WHERE entries.chat = chats.key ORDER BY seq)
             ) AS tags
         FROM chats WHERE chat IN (SELECT unhex(value) FROM json_each(?))",
    )
    .bind(chats.finish())
    .fetch_all(&mut *connection)
    .await?;
    let mut keys = JsonRows::new();
    for row in &rows {
        keys.number(row.try_get("key")?);
    }
    let mut members = read_members(connection, keys).await?;
    rows.iter()
        .map(|row| {
            let key = row.try_get("key")?;
            read_chat(row, key, Members::new(members.remove(&key).unwrap_or_default()))
        })
        .collect()
}

fn read_chat(row: &SqliteRow, key: i64, members: Members) -> Result<ChatState, StoreError> {
    let last = seq(row, "last")?;
    let text = row.try_get::<Option<&str>, _>("tags")?.unwrap_or("");
    let mut tags = HashMap::new();
    let mut position = Seq::ZERO;
    for tag in text.split(',').filter(|tag| !tag.is_empty()) {
        position = position.next();
        let tag = tag.parse().map_err(|_| StoreError::Unreadable { what: "tag" })?;
        tags.entry(Tag(tag)).or_insert(position);
    }
    if position != last {
        return Err(StoreError::Unreadable {
            what: "log without gaps",
        });
    }
    Ok(ChatState {
        chat: id(row, "chat")?,
        key,
        pair: AccountPair::new(id(row, "lower_account")?, id(row, "higher_account")?)
            .ok_or(StoreError::Unreadable { what: "pair" })?,
        epoch: Epoch(number(row, "epoch")?),
        last,
        members,
        // The one writer sees every change itself.
        members_version: 0,
        tags,
    })
}

async fn read_members(
    connection: &mut SqliteConnection,
    chats: JsonRows,
) -> Result<HashMap<i64, Vec<(DeviceAddress, i64)>>, StoreError> {
    let rows = sqlx::query(
        "SELECT members.chat, devices.key, devices.device, devices.account
         FROM members JOIN devices ON devices.key = members.device
         WHERE members.chat IN (SELECT value FROM json_each(?))",
    )
    .bind(chats.finish())
    .fetch_all(connection)
    .await?;
    let mut members: HashMap<i64, Vec<(DeviceAddress, i64)>> = HashMap::new();
    for row in &rows {
        members
            .entry(row.try_get("chat")?)
            .or_default()
            .push((read_address(row)?, row.try_get("key")?));
    }
    Ok(members)
}

pub(super) fn read_address(row: &SqliteRow) -> Result<DeviceAddress, StoreError> {
    Ok(DeviceAddress {
        account: id(row, "account")?,
        device: id(row, "device")?,
    })
}

/// The tags of the submissions, and which of them are in the log already.
pub(super) async fn find_earlier(
    connection: &mut SqliteConnection,
    tag_key: &TagKey,
    submissions: &[Submission],
    chats: &LoadedChats,
) -> Result<(Vec<Tag>, HashMap<usize, Earlier>), StoreError> {
    let tags: Vec<Tag> = submissions
        .iter()
        .map(|submission| tag_key.tag(submission.from, submission.message))
        .collect();
    let mut suspects = Vec::new();
    let mut positions = JsonRows::new();
    for (index, (tag, place)) in tags.iter().zip(&chats.of_submission).enumerate() {
        let Some(state) = place.and_then(|place| chats.states.get(place)) else {
            continue;
        };
        if let Some(seq) = state.tags.get(tag) {
            suspects.push((index, state.key, *seq));
            positions.row(|row| {
                row.number(state.key);
                row.number(integer(seq.0));
            });
        }
    }
    let mut earlier = HashMap::new();
    if suspects.is_empty() {
        return Ok((tags, earlier));
    }
    let stored = read_identities(connection, positions).await?;
    for (index, chat, seq) in suspects {
        let (Some(submission), Some(tag)) = (submissions.get(index), tags.get(index)) else {
            continue;
        };
        let found = match stored.get(&(chat, seq)) {
            Some(stored) if stored.from == submission.from && stored.message == submission.message => {
                Some(stored.earlier)
            }
            // Another message has this tag; a third may have it too.
            _ => read_earlier(connection, chat, *tag, submission).await?,
        };
        earlier.extend(found.map(|found| (index, found)));
    }
    Ok((tags, earlier))
}

struct StoredIdentity {
    from: DeviceAddress,
    message: MessageId,
    earlier: Earlier,
}

async fn read_identities(
    connection: &mut SqliteConnection,
    positions: JsonRows,
) -> Result<HashMap<(i64, Seq), StoredIdentity>, StoreError> {
    sqlx::query(
        "SELECT entries.chat, entries.seq, entries.message, entries.accepted_at, devices.device, devices.account
         FROM json_each(?) AS wanted
         CROSS JOIN entries ON entries.chat = wanted.value ->> 0 AND entries.seq = wanted.value ->> 1
         CROSS JOIN devices ON devices.key = entries.sender",
    )
    .bind(positions.finish())
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        let stored = StoredIdentity {
            from: read_address(row)?,
            message: id(row, "message")?,
            earlier: Earlier {
                seq: seq(row, "seq")?,
                at: time(row, "accepted_at")?,
            },
        };
        Ok(((row.try_get("chat")?, stored.earlier.seq), stored))
    })
    .collect()
}

async fn read_earlier(
    connection: &mut SqliteConnection,
    chat: i64,
    tag: Tag,
    submission: &Submission,
) -> Result<Option<Earlier>, StoreError> {
    sqlx::query(
        "SELECT entries.seq, entries.accepted_at FROM entries JOIN devices ON devices.key = entries.sender
         WHERE entries.chat = ? AND entries.tag = ? AND entries.message = ?
             AND devices.device = ? AND devices.account = ?",
    )
    .bind(chat)
    .bind(i64::from(tag.0))
    .bind(submission.message.as_bytes().as_slice())
    .bind(submission.from.device.as_bytes().as_slice())
    .bind(submission.from.account.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?
    .map(|row| {
        Ok(Earlier {
            seq: seq(&row, "seq")?,
            at: time(&row, "accepted_at")?,
        })
    })
    .transpose()
}

/// The devices that Commits of the batch name, as far as the shard knows them.
pub(super) async fn find_devices(
    connection: &mut SqliteConnection,
    submissions: &[Submission],
) -> Result<HashMap<DeviceAddress, KnownDevice>, StoreError> {
    let mut named = JsonRows::new();
    for submission in submissions {
        let Some(commit) = &submission.commit else {
            continue;
        };
        for &address in commit.added.iter().chain([&submission.from]) {
            named.row(|row| row.address(address));
        }
    }
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    read_devices(connection, named).await
}

/// Devices, given as rows of addresses, as far as the shard knows them.
pub(super) async fn read_devices(
    connection: &mut SqliteConnection,
    addresses: JsonRows,
) -> Result<HashMap<DeviceAddress, KnownDevice>, StoreError> {
    sqlx::query(
        "SELECT devices.key, devices.device, devices.account, devices.departed FROM json_each(?) AS named
         CROSS JOIN devices ON devices.device = unhex(named.value ->> 1) AND devices.account = unhex(named.value ->> 0)",
    )
    .bind(addresses.finish())
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        let known = KnownDevice {
            key: row.try_get("key")?,
            departed: row.try_get("departed")?,
        };
        Ok((read_address(row)?, known))
    })
    .collect()
}
