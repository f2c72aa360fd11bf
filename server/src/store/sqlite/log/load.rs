//! Loads what the writer needs to know to decide on a batch.

use super::json::JsonRows;
use crate::store::objection::Refused;
use crate::store::sequencer::{
    Candidate, ChatCache, ChatState, Earlier, KnownDevice, Leaf, LoadedChats, Members, Search, Tail,
};
use crate::store::sqlite::column::{id, integer, number, seq, suite, time};
use crate::store::stored_rules;
use crate::store::{StoreError, Submission};
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceAddress, Epoch};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::HashMap;
use std::sync::Arc;

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
    Ok(LoadedChats::new(submissions, states, places))
}

async fn read_chats(
    connection: &mut SqliteConnection,
    chats: JsonRows,
) -> Result<Vec<ChatState>, StoreError> {
    let rows = sqlx::query(
        "SELECT key, chat, suite, epoch, rules,
             CASE WHEN rules IS NULL THEN (SELECT group_info FROM group_infos WHERE group_infos.chat = chats.key) END
                 AS group_info,
             (SELECT coalesce(max(seq), 0) FROM entries WHERE entries.chat = chats.key) AS last
         FROM chats WHERE chat IN (SELECT unhex(value) FROM json_each(?))",
    )
    .bind(chats.finish())
    .fetch_all(&mut *connection)
    .await?;
    let mut keys = JsonRows::new();
    for row in &rows {
        keys.number(row.try_get("key")?);
    }
    let keys = keys.finish();
    let mut members = read_members(connection, &keys).await?;
    let mut refused = read_refused(connection, &keys).await?;
    let mut silenced = read_silenced(connection, &keys).await?;
    rows.iter()
        .map(|row| {
            let key = row.try_get("key")?;
            Ok(ChatState {
                chat: id(row, "chat")?,
                key,
                suite: suite(row, "suite")?,
                rules: read_rules(row)?,
                epoch: Epoch(number(row, "epoch")?),
                tail: Tail::at(seq(row, "last")?),
                members: Members::new(members.remove(&key).unwrap_or_default()),
                silenced: silenced.remove(&key).unwrap_or_default(),
                // The one writer sees every change itself.
                members_version: 0,
                refused: refused.remove(&key).unwrap_or_default(),
            })
        })
        .collect()
}

/// The accounts that are silenced in the chats with these keys.
pub(super) async fn read_silenced(
    connection: &mut SqliteConnection,
    chats: &str,
) -> Result<HashMap<i64, Vec<AccountId>>, StoreError> {
    let rows = sqlx::query(
        "SELECT chat, account FROM parties WHERE silenced = 1 AND chat IN (SELECT value FROM json_each(?))",
    )
    .bind(chats)
    .fetch_all(connection)
    .await?;
    let mut silenced: HashMap<i64, Vec<AccountId>> = HashMap::new();
    for row in &rows {
        silenced
            .entry(row.try_get("chat")?)
            .or_default()
            .push(id(row, "account")?);
    }
    Ok(silenced)
}

/// The rules, from the columns `rules` and, for where that has none, `group_info`.
pub(super) fn read_rules(row: &SqliteRow) -> Result<Option<Arc<ChatRules>>, StoreError> {
    stored_rules::read(row.try_get("rules")?, row.try_get("group_info")?)
}

/// `chats` are keys, in JSON.
async fn read_refused(
    connection: &mut SqliteConnection,
    chats: &str,
) -> Result<HashMap<i64, Refused>, StoreError> {
    let rows = sqlx::query(
        "SELECT chat, account, times FROM refused_accounts WHERE chat IN (SELECT value FROM json_each(?))",
    )
    .bind(chats)
    .fetch_all(connection)
    .await?;
    let mut refused: HashMap<i64, Refused> = HashMap::new();
    for row in &rows {
        let of_chat = refused.entry(row.try_get("chat")?).or_default();
        of_chat.add(id(row, "account")?, number(row, "times")?);
    }
    Ok(refused)
}

/// `chats` are keys, in JSON.
async fn read_members(
    connection: &mut SqliteConnection,
    chats: &str,
) -> Result<HashMap<i64, Vec<Leaf>>, StoreError> {
    let rows = sqlx::query(
        "SELECT members.chat, devices.key, devices.device, devices.account, members.active,
             members.active OR EXISTS (
                 SELECT 1 FROM parties WHERE parties.account = devices.account AND parties.chat = members.chat) AS party
         FROM members JOIN devices ON devices.key = members.device
         WHERE members.chat IN (SELECT value FROM json_each(?))",
    )
    .bind(chats)
    .fetch_all(connection)
    .await?;
    let mut members: HashMap<i64, Vec<Leaf>> = HashMap::new();
    for row in &rows {
        members.entry(row.try_get("chat")?).or_default().push(Leaf {
            address: read_address(row)?,
            key: row.try_get("key")?,
            is_active: row.try_get("active")?,
            is_party: row.try_get("party")?,
        });
    }
    Ok(members)
}

pub(super) fn read_address(row: &SqliteRow) -> Result<DeviceAddress, StoreError> {
    Ok(DeviceAddress {
        account: id(row, "account")?,
        device: id(row, "device")?,
    })
}

/// Entries of stretches that have one of the tags, but for what was taken back. The index has the tags: a row is read only if it has one of them.
pub(in crate::store::sqlite) const CANDIDATES: &str =
    "SELECT entries.chat, entries.seq, entries.message, entries.accepted_at, devices.device, devices.account
     FROM json_each(?) AS stretch
     CROSS JOIN entries INDEXED BY entries_by_position ON entries.chat = stretch.value ->> 0
         AND entries.seq > stretch.value ->> 1 AND entries.seq <= stretch.value ->> 2
     CROSS JOIN devices ON devices.key = entries.sender
     WHERE entries.tag IN (SELECT value FROM json_each(?)) AND entries.kind < 3";

/// What a search has to look at.
pub(super) async fn read_candidates(
    connection: &mut SqliteConnection,
    search: &Search,
) -> Result<Vec<Candidate>, StoreError> {
    if search.stretches.is_empty() {
        return Ok(Vec::new());
    }
    let mut stretches = JsonRows::new();
    for stretch in &search.stretches {
        stretches.row(|row| {
            row.number(stretch.chat);
            row.number(integer(stretch.after.0));
            row.number(integer(stretch.up_to.0));
        });
    }
    let mut tags = JsonRows::new();
    for tag in &search.wanted {
        tags.number(i64::from(tag.0));
    }
    sqlx::query(CANDIDATES)
        .bind(stretches.finish())
        .bind(tags.finish())
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| {
            Ok(Candidate {
                chat: row.try_get("chat")?,
                from: read_address(row)?,
                message: id(row, "message")?,
                entry: Earlier {
                    seq: seq(row, "seq")?,
                    at: time(row, "accepted_at")?,
                },
            })
        })
        .collect()
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
        for &address in commit
            .added
            .iter()
            .chain(&commit.removed)
            .chain([&submission.from])
        {
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
