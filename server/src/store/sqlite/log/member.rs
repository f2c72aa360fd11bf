//! Members of chats: what Commits change beside the log.

use super::json::JsonRows;
use crate::store::objection::RemovedLeaf;
use crate::store::sequencer::CommitEffect;
use crate::store::sqlite::column::integer;
use crate::store::{StoreError, stored_rules};
use bytes::Bytes;
use sotto_protocol::{AccountId, DeviceAddress, Seq, limits};
use sqlx::sqlite::SqliteConnection;

/// Makes devices known to the shard, with the keys chosen for them.
pub(super) async fn insert_devices(
    connection: &mut SqliteConnection,
    devices: &[(DeviceAddress, i64)],
) -> Result<(), StoreError> {
    if devices.is_empty() {
        return Ok(());
    }
    let mut rows = JsonRows::new();
    for &(address, key) in devices {
        rows.row(|row| {
            row.address(address);
            row.number(key);
        });
    }
    sqlx::query(
        "INSERT INTO devices (key, device, account)
         SELECT value ->> 2, unhex(value ->> 1), unhex(value ->> 0) FROM json_each(?)",
    )
    .bind(rows.finish())
    .execute(connection)
    .await?;
    Ok(())
}

/// Begins the Commit's epoch: GroupInfo, rules, members, parties, Welcomes.
pub(super) async fn apply_commit(
    connection: &mut SqliteConnection,
    commit: &CommitEffect<'_>,
) -> Result<(), StoreError> {
    let rules = commit.rules.as_deref().map(stored_rules::write).transpose()?;
    sqlx::query("UPDATE chats SET epoch = ?, rules = coalesce(?, rules) WHERE key = ?")
        .bind(integer(commit.epoch.0))
        .bind(rules)
        .bind(commit.chat)
        .execute(&mut *connection)
        .await?;
    replace_group_info(connection, commit.chat, &commit.parts.group_info).await?;
    keep_change(connection, commit).await?;
    // A Welcome from an earlier membership leads nowhere any more.
    let gone: Vec<i64> = commit.removed.iter().chain(&commit.added).copied().collect();
    remove_members(connection, commit.chat, gone).await?;
    add_members(connection, commit.chat, commit.added.clone(), commit.seq).await?;
    if let Some(welcome) = &commit.parts.welcome {
        let added = &commit.added;
        add_welcomes(connection, commit.chat, added, commit.seq, commit.sender, welcome).await?;
    }
    remove_parties(connection, commit.chat, &commit.gone).await?;
    readmit(connection, commit.chat, &commit.readmitted).await?;
    add_parties(connection, commit.chat, commit.newcomers.iter().copied()).await
}

