//! Messages that are deleted for all. Whoever does that holds the chat's head, as a writer does: then of those who change
//! entries only sweeps are beside it, which wait for nobody.

use super::PostgresLog;
use super::load::read_rules;
use crate::store::deletion::StoredMessage;
use crate::store::postgres::column::{id, integer, seq};
use crate::store::{Deleted, Deletion, StoreError};
use sotto_protocol::rest::chat::NamedEntry;
use sotto_protocol::{ChatRules, Seq};
use sqlx::Row;
use sqlx::postgres::PgConnection;
use std::sync::Arc;

impl PostgresLog {
    pub(super) async fn erase_entries(&self, deletion: &Deletion) -> Result<Option<Deleted>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let Some((chat, rules)) = hold_chat(&mut transaction, deletion).await? else {
            return Ok(None);
        };
        let stored = read_messages(&mut transaction, chat, deletion).await?;
        let Some(seqs) = deletion.judge(rules.as_deref(), &stored) else {
            return Ok(Some(Deleted::Refused));
        };
        if !seqs.is_empty() {
            sqlx::query(
                "UPDATE entries SET payload = '', kind = 2, expires_at = NULL
                 WHERE chat = $1 AND seq = ANY($2)",
            )
            .bind(chat)
            .bind(numbers(seqs.into_iter()))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
        }
        Ok(Some(Deleted::Erased))
    }
}

/// The chat's key and rules, if the device is in it. Until the transaction ends no node writes to it.
async fn hold_chat(
    connection: &mut PgConnection,
    deletion: &Deletion,
) -> Result<Option<(i64, Option<Arc<ChatRules>>)>, StoreError> {
    // Whoever is not in the chat keeps no writer from it.
    let held = sqlx::query(
        "SELECT chats.key FROM chats JOIN heads ON heads.chat = chats.key
         JOIN members ON members.chat = chats.key JOIN devices ON devices.key = members.device
         WHERE chats.chat = $1 AND devices.device = $2 AND devices.account = $3 AND members.active
         FOR NO KEY UPDATE OF heads",
    )
    .bind(deletion.chat.as_bytes().as_slice())
    .bind(deletion.by.device.as_bytes().as_slice())
    .bind(deletion.by.account.as_bytes().as_slice())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(held) = held else {
        return Ok(None);
    };
    let key: i64 = held.try_get("key")?;
    // All but the head may be older than the lock: what Commits change is read after it. Without rules of its own a chat is older
    // than groups are, and no group.
    let row = sqlx::query(
        "SELECT chats.rules, NULL::bytea AS group_info
         FROM chats JOIN members ON members.chat = chats.key JOIN devices ON devices.key = members.device
         WHERE chats.key = $1 AND devices.device = $2 AND devices.account = $3 AND members.active",
    )
    .bind(key)
    .bind(deletion.by.device.as_bytes().as_slice())
    .bind(deletion.by.account.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some((key, read_rules(&row)?)))
}

/// The application messages at the positions that are named, as far as their time is not over.
async fn read_messages(
    connection: &mut PgConnection,
    chat: i64,
    deletion: &Deletion,
) -> Result<Vec<StoredMessage>, StoreError> {
    sqlx::query(
        "SELECT entries.seq, entries.message, devices.account
         FROM entries JOIN devices ON devices.key = entries.sender
         WHERE entries.chat = $1 AND entries.seq = ANY($2) AND entries.kind = 0
             AND (entries.expires_at IS NULL OR entries.expires_at > $3)",
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

fn numbers(seqs: impl Iterator<Item = Seq>) -> Vec<i64> {
    seqs.map(|seq| integer(seq.0)).collect()
}
