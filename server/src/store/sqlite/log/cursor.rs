//! Cursors and markers: what a device says of itself in a chat. They are as many as the messages, so their keys come from
//! what the writer knows of chats anyway; only of others they are looked up.

use super::SqliteLog;
use super::json::JsonRows;
use super::rows::RowStatements;
use crate::store::sequencer::ChatState;
use crate::store::sqlite::column::integer;
use crate::store::{CursorAdvance, MarkerUpdate, StoreError};
use sotto_protocol::ChatId;
use sqlx::Arguments;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use std::collections::HashMap;

/// Moves cursors on, never back and never beyond the log, and removes the Welcomes that are done with.
pub(super) async fn advance_cursors<'a>(
    connection: &mut SqliteConnection,
    cursors: &[CursorAdvance],
    chat: impl Fn(ChatId) -> Option<&'a ChatState>,
) -> Result<(), StoreError> {
    let mut known = Vec::with_capacity(cursors.len());
    let mut others = JsonRows::new();
    for cursor in cursors {
        match chat(cursor.chat) {
            Some(state) => known.extend(state.members.key(cursor.device).map(|device| {
                let acknowledged = cursor.acknowledged.min(state.tail.last());
                (state.key, device, acknowledged)
            })),
            None => others.row(|row| {
                row.address(cursor.device);
                row.hex(cursor.chat.as_bytes());
                row.number(integer(cursor.acknowledged.0));
            }),
        }
    }
    // In the order of the table; of a device's cursors in a chat the last counts.
    known.sort_unstable_by(|one, other| other.cmp(one));
    known.dedup_by_key(|(chat, device, _)| (*chat, *device));
    let mut rows = JsonRows::new();
    for (chat, device, acknowledged) in known {
        rows.row(|row| {
            row.number(chat);
            row.number(device);
            row.number(integer(acknowledged.0));
        });
    }
    if !rows.is_empty() {
        advance(connection, &rows.finish()).await?;
    }
    if !others.is_empty() {
        let found = find(connection, &others.finish()).await?;
        advance(connection, &found).await?;
    }
    Ok(())
}

/// Cursors by addresses and ids, as rows of keys.
async fn find(connection: &mut SqliteConnection, rows: &str) -> Result<String, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT json_group_array(json_array(chat, device, acknowledged)) FROM (
             SELECT chats.key AS chat, devices.key AS device, max(min(sent.value ->> 3,
                 (SELECT coalesce(max(seq), 0) FROM entries WHERE entries.chat = chats.key))) AS acknowledged
             FROM json_each(?) AS sent
             CROSS JOIN chats ON chats.chat = unhex(sent.value ->> 2)
             CROSS JOIN devices ON devices.device = unhex(sent.value ->> 1) AND devices.account = unhex(sent.value ->> 0)
             GROUP BY 1, 2)",
    )
    .bind(rows)
    .fetch_one(connection)
    .await?)
}

/// Takes rows of the keys of chat and device, and the cursor.
async fn advance(connection: &mut SqliteConnection, rows: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE members SET acknowledged = sent.value ->> 2 FROM json_each(?) AS sent
         WHERE members.chat = sent.value ->> 0 AND members.device = sent.value ->> 1
             AND members.acknowledged < sent.value ->> 2",
    )
    .bind(rows)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM welcomes WHERE id IN (
             SELECT welcomes.id FROM json_each(?) AS sent
             CROSS JOIN welcomes ON welcomes.device = sent.value ->> 1 AND welcomes.chat = sent.value ->> 0
             WHERE welcomes.after_seq <= sent.value ->> 2)",
    )
    .bind(rows)
    .execute(connection)
    .await?;
    Ok(())
}

/// The `INSERT` of markers of which the keys are known.
pub(super) fn marker_rows() -> RowStatements {
    RowStatements::new(
        "INSERT INTO markers (chat, device, marker) VALUES",
        "(?, ?, ?)",
        "ON CONFLICT (chat, device) DO UPDATE SET marker = excluded.marker",
    )
}

impl SqliteLog {
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
                Some(state) => {
                    known.extend(
                        state
                            .members
                            .key(marker.device)
                            .map(|device| (state.key, device, marker)),
                    );
                }
                None => replace_marker(connection, marker).await?,
            }
        }
        let bind = |arguments: &mut SqliteArguments, row: &(i64, i64, &MarkerUpdate)| {
            let (chat, device, marker) = row;
            arguments.add(*chat)?;
            arguments.add(*device)?;
            arguments.add(&*marker.payload)
        };
        self.marker_rows.execute(connection, &known, bind).await
    }
}

/// Replaces a marker of which only the ids are known.
async fn replace_marker(connection: &mut SqliteConnection, marker: &MarkerUpdate) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO markers (chat, device, marker)
         SELECT members.chat, members.device, ? FROM members
         WHERE members.chat = (SELECT key FROM chats WHERE chat = ?)
             AND members.device = (SELECT key FROM devices WHERE device = ? AND account = ?)
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
