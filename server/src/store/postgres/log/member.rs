//! Members of chats: what Commits change beside the log.

use crate::store::objection::RemovedLeaf;
use crate::store::postgres::column::integer;
use crate::store::sequencer::CommitEffect;
use crate::store::{StoreError, stored_rules};
use bytes::Bytes;
use sotto_protocol::{AccountId, DeviceAddress, Seq, limits};
use sqlx::postgres::PgConnection;

/// Makes devices known to the shard, with the keys chosen for them.
pub(super) async fn insert_devices(
    connection: &mut PgConnection,
    devices: &[(DeviceAddress, i64)],
) -> Result<(), sqlx::Error> {
    if devices.is_empty() {
        return Ok(());
    }
    // In one order, whoever inserts: two nodes that insert the same ones wait for each other, and not both.
    let mut devices = devices.to_vec();
    devices.sort_unstable();
    let keys: Vec<i64> = devices.iter().map(|(_, key)| *key).collect();
    let (ids, accounts) = columns(devices.iter().map(|(address, _)| address));
    sqlx::query(
        "INSERT INTO devices (key, device, account)
         SELECT new.key, new.device, new.account FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])
             AS new (key, device, account)",
    )
    .bind(keys)
    .bind(ids)
    .bind(accounts)
    .execute(connection)
    .await?;
    Ok(())
}

/// The devices' ids and their accounts'.
pub(super) fn columns<'a>(
    addresses: impl Iterator<Item = &'a DeviceAddress>,
) -> (Vec<&'a [u8]>, Vec<&'a [u8]>) {
    addresses
        .map(|address| {
            (
                address.device.as_bytes().as_slice(),
                address.account.as_bytes().as_slice(),
            )
        })
        .unzip()
}

/// Begins the Commit's epoch: GroupInfo, rules, members, parties, Welcomes. The head is the caller's.
pub(super) async fn apply_commit(
    connection: &mut PgConnection,
    commit: &CommitEffect<'_>,
) -> Result<(), StoreError> {
    keep_change(connection, commit).await?;
    if let Some(rules) = commit.rules.as_deref() {
        sqlx::query("UPDATE chats SET rules = $1 WHERE key = $2")
            .bind(stored_rules::write(rules)?)
            .bind(commit.chat)
            .execute(&mut *connection)
            .await?;
    }
    // A Welcome from an earlier membership leads nowhere any more.
    let gone: Vec<i64> = commit.removed.iter().chain(&commit.added).copied().collect();
    if gone.is_empty() {
        return Ok(());
    }
    remove_members(connection, commit.chat, &gone).await?;
    add_members(connection, commit.chat, &commit.added, commit.seq).await?;
    if let Some(welcome) = &commit.parts.welcome {
        add_welcomes(
            connection,
            commit.chat,
            &commit.added,
            commit.seq,
            commit.sender,
            welcome,
        )
        .await?;
    }
    remove_parties(connection, commit.chat, &commit.gone).await?;
    readmit(connection, commit.chat, &commit.readmitted).await?;
    add_parties(connection, commit.chat, commit.newcomers.iter().copied()).await
}

/// Replaces the GroupInfo, and keeps what a Commit changes for as long as it may be taken back: in one statement, and so in one
/// round trip. To be called before it takes effect.
async fn keep_change(connection: &mut PgConnection, commit: &CommitEffect<'_>) -> Result<(), StoreError> {
    let mut change = commit.change.clone();
    if !commit.removed.is_empty() {
        change.removed = sqlx::query_as(
            "SELECT device, acknowledged, active FROM members WHERE chat = $1 AND device = ANY($2)",
        )
        .bind(commit.chat)
        .bind(&commit.removed)
        .fetch_all(&mut *connection)
        .await?
        .into_iter()
        .map(|(device, acknowledged, active)| RemovedLeaf {
            device,
            acknowledged,
            active,
        })
        .collect();
    }
    sqlx::query(
        "WITH kept AS (
             INSERT INTO commit_changes (chat, epoch, seq, sender, accepted_at, change)
             VALUES ($1, $2, $3, $4, $5, $6)),
         forgotten AS (DELETE FROM commit_changes WHERE chat = $1 AND epoch <= $7)
         INSERT INTO group_infos (chat, group_info) VALUES ($1, $8)
         ON CONFLICT (chat) DO UPDATE SET group_info = excluded.group_info",
    )
    .bind(commit.chat)
    .bind(integer(commit.epoch.0))
    .bind(integer(commit.seq.0))
    .bind(commit.sender)
    .bind(integer(commit.at.0))
    .bind(change.encode()?)
    .bind(integer(commit.epoch.0.saturating_sub(limits::REVERSIBLE_COMMITS)))
    .bind(&*commit.parts.group_info)
    .execute(connection)
    .await?;
    Ok(())
}

