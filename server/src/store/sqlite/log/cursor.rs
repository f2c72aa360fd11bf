//! Cursors and markers: what a device says of itself in a chat. They are as many as the messages, so their keys come from
//! what the writer knows of chats anyway; only of others they are looked up.

use super::json::JsonRows;
use super::rows::RowStatements;
use crate::store::sequencer::ChatState;
use crate::store::sqlite::column::integer;
use crate::store::{CursorAdvance, MarkerUpdate, StoreError};
use sotto_protocol::ChatId;
use sqlx::Arguments;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use std::collections::HashMap;

/// A cursor by keys: chat, device, position.
type CursorRow = (i64, i64, i64);

/// The statements that cursors and markers take when their keys are known.
#[derive(Debug)]
pub(super) struct CursorStatements {
    advance: RowStatements,
    delete_welcomes: RowStatements,
    replace_markers: RowStatements,
}

impl Default for CursorStatements {
    fn default() -> Self {
        Self {
            advance: RowStatements::new(
                "UPDATE members SET acknowledged = sent.column3 FROM (VALUES",
                "(?, ?, ?)",
                ") AS sent WHERE members.chat = sent.column1 AND members.device = sent.column2
                     AND members.acknowledged < sent.column3",
            ),
            delete_welcomes: RowStatements::new(
                "DELETE FROM welcomes WHERE id IN (SELECT welcomes.id FROM (VALUES",
                "(?, ?, ?)",
                ") AS sent CROSS JOIN welcomes ON welcomes.device = sent.column2 AND welcomes.chat = sent.column1
                 WHERE welcomes.after_seq <= sent.column3)",
            ),
            replace_markers: RowStatements::new(
                "INSERT INTO markers (chat, device, marker) VALUES",
                "(?, ?, ?)",
                "ON CONFLICT (chat, device) DO UPDATE SET marker = excluded.marker",
            ),
        }
    }
}

impl CursorStatements {
    /// Moves cursors on, never back and never beyond the log, and removes the Welcomes that are done with.
    pub(super) async fn advance<'a>(
        &self,
        connection: &mut SqliteConnection,
        cursors: &[CursorAdvance],
        chat: impl Fn(ChatId) -> Option<&'a ChatState>,
    ) -> Result<(), StoreError> {
        let mut rows: Vec<CursorRow> = Vec::with_capacity(cursors.len());
        let mut others = JsonRows::new();
        for cursor in cursors {
            match chat(cursor.chat) {
                Some(state) => rows.extend(state.members.key(cursor.device).map(|device| {
                    let acknowledged = cursor.acknowledged.min(state.tail.last());
                    (state.key, device, integer(acknowledged.0))
                })),
                None => others.row(|row| {
                    row.address(cursor.device);
                    row.hex(cursor.chat.as_bytes());
                    row.number(integer(cursor.acknowledged.0));
                }),
            }
        }
        if !others.is_empty() {
            rows.extend(find(connection, others).await?);
        }
        // In the order of the table; of a device's cursors in a chat the last counts.
        rows.sort_unstable_by(|one, other| other.cmp(one));
        rows.dedup_by_key(|(chat, device, _)| (*chat, *device));
        let bind = |arguments: &mut SqliteArguments, &(chat, device, acknowledged): &CursorRow| {
            arguments.add(chat)?;
            arguments.add(device)?;
            arguments.add(acknowledged)
        };
        self.advance.execute(connection, &rows, bind).await?;
        self.delete_welcomes.execute(connection, &rows, bind).await
    }

    /// Of each device in a chat the last marker counts.
    pub(super) async fn replace_markers<'a>(
        &self,
        connection: &mut SqliteConnection,
        markers: &[MarkerUpdate],
        chat: impl Fn(ChatId) -> Option<&'a ChatState>,
    ) -> Result<(), StoreError> {
        let latest: HashMap<_, _> = markers
            .iter()
            .map(|marker| ((marker.chat, marker.device), marker))
            .collect();
        let mut known = Vec::with_capacity(latest.len());
        for marker in latest.into_values() {
            match chat(marker.chat) {
                Some(state) => known.extend(
                    state
                        .members
                        .key(marker.device)
                        .map(|device| (state.key, device, marker)),
                ),
                None => replace_marker(connection, marker).await?,
            }
        }
        let bind = |arguments: &mut SqliteArguments, (chat, device, marker): &(i64, i64, &MarkerUpdate)| {
            arguments.add(*chat)?;
            arguments.add(*device)?;
            arguments.add(&*marker.payload)
        };
        self.replace_markers.execute(connection, &known, bind).await
    }
}

/// The cursors of chats of which only the ids are known.
async fn find(connection: &mut SqliteConnection, cursors: JsonRows) -> Result<Vec<CursorRow>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT chats.key, devices.key,
             min(sent.value ->> 3, (SELECT coalesce(max(seq), 0) FROM entries WHERE entries.chat = chats.key))
         FROM json_each(?) AS sent
         CROSS JOIN chats ON chats.chat = unhex(sent.value ->> 2)
         CROSS JOIN devices ON devices.device = unhex(sent.value ->> 1) AND devices.account = unhex(sent.value ->> 0)",
    )
    .bind(cursors.finish())
    .fetch_all(connection)
    .await?)
}

/// Replaces a marker of which only the ids are known.
async fn replace_marker(connection: &mut SqliteConnection, marker: &MarkerUpdate) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO markers (chat, device, marker)
         SELECT members.chat, members.device, ? FROM members
         WHERE members.chat = (SELECT key FROM chats WHERE chat = ?)
             AND members.device = (SELECT key FROM devices WHERE device = ? AND account = ?) AND members.active
         ON CONFLICT (chat, device) DO UPDATE SET marker = excluded.marker",
    )
    .bind(&*marker.payload)
    .bind(marker.chat.as_bytes().as_slice())
    .bind(marker.device.device.as_bytes().as_slice())
    .bind(marker.device.account.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(())
}
