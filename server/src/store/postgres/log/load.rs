//! Loads what the writer needs to know to decide on a batch, and holds the rows that it decides on.

use super::held::Head;
use crate::store::postgres::column::{address, id, integer, number, seq, time};
use crate::store::sequencer::{ChatCache, ChatState, Earlier, KnownDevice, Members, Tag, TagKey};
use crate::store::{AccountPair, StoreError, Submission};
use sotto_protocol::{ChatId, DeviceAddress, Epoch, MessageId, Seq};
use sqlx::Row;
use sqlx::postgres::PgConnection;
use std::collections::{HashMap, HashSet};

/// The states of the chats that a batch is for, and which of them each submission is for.
#[derive(Debug)]
pub(super) struct LoadedChats {
    pub(super) states: Vec<ChatState>,
    /// In the order of the submissions; `None` if there is no such chat.
    pub(super) of_submission: Vec<Option<usize>>,
}

/// Takes the chats out of the cache, and finds the others: what is not known of them is empty.
pub(super) async fn find_chats(
    connection: &mut PgConnection,
    cache: &mut ChatCache,
    submissions: &[Submission],
) -> Result<LoadedChats, StoreError> {
    let mut states: Vec<ChatState> = Vec::new();
    let mut places: HashMap<ChatId, Option<usize>> = HashMap::with_capacity(submissions.len());
    let mut missing: Vec<ChatId> = Vec::new();
    for submission in submissions {
        places.entry(submission.chat).or_insert_with(|| {
            let Some(state) = cache.take(submission.chat) else {
                missing.push(submission.chat);
                return None;
            };
            states.push(state);
            Some(states.len() - 1)
        });
    }
    if !missing.is_empty() {
        for state in read_chats(connection, &missing).await? {
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
    })
}

async fn read_chats(connection: &mut PgConnection, chats: &[ChatId]) -> Result<Vec<ChatState>, StoreError> {
    let ids: Vec<&[u8]> = chats.iter().map(|chat| chat.as_bytes().as_slice()).collect();
    sqlx::query("SELECT key, chat, lower_account, higher_account FROM chats WHERE chat = ANY($1)")
        .bind(ids)
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| {
            Ok(ChatState {
                chat: id(row, "chat")?,
                key: row.try_get("key")?,
                pair: AccountPair::new(id(row, "lower_account")?, id(row, "higher_account")?)
                    .ok_or(StoreError::Unreadable { what: "pair" })?,
                epoch: Epoch(0),
                last: Seq::ZERO,
                members: Members::new(Vec::new()),
                members_version: NOT_READ,
                tags: HashMap::new(),
            })
        })
        .collect()
}

/// The version of members that were not read.
const NOT_READ: i64 = -1;

/// Brings the states up to their heads: what other nodes wrote since is read.
pub(super) async fn catch_up(
    connection: &mut PgConnection,
    states: &mut [ChatState],
    heads: &HashMap<i64, Head>,
) -> Result<(), StoreError> {
    let mut grown = Vec::new();
    let mut changed = Vec::new();
    for state in states.iter_mut() {
        let Some(head) = heads.get(&state.key) else {
            continue;
        };
        if head.last < state.last {
            // Another server took over, and had not everything.
            state.last = Seq::ZERO;
            state.tags = HashMap::new();
            state.members_version = NOT_READ;
        }
        if head.last > state.last {
            grown.push((state.key, state.last));
        }
        if head.members_version != state.members_version {
            changed.push(state.key);
        }
    }
    let mut tails = read_tails(connection, &grown).await?;
    let mut members = read_members(connection, &changed).await?;
    let changed: HashSet<i64> = changed.into_iter().collect();
    for state in states.iter_mut() {
        let Some(head) = heads.get(&state.key) else {
            continue;
        };
        for tag in tails.remove(&state.key).unwrap_or_default() {
            state.last = state.last.next();
            state.tags.entry(tag).or_insert(state.last);
        }
        if state.last != head.last {
            return Err(StoreError::Unreadable {
                what: "log without gaps",
            });
        }
        state.epoch = head.epoch;
        if changed.contains(&state.key) {
            state.members = Members::new(members.remove(&state.key).unwrap_or_default());
            state.members_version = head.members_version;
        }
    }
    Ok(())
}

/// The tags of the entries after a position of each chat, in their order.
async fn read_tails(
    connection: &mut PgConnection,
    grown: &[(i64, Seq)],
) -> Result<HashMap<i64, Vec<Tag>>, StoreError> {
    if grown.is_empty() {
        return Ok(HashMap::new());
    }
    let (chats, after): (Vec<i64>, Vec<i64>) = grown
        .iter()
        .map(|(chat, after)| (*chat, integer(after.0)))
        .unzip();
    sqlx::query(
        "SELECT grown.chat,
             ARRAY(SELECT tag FROM entries WHERE entries.chat = grown.chat AND seq > grown.after ORDER BY seq) AS tags
         FROM unnest($1::bigint[], $2::bigint[]) AS grown (chat, after)",
    )
    .bind(chats)
    .bind(after)
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        let tags: Vec<i32> = row.try_get("tags")?;
        let tags = tags.into_iter().map(|tag| Tag(tag.cast_unsigned())).collect();
        Ok((row.try_get("chat")?, tags))
    })
    .collect()
}

