//! Cursors and markers. Rows are locked in the order of chat and device, so that no two nodes wait for each other.

use super::member::columns;
use crate::store::postgres::column::integer;
use crate::store::{CursorAdvance, MarkerUpdate, StoreError};
use sqlx::postgres::PgConnection;
use std::collections::HashMap;

/// Moves cursors on, never back and never beyond the log, and removes the Welcomes that are done with.
pub(super) async fn advance_cursors(
    connection: &mut PgConnection,
    cursors: &[CursorAdvance],
) -> Result<(), StoreError> {
    if cursors.is_empty() {
        return Ok(());
    }
    let (devices, accounts) = columns(cursors.iter().map(|cursor| &cursor.device));
    let chats: Vec<&[u8]> = cursors
        .iter()
        .map(|cursor| cursor.chat.as_bytes().as_slice())
        .collect();
    let acknowledged: Vec<i64> = cursors
        .iter()
        .map(|cursor| integer(cursor.acknowledged.0))
        .collect();
    sqlx::query(
        "WITH sent AS MATERIALIZED (
             SELECT chats.key AS chat, devices.key AS device, max(sent.acknowledged) AS acknowledged
             FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[])
                 AS sent (device, account, chat, acknowledged)
             JOIN chats ON chats.chat = sent.chat
             JOIN devices ON devices.device = sent.device AND devices.account = sent.account
             GROUP BY 1, 2),
         held AS MATERIALIZED (
             SELECT members.chat, members.device, least(sent.acknowledged, heads.last_seq) AS acknowledged
             FROM sent JOIN heads ON heads.chat = sent.chat
             JOIN members ON members.chat = sent.chat AND members.device = sent.device
             WHERE members.acknowledged < least(sent.acknowledged, heads.last_seq)
             ORDER BY members.chat, members.device FOR NO KEY UPDATE OF members),
         moved AS (
             UPDATE members SET acknowledged = held.acknowledged FROM held
             WHERE members.chat = held.chat AND members.device = held.device)
         DELETE FROM welcomes USING sent
         WHERE welcomes.device = sent.device AND welcomes.chat = sent.chat
             AND welcomes.after_seq <= sent.acknowledged",
    )
    .bind(devices)
    .bind(accounts)
    .bind(chats)
    .bind(acknowledged)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn replace_markers(
    connection: &mut PgConnection,
    markers: &[MarkerUpdate],
) -> Result<(), StoreError> {
    if markers.is_empty() {
        return Ok(());
    }
    let latest: HashMap<_, _> = markers
        .iter()
        .map(|marker| ((marker.chat, marker.device), marker))
        .collect();
    let latest: Vec<&MarkerUpdate> = latest.into_values().collect();
    let (devices, accounts) = columns(latest.iter().map(|marker| &marker.device));
    let chats: Vec<&[u8]> = latest
        .iter()
        .map(|marker| marker.chat.as_bytes().as_slice())
        .collect();
    let payloads: Vec<&[u8]> = latest.iter().map(|marker| &*marker.payload).collect();
    sqlx::query(
        "INSERT INTO markers (chat, device, marker)
         SELECT members.chat, members.device, sent.marker
         FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[]) AS sent (device, account, chat, marker)
         JOIN chats ON chats.chat = sent.chat
         JOIN devices ON devices.device = sent.device AND devices.account = sent.account
         JOIN members ON members.chat = chats.key AND members.device = devices.key AND members.active
         ORDER BY members.chat, members.device
         ON CONFLICT (chat, device) DO UPDATE SET marker = excluded.marker",
    )
    .bind(devices)
    .bind(accounts)
    .bind(chats)
    .bind(payloads)
    .execute(connection)
    .await?;
    Ok(())
}
