//! Chats that have new entries.

use super::PostgresLog;
use crate::store::postgres::column::{address, id, integer, seq, suite};
use crate::store::{GrownChat, ListPosition, StoreError};
use sotto_protocol::Timestamp;
use sqlx::Row;

/// What is new is at the end of each part of `entries`, and found by its index of times.
pub(in crate::store::postgres) const GROWN: &str = "WITH grown AS MATERIALIZED (
         SELECT chat FROM entries WHERE accepted_at >= $1 AND chat > $2 GROUP BY chat ORDER BY chat LIMIT $3)
     SELECT chats.key, chats.chat, chats.suite, heads.last_seq AS last, members.acknowledged, devices.device,
         devices.account
     FROM grown JOIN chats ON chats.key = grown.chat JOIN heads ON heads.chat = grown.chat
     LEFT JOIN members ON members.chat = chats.key AND members.active
     LEFT JOIN devices ON devices.key = members.device
     ORDER BY chats.key";

impl PostgresLog {
    pub(super) async fn read_grown(
        &self,
        since: Timestamp,
        after: ListPosition,
        limit: u16,
    ) -> Result<Vec<GrownChat>, StoreError> {
        let rows = sqlx::query(GROWN)
            .bind(integer(since.0))
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(self.database.readers())
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
                chat.members.push((address(row)?, seq(row, "acknowledged")?));
            }
        }
        Ok(chats)
    }
}
