//! Messages that are deleted for all.

use super::SqliteLog;
use super::json::JsonRows;
use super::load::read_rules;
use crate::store::deletion::StoredMessage;
use crate::store::sqlite::column::{id, integer, seq};
use crate::store::sqlite::database::BEGIN;
use crate::store::{Deleted, Deletion, StoreError};
use sotto_protocol::rest::chat::NamedEntry;
use sotto_protocol::{ChatRules, Seq};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl SqliteLog {
    pub(super) async fn erase_entries(&self, deletion: &Deletion) -> Result<Option<Deleted>, StoreError> {
        let mut writer = self.writer().await?;
        let (connection, ..) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        let Some((chat, rules)) = read_chat(&mut transaction, deletion).await? else {
            return Ok(None);
        };
        let stored = read_messages(&mut transaction, chat, deletion).await?;
        let Some(seqs) = deletion.judge(rules.as_deref(), &stored) else {
            return Ok(Some(Deleted::Refused));
        };
        if !seqs.is_empty() {
            // Before it is so: if the commit is cut off, nobody knows whether the WAL has it.
            self.wal_is_clean.store(false, Ordering::Relaxed);
            erase(&mut transaction, chat, &seqs).await?;
            transaction.commit().await?;
        }
        Ok(Some(Deleted::Erased))
    }
}

/// The chat's key and rules, if the device is in it.
async fn read_chat(
    connection: &mut SqliteConnection,
    deletion: &Deletion,
) -> Result<Option<(i64, Option<Arc<ChatRules>>)>, StoreError> {
    // Without rules of its own it is older than groups are, and no group.
    let row = sqlx::query(
        "SELECT chats.key, chats.rules, NULL AS group_info
         FROM chats JOIN devices JOIN members ON members.chat = chats.key AND members.device = devices.key
         WHERE chats.chat = ? AND devices.device = ? AND devices.account = ? AND members.active",
    )
    .bind(deletion.chat.as_bytes().as_slice())
    .bind(deletion.by.device.as_bytes().as_slice())
    .bind(deletion.by.account.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some((row.try_get("key")?, read_rules(&row)?)))
}

/// The application messages at the positions that are named, as far as their time is not over.
async fn read_messages(
    connection: &mut SqliteConnection,
    chat: i64,
    deletion: &Deletion,
) -> Result<Vec<StoredMessage>, StoreError> {
    sqlx::query(
        "SELECT entries.seq, entries.message, devices.account
         FROM entries CROSS JOIN devices ON devices.key = entries.sender
         WHERE entries.chat = ?1 AND entries.seq IN (SELECT value FROM json_each(?2)) AND entries.kind = 0
             AND (entries.retention IS NULL OR entries.accepted_at + entries.retention * 1000 > ?3)",
    )
    .bind(chat)
    .bind(numbers(deletion.positions()))
    .bind(integer(deletion.at.0))
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        let entry = NamedEntry {
            seq: seq(row, "seq")?,
            message: id(row, "message")?,
        };
        let sender = id(row, "account")?;
        Ok(StoredMessage { entry, sender })
    })
    .collect()
}

async fn erase(connection: &mut SqliteConnection, chat: i64, seqs: &[Seq]) -> Result<(), StoreError> {
    let seqs = numbers(seqs.iter().copied());
    for sql in [
        "DELETE FROM timed_payloads WHERE (expires_at, chat, seq) IN (
             SELECT accepted_at + retention * 1000, chat, seq FROM entries
             WHERE chat = ? AND seq IN (SELECT value FROM json_each(?)) AND retention IS NOT NULL)",
        "UPDATE entries SET kind = 2, payload = x'', expires_at = NULL
         WHERE chat = ? AND seq IN (SELECT value FROM json_each(?))",
    ] {
        sqlx::query(sql)
            .bind(chat)
            .bind(&seqs)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn numbers(seqs: impl Iterator<Item = Seq>) -> String {
    JsonRows::of_numbers(seqs.map(|seq| integer(seq.0)))
}