async fn readmit(connection: &mut PgConnection, chat: i64, accounts: &[AccountId]) -> Result<(), StoreError> {
    if accounts.is_empty() {
        return Ok(());
    }
    let accounts: Vec<&[u8]> = accounts
        .iter()
        .map(|account| account.as_bytes().as_slice())
        .collect();
    sqlx::query("DELETE FROM refused_accounts WHERE chat = $1 AND account = ANY($2)")
        .bind(chat)
        .bind(accounts)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn replace_group_info(
    connection: &mut PgConnection,
    chat: i64,
    group_info: &Bytes,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO group_infos (chat, group_info) VALUES ($1, $2)
         ON CONFLICT (chat) DO UPDATE SET group_info = excluded.group_info",
    )
    .bind(chat)
    .bind(&**group_info)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes leaves of devices that are not in the chat.
pub(super) async fn add_silent_leaves(
    connection: &mut PgConnection,
    chat: i64,
    devices: &[i64],
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO members (chat, device, acknowledged, active)
         SELECT $1, device, 0, false FROM unnest($2::bigint[]) AS new (device)",
    )
    .bind(chat)
    .bind(devices)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes devices members that have acknowledged everything up to `acknowledged`.
pub(super) async fn add_members(
    connection: &mut PgConnection,
    chat: i64,
    devices: &[i64],
    acknowledged: Seq,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO members (chat, device, acknowledged)
         SELECT $1, device, $3 FROM unnest($2::bigint[]) AS new (device)",
    )
    .bind(chat)
    .bind(devices)
    .bind(integer(acknowledged.0))
    .execute(connection)
    .await?;
    Ok(())
}

/// Leaves a Welcome for devices: once for all, if there are several.
pub(super) async fn add_welcomes(
    connection: &mut PgConnection,
    chat: i64,
    devices: &[i64],
    after: Seq,
    sender: i64,
    welcome: &Bytes,
) -> Result<(), StoreError> {
    // In one statement, and so in one round trip.
    sqlx::query(if devices.len() > 1 {
        "WITH shared AS (INSERT INTO shared_welcomes (welcome) VALUES ($5) RETURNING id)
         INSERT INTO welcomes (device, chat, after_seq, sender, welcome, shared)
         SELECT new.device, $1, $3, $4, '', shared.id FROM shared, unnest($2::bigint[]) AS new (device)"
    } else {
        "INSERT INTO welcomes (device, chat, after_seq, sender, welcome)
         SELECT device, $1, $3, $4, $5 FROM unnest($2::bigint[]) AS new (device)"
    })
    .bind(chat)
    .bind(devices)
    .bind(integer(after.0))
    .bind(sender)
    .bind(&**welcome)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn add_parties(
    connection: &mut PgConnection,
    chat: i64,
    accounts: impl IntoIterator<Item = AccountId>,
) -> Result<(), StoreError> {
    let accounts: Vec<Vec<u8>> = accounts
        .into_iter()
        .map(|account| account.as_bytes().to_vec())
        .collect();
    if accounts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO parties (account, chat) SELECT account, $1 FROM unnest($2::bytea[]) AS new (account)
         ON CONFLICT DO NOTHING",
    )
    .bind(chat)
    .bind(accounts)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn remove_parties(
    connection: &mut PgConnection,
    chat: i64,
    accounts: &[AccountId],
) -> Result<(), StoreError> {
    if accounts.is_empty() {
        return Ok(());
    }
    let accounts: Vec<&[u8]> = accounts
        .iter()
        .map(|account| account.as_bytes().as_slice())
        .collect();
    sqlx::query("DELETE FROM parties WHERE chat = $1 AND account = ANY($2)")
        .bind(chat)
        .bind(accounts)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends memberships in a chat with their cursors, markers and Welcomes, and forgets the leaves.
pub(super) async fn remove_members(
    connection: &mut PgConnection,
    chat: i64,
    devices: &[i64],
) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM members WHERE chat = $1 AND device = ANY($2)",
        "DELETE FROM markers WHERE chat = $1 AND device = ANY($2)",
        "DELETE FROM welcomes WHERE chat = $1 AND device = ANY($2)",
    ] {
        sqlx::query(sql)
            .bind(chat)
            .bind(devices)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
