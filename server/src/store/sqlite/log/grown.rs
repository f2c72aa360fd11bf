//! Chats that have new entries.

use super::SqliteLog;
use super::load::read_address;
use crate::store::sqlite::column::{id, integer, seq, suite};
use crate::store::{GrownChat, ListPosition, StoreError};
use sotto_protocol::Timestamp;
use sqlx::Row;

impl SqliteLog {
    pub(super) async fn read_grown(
        &self,
        since: Timestamp,
        after: ListPosition,
        limit: u16,
    ) -> Result<Vec<GrownChat>, StoreError> {
        // Entries are in the order in which they were accepted: the newest older one is found from the end.
        let rows = sqlx::query(
            "WITH grown AS (
                 SELECT DISTINCT chat FROM entries
                 WHERE id > coalesce((SELECT id FROM entries WHERE accepted_at < ? ORDER BY id DESC LIMIT 1), 0)
                     AND chat > ? ORDER BY chat LIMIT ? + 0)
             SELECT chats.key, chats.chat, chats.suite, members.acknowledged, devices.device, devices.account,
                 (SELECT max(seq) FROM entries WHERE entries.chat = chats.key) AS last
             FROM grown JOIN chats ON chats.key = grown.chat
             LEFT JOIN members ON members.chat = chats.key AND members.active
             LEFT JOIN devices ON devices.key = members.device
             ORDER BY chats.key",
        )
        .bind(integer(since.0))
        .bind(after.0)
        .bind(i64::from(limit))
        .fetch_all(&mut *self.database.reader().await?)
        .await?;
        let mut chats: Vec<GrownChat> = Vec::new();
        for row in &rows {
            let position = ListPosition(row.try_get("key")?);
            if chats.last().is_none_or(|chat| chat.position != position) {
                chats.push(GrownChat {
                    position,
                    chat: id(row, "chat")?,
                    suite: suite(row, "suite")?,
                    last: seq(row, "last")?,
                    members: Vec::new(),
                });
            }
            // A chat that every device has left is one row without a member.
            if row.try_get::<Option<i64>, _>("acknowledged")?.is_some()
                && let Some(chat) = chats.last_mut()
            {
                chat.members.push((read_address(row)?, seq(row, "acknowledged")?));
            }
        }
        Ok(chats)
    }
}