async fn read_members(
    connection: &mut PgConnection,
    chats: &[i64],
) -> Result<HashMap<i64, Vec<(DeviceAddress, i64)>>, StoreError> {
    let mut members: HashMap<i64, Vec<(DeviceAddress, i64)>> = HashMap::new();
    if chats.is_empty() {
        return Ok(members);
    }
    let rows = sqlx::query(
        "SELECT members.chat, devices.key, devices.device, devices.account
         FROM members JOIN devices ON devices.key = members.device WHERE members.chat = ANY($1)",
    )
    .bind(chats)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        members
            .entry(row.try_get("chat")?)
            .or_default()
            .push((address(row)?, row.try_get("key")?));
    }
    Ok(members)
}

/// The tags of the submissions, and which of them are in the log already.
pub(super) async fn find_earlier(
    connection: &mut PgConnection,
    tag_key: &TagKey,
    submissions: &[Submission],
    chats: &LoadedChats,
) -> Result<(Vec<Tag>, HashMap<usize, Earlier>), StoreError> {
    let tags: Vec<Tag> = submissions
        .iter()
        .map(|submission| tag_key.tag(submission.from, submission.message))
        .collect();
    let mut suspects = Vec::new();
    for (index, (tag, place)) in tags.iter().zip(&chats.of_submission).enumerate() {
        let state = place.and_then(|place| chats.states.get(place));
        if let Some((state, seq)) = state.and_then(|state| Some((state, *state.tags.get(tag)?))) {
            suspects.push((index, state.key, seq));
        }
    }
    let mut earlier = HashMap::new();
    if suspects.is_empty() {
        return Ok((tags, earlier));
    }
    let stored = read_identities(connection, &suspects).await?;
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
    connection: &mut PgConnection,
    suspects: &[(usize, i64, Seq)],
) -> Result<HashMap<(i64, Seq), StoredIdentity>, StoreError> {
    let (chats, seqs): (Vec<i64>, Vec<i64>) = suspects
        .iter()
        .map(|(_, chat, seq)| (*chat, integer(seq.0)))
        .unzip();
    sqlx::query(
        "SELECT entries.chat, entries.seq, entries.message, entries.accepted_at, devices.device, devices.account
         FROM unnest($1::bigint[], $2::bigint[]) AS wanted (chat, seq)
         JOIN entries ON entries.chat = wanted.chat AND entries.seq = wanted.seq
         JOIN devices ON devices.key = entries.sender",
    )
    .bind(chats)
    .bind(seqs)
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        let stored = StoredIdentity {
            from: address(row)?,
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
    connection: &mut PgConnection,
    chat: i64,
    tag: Tag,
    submission: &Submission,
) -> Result<Option<Earlier>, StoreError> {
    sqlx::query(
        "SELECT entries.seq, entries.accepted_at FROM entries JOIN devices ON devices.key = entries.sender
         WHERE entries.chat = $1 AND entries.tag = $2 AND entries.message = $3
             AND devices.device = $4 AND devices.account = $5",
    )
    .bind(chat)
    .bind(tag.0.cast_signed())
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

/// The devices that Commits of these submissions name.
pub(super) fn named_devices(submissions: &[Submission]) -> HashSet<DeviceAddress> {
    submissions
        .iter()
        .filter_map(|submission| Some((submission, submission.commit.as_deref()?)))
        .flat_map(|(submission, commit)| commit.added.iter().copied().chain([submission.from]))
        .collect()
}

/// Of these devices those that the shard knows. Until the transaction ends none of them departs.
pub(super) async fn hold_devices(
    connection: &mut PgConnection,
    named: &HashSet<DeviceAddress>,
) -> Result<HashMap<DeviceAddress, KnownDevice>, StoreError> {
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let (devices, accounts): (Vec<&[u8]>, Vec<&[u8]>) = named
        .iter()
        .map(|address| {
            (
                address.device.as_bytes().as_slice(),
                address.account.as_bytes().as_slice(),
            )
        })
        .unzip();
    sqlx::query(
        "SELECT devices.key, devices.device, devices.account, devices.departed
         FROM unnest($1::bytea[], $2::bytea[]) AS named (device, account)
         JOIN devices ON devices.device = named.device AND devices.account = named.account
         ORDER BY devices.key FOR SHARE OF devices",
    )
    .bind(devices)
    .bind(accounts)
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        let known = KnownDevice {
            key: row.try_get("key")?,
            departed: row.try_get("departed")?,
        };
        Ok((address(row)?, known))
    })
    .collect()
}

/// Reads a head: see [`super::held`].
pub(super) fn read_head(row: &sqlx::postgres::PgRow) -> Result<(i64, Head), StoreError> {
    Ok((
        row.try_get("chat")?,
        Head {
            last: seq(row, "last_seq")?,
            epoch: Epoch(number(row, "epoch")?),
            members_version: row.try_get("members_version")?,
        },
    ))
}
