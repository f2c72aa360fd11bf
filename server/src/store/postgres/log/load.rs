//! Loads what the writer needs to know to decide on a batch, and holds the rows that it decides on.

use super::held::Head;
use crate::store::objection::Refused;
use crate::store::postgres::column::{address, id, integer, number, seq, suite, time};
use crate::store::sequencer::{
    Candidate, ChatCache, ChatState, Earlier, KnownDevice, Leaf, LoadedChats, Members, Search, Stretch, Tail,
};
use crate::store::{StoreError, Submission, stored_rules};
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceAddress, Epoch};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

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
    Ok(LoadedChats::new(submissions, states, places))
}

async fn read_chats(connection: &mut PgConnection, chats: &[ChatId]) -> Result<Vec<ChatState>, StoreError> {
    let ids: Vec<&[u8]> = chats.iter().map(|chat| chat.as_bytes().as_slice()).collect();
    sqlx::query("SELECT key, chat, suite FROM chats WHERE chat = ANY($1)")
        .bind(ids)
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| {
            Ok(ChatState {
                chat: id(row, "chat")?,
                key: row.try_get("key")?,
                suite: suite(row, "suite")?,
                rules: None,
                epoch: Epoch(0),
                tail: Tail::default(),
                members: Members::default(),
                silenced: Vec::new(),
                members_version: NOT_READ,
                refused: Refused::default(),
            })
        })
        .collect()
}

/// The version of members that were not read.
const NOT_READ: i64 = -1;

/// Brings the states up to their heads: members and rules that other nodes have changed are read. Of the entries that they wrote the
/// tags are not: hardly any submission is looked for among them.
pub(super) async fn catch_up(
    connection: &mut PgConnection,
    states: &mut [ChatState],
    heads: &HashMap<i64, Head>,
) -> Result<(), StoreError> {
    let mut changed = Vec::new();
    for state in states.iter_mut() {
        let Some(head) = heads.get(&state.key) else {
            continue;
        };
        if head.last < state.tail.last() {
            // Another server took over, and had not everything.
            state.members_version = NOT_READ;
        }
        if head.last != state.tail.last() {
            state.tail = Tail::at(head.last);
        }
        if head.members_version != state.members_version {
            changed.push(state.key);
        }
        state.epoch = head.epoch;
    }
    let mut read = read_changed(connection, &changed).await?;
    let changed: HashSet<i64> = changed.into_iter().collect();
    for state in states.iter_mut().filter(|state| changed.contains(&state.key)) {
        let Some(head) = heads.get(&state.key) else {
            continue;
        };
        let ReadChat {
            rules,
            leaves,
            refused,
            silenced,
        } = read.remove(&state.key).unwrap_or_default();
        state.refused = refused;
        state.members = Members::new(leaves);
        state.silenced = silenced;
        state.rules = rules;
        state.members_version = head.members_version;
    }
    Ok(())
}

/// The rules, from the columns `rules` and, for where that has none, `group_info`.
pub(super) fn read_rules(row: &PgRow) -> Result<Option<Arc<ChatRules>>, StoreError> {
    stored_rules::read(row.try_get("rules")?, row.try_get("group_info")?)
}

/// What Commits change of a chat beside its head.
#[derive(Default)]
struct ReadChat {
    rules: Option<Arc<ChatRules>>,
    leaves: Vec<Leaf>,
    refused: Refused,
    silenced: Vec<AccountId>,
}

