//! Members of chats: what Commits change beside the log.

use crate::store::StoreError;
use crate::store::sequencer::CommitEffect;
use crate::store::sqlite::column::integer;
use bytes::Bytes;
use sotto_protocol::{DeviceAddress, Seq};
use sqlx::sqlite::SqliteConnection;

/// Makes devices known to the shard, with the keys chosen for them.
pub(super) async fn insert_devices(
    connection: &mut SqliteConnection,
    devices: &[(DeviceAddress, i64)],
) -> Result<(), StoreError> {
    for (address, key) in devices {
        sqlx::query("INSERT INTO devices (key, device, account) VALUES (?, ?, ?)")
            .bind(key)
            .bind(address.device.as_bytes().as_slice())
            .bind(address.account.as_bytes().as_slice())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Begins the Commit's epoch: GroupInfo, members, Welcomes.
pub(super) async fn apply_commit(
    connection: &mut SqliteConnection,
    commit: &CommitEffect<'_>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE chats SET epoch = ? WHERE key = ?")
        .bind(integer(commit.epoch.0))
        .bind(commit.chat)
        .execute(&mut *connection)
        .await?;
    replace_group_info(connection, commit.chat, &commit.parts.group_info).await?;
    for &device in &commit.removed {
        remove_member(connection, commit.chat, device).await?;
    }
    for &device in &commit.added {
        // A Welcome from an earlier membership leads nowhere any more.
        remove_member(connection, commit.chat, device).await?;
        add_member(connection, commit.chat, device, commit.seq).await?;
        if let Some(welcome) = &commit.parts.welcome {
            add_welcome(
                connection,
                commit.chat,
                device,
                commit.seq,
                commit.sender,
                welcome,
            )
            .await?;
        }
    }
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

/// Makes a device a member that has acknowledged everything up to `acknowledged`.
pub(super) async fn add_member(
    connection: &mut SqliteConnection,
    chat: i64,
    device: i64,
    acknowledged: Seq,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO members (chat, device, acknowledged) VALUES (?, ?, ?)")
        .bind(chat)
        .bind(device)
        .bind(integer(acknowledged.0))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn add_welcome(
    connection: &mut SqliteConnection,
    chat: i64,
    device: i64,
    after: Seq,
    sender: i64,
    welcome: &Bytes,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO welcomes (device, chat, after_seq, sender, welcome) VALUES (?, ?, ?, ?, ?)")
        .bind(device)
        .bind(chat)
        .bind(integer(after.0))
        .bind(sender)
        .bind(&**welcome)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a device's membership with its cursor, marker and Welcome.
async fn remove_member(connection: &mut SqliteConnection, chat: i64, device: i64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM members WHERE chat = ? AND device = ?",
        "DELETE FROM markers WHERE chat = ? AND device = ?",
        "DELETE FROM welcomes WHERE chat = ? AND device = ?",
    ] {
        sqlx::query(sql)
            .bind(chat)
            .bind(device)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