/// Keeps what a Commit changes for as long as it may be taken back. To be called before it takes effect.
async fn keep_change(connection: &mut SqliteConnection, commit: &CommitEffect<'_>) -> Result<(), StoreError> {
    let mut change = commit.change.clone();
    if !commit.removed.is_empty() {
        change.removed = sqlx::query_as(
            "SELECT device, acknowledged, active FROM members
             WHERE chat = ? AND device IN (SELECT value FROM json_each(?))",
        )
        .bind(commit.chat)
        .bind(JsonRows::of_numbers(commit.removed.iter().copied()))
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
        "INSERT INTO commit_changes (chat, epoch, seq, sender, accepted_at, change) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(commit.chat)
    .bind(integer(commit.epoch.0))
    .bind(integer(commit.seq.0))
    .bind(commit.sender)
    .bind(integer(commit.at.0))
    .bind(change.encode()?)
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM commit_changes WHERE chat = ? AND epoch <= ?")
        .bind(commit.chat)
        .bind(integer(commit.epoch.0.saturating_sub(limits::REVERSIBLE_COMMITS)))
        .execute(connection)
        .await?;
    Ok(())
}

async fn readmit(
    connection: &mut SqliteConnection,
    chat: i64,
    accounts: &[AccountId],
) -> Result<(), StoreError> {
    let Some(accounts) = rows_of(accounts.iter().copied()) else {
        return Ok(());
    };
    sqlx::query(
        "DELETE FROM refused_accounts WHERE chat = ? AND account IN (SELECT unhex(value) FROM json_each(?))",
    )
    .bind(chat)
    .bind(accounts)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn replace_group_info(
    connection: &mut SqliteConnection,
    chat: i64,
    group_info: &Bytes,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO group_infos (chat, group_info) VALUES (?, ?)
         ON CONFLICT (chat) DO UPDATE SET group_info = excluded.group_info",
    )
    .bind(chat)
    .bind(&**group_info)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes devices members that have acknowledged everything up to `acknowledged`.
pub(super) async fn add_members(
    connection: &mut SqliteConnection,
    chat: i64,
    devices: Vec<i64>,
    acknowledged: Seq,
) -> Result<(), StoreError> {
    if devices.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO members (chat, device, acknowledged) SELECT ?, value, ? FROM json_each(?)")
        .bind(chat)
        .bind(integer(acknowledged.0))
        .bind(JsonRows::of_numbers(devices))
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes leaves of devices that are not in the chat.
pub(super) async fn add_silent_leaves(
    connection: &mut SqliteConnection,
    chat: i64,
    devices: Vec<i64>,
) -> Result<(), StoreError> {
    if devices.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO members (chat, device, acknowledged, active) SELECT ?, value, 0, 0 FROM json_each(?)",
    )
    .bind(chat)
    .bind(JsonRows::of_numbers(devices))
    .execute(connection)
    .await?;
    Ok(())
}

/// Leaves a Welcome for devices: once for all, if there are several.
pub(super) async fn add_welcomes(
    connection: &mut SqliteConnection,
    chat: i64,
    devices: &[i64],
    after: Seq,
    sender: i64,
    welcome: &Bytes,
) -> Result<(), StoreError> {
    let (own, shared): (&[u8], Option<i64>) = if devices.len() > 1 {
        let shared = sqlx::query_scalar("INSERT INTO shared_welcomes (welcome) VALUES (?) RETURNING id")
            .bind(&**welcome)
            .fetch_one(&mut *connection)
            .await?;
        (&[], Some(shared))
    } else {
        (welcome, None)
    };
    sqlx::query(
        "INSERT INTO welcomes (device, chat, after_seq, sender, welcome, shared)
         SELECT value, ?, ?, ?, ?, ? FROM json_each(?)",
    )
    .bind(chat)
    .bind(integer(after.0))
    .bind(sender)
    .bind(own)
    .bind(shared)
    .bind(JsonRows::of_numbers(devices.iter().copied()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends devices' memberships with their cursors, markers and Welcomes, and forgets their leaves.
pub(super) async fn remove_members(
    connection: &mut SqliteConnection,
    chat: i64,
    devices: Vec<i64>,
) -> Result<(), StoreError> {
    if devices.is_empty() {
        return Ok(());
    }
    let devices = JsonRows::of_numbers(devices);
    for sql in [
        "DELETE FROM members WHERE chat = ? AND device IN (SELECT value FROM json_each(?))",
        "DELETE FROM markers WHERE chat = ? AND device IN (SELECT value FROM json_each(?))",
        "DELETE FROM welcomes WHERE chat = ? AND device IN (SELECT value FROM json_each(?))",
    ] {
        sqlx::query(sql)
            .bind(chat)
            .bind(&*devices)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn add_parties(
    connection: &mut SqliteConnection,
    chat: i64,
    accounts: impl IntoIterator<Item = AccountId>,
) -> Result<(), StoreError> {
    let Some(accounts) = rows_of(accounts) else {
        return Ok(());
    };
    // Without the condition SQLite would take ON for a join's.
    sqlx::query(
        "INSERT INTO parties (account, chat) SELECT unhex(value), ? FROM json_each(?) WHERE true
         ON CONFLICT DO NOTHING",
    )
    .bind(chat)
    .bind(accounts)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn remove_parties(
    connection: &mut SqliteConnection,
    chat: i64,
    accounts: &[AccountId],
) -> Result<(), StoreError> {
    let Some(accounts) = rows_of(accounts.iter().copied()) else {
        return Ok(());
    };
    sqlx::query("DELETE FROM parties WHERE chat = ? AND account IN (SELECT unhex(value) FROM json_each(?))")
        .bind(chat)
        .bind(accounts)
        .execute(connection)
        .await?;
    Ok(())
}

/// `None` if there are none.
fn rows_of(accounts: impl IntoIterator<Item = AccountId>) -> Option<String> {
    let mut rows = JsonRows::new();
    for account in accounts {
        rows.hex(account.as_bytes());
    }
    (!rows.is_empty()).then(|| rows.finish())
}