/// Reads rules, members, refused and silenced accounts in one statement, and so in one round trip: of each chat a row with its
/// rules, then one for each leaf and for each account, which have none there.
async fn read_changed(
    connection: &mut PgConnection,
    chats: &[i64],
) -> Result<HashMap<i64, ReadChat>, StoreError> {
    let mut read: HashMap<i64, ReadChat> = HashMap::with_capacity(chats.len());
    if chats.is_empty() {
        return Ok(read);
    }
    let rows = sqlx::query(
        "SELECT key AS chat, rules,
             CASE WHEN rules IS NULL THEN (SELECT group_info FROM group_infos WHERE group_infos.chat = chats.key) END
                 AS group_info,
             NULL::bigint AS key, NULL::bytea AS device, NULL::bytea AS account, NULL::boolean AS active,
             NULL::boolean AS party, NULL::smallint AS times, NULL::bytea AS silenced
         FROM chats WHERE key = ANY($1)
         UNION ALL
         SELECT members.chat, NULL, NULL, devices.key, devices.device, devices.account, members.active,
             members.active OR EXISTS (
                 SELECT FROM parties WHERE parties.account = devices.account AND parties.chat = members.chat), NULL, NULL
         FROM members JOIN devices ON devices.key = members.device WHERE members.chat = ANY($1)
         UNION ALL
         SELECT chat, NULL, NULL, NULL, NULL, account, NULL, NULL, times, NULL
         FROM refused_accounts WHERE chat = ANY($1)
         UNION ALL
         SELECT chat, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, account
         FROM parties WHERE silenced AND chat = ANY($1)",
    )
    .bind(chats)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        let chat = read.entry(row.try_get("chat")?).or_default();
        if let Some(times) = row.try_get::<Option<i16>, _>("times")? {
            let times = u8::try_from(times).unwrap_or(u8::MAX);
            chat.refused.add(id(row, "account")?, times);
            continue;
        }
        if row.try_get::<Option<&[u8]>, _>("silenced")?.is_some() {
            chat.silenced.push(id(row, "silenced")?);
            continue;
        }
        match row.try_get("key")? {
            None => chat.rules = read_rules(row)?,
            Some(key) => chat.leaves.push(Leaf {
                address: address(row)?,
                key,
                is_active: row.try_get("active")?,
                is_party: row.try_get("party")?,
            }),
        }
    }
    Ok(read)
}

/// Entries of stretches that have one of the tags, but for what was taken back. The index has the tags: a row is read only if it has one of them.
/// `OFFSET 0` and the materialised parts keep it so, whatever the planner takes the numbers of rows to be.
pub(in crate::store::postgres) const CANDIDATES: &str = "WITH stretches AS MATERIALIZED (
         SELECT stretch.chat, entry.seq, entry.tag
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS stretch (chat, after, up_to)
         CROSS JOIN LATERAL (
             SELECT seq, tag FROM entries
             WHERE entries.chat = stretch.chat AND entries.seq > stretch.after AND entries.seq <= stretch.up_to OFFSET 0
         ) AS entry),
     found AS MATERIALIZED (SELECT chat, seq FROM stretches WHERE tag IN (SELECT unnest($4::int[])))
     SELECT found.chat, found.seq, entry.message, entry.accepted_at, devices.device, devices.account
     FROM found CROSS JOIN LATERAL (
         SELECT sender, message, accepted_at FROM entries
         WHERE entries.chat = found.chat AND entries.seq = found.seq AND entries.kind < 3 OFFSET 0
     ) AS entry
     JOIN devices ON devices.key = entry.sender";

/// What a search has to look at.
pub(super) async fn read_candidates(
    connection: &mut PgConnection,
    search: &Search,
) -> Result<Vec<Candidate>, StoreError> {
    if search.stretches.is_empty() {
        return Ok(Vec::new());
    }
    let stretches = |value: fn(&Stretch) -> i64| search.stretches.iter().map(value).collect::<Vec<i64>>();
    let tags: Vec<i32> = search.wanted.iter().map(|tag| tag.0.cast_signed()).collect();
    sqlx::query(CANDIDATES)
        .bind(stretches(|stretch| stretch.chat))
        .bind(stretches(|stretch| integer(stretch.after.0)))
        .bind(stretches(|stretch| integer(stretch.up_to.0)))
        .bind(tags)
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| {
            Ok(Candidate {
                chat: row.try_get("chat")?,
                from: address(row)?,
                message: id(row, "message")?,
                entry: Earlier {
                    seq: seq(row, "seq")?,
                    at: time(row, "accepted_at")?,
                },
            })
        })
        .collect()
}

/// The devices that Commits of these submissions name.
pub(super) fn named_devices(submissions: &[Submission]) -> HashSet<DeviceAddress> {
    submissions
        .iter()
        .filter_map(|submission| Some((submission, submission.commit.as_deref()?)))
        .flat_map(|(submission, commit)| {
            let named = commit.added.iter().chain(&commit.removed);
            named.copied().chain([submission.from])
        })
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
pub(super) fn read_head(row: &PgRow) -> Result<(i64, Head), StoreError> {
    Ok((
        row.try_get("chat")?,
        Head {
            last: seq(row, "last_seq")?,
            epoch: Epoch(number(row, "epoch")?),
            members_version: row.try_get("members_version")?,
        },
    ))
}
