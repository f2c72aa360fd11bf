//! The group commit: all that waits, in one transaction.

use super::json::JsonRows;
use super::load::{find_devices, find_earlier, load_chats};
use super::{SqliteLog, member};
use crate::store::sequencer::{NewEntry, Sequencer};
use crate::store::sqlite::column::integer;
use crate::store::sqlite::database::BEGIN;
use crate::store::{Appended, CursorAdvance, MarkerUpdate, StoreError, WriteBatch};
use sotto_protocol::frame::{EntryKind, Refusal};
use sotto_protocol::{ProblemCode, Retention, Timestamp};
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe, Connection};
use std::collections::HashMap;
use std::sync::Arc;

/// `INSERT` statements for this many rows at a time, the most first: few statements, and each is prepared once.
const ROWS_PER_INSERT: [usize; 4] = [256, 32, 4, 1];

/// The texts of the `INSERT` statements, as [`ROWS_PER_INSERT`].
#[derive(Debug)]
pub(super) struct InsertStatements([(usize, Arc<str>); ROWS_PER_INSERT.len()]);

impl Default for InsertStatements {
    fn default() -> Self {
        Self(ROWS_PER_INSERT.map(|rows| {
            // A failure ends the batch's transaction in any case; ROLLBACK spares SQLite a journal for the statement.
            let mut sql = "INSERT OR ROLLBACK INTO entries
                (chat, seq, tag, sender, message, accepted_at, retention, expires_at, kind, payload) VALUES "
                .to_owned();
            sql.push_str(&vec!["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", "));
            (rows, sql.into())
        }))
    }
}

impl SqliteLog {
    pub(super) async fn write_batch(&self, batch: WriteBatch<'_>) -> Result<Vec<Appended>, StoreError> {
        let mut writer = self.writer().await?;
        let (connection, cache, next_device_key) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        // From here to the end the chats are out of the cache. An error, or a future that is dropped, leaves them out.
        let mut chats = load_chats(&mut transaction, cache, batch.submissions).await?;
        let (tags, earlier) =
            find_earlier(&mut transaction, &self.tag_key, batch.submissions, &chats).await?;
        let devices = find_devices(&mut transaction, batch.submissions).await?;

        let mut sequencer = Sequencer::new(batch.at, devices, *next_device_key, batch.submissions.len());
        let mut outcomes = Vec::with_capacity(batch.submissions.len());
        let decided = batch
            .submissions
            .iter()
            .zip(tags)
            .zip(&chats.of_submission)
            .enumerate();
        for (index, ((submission, tag), place)) in decided {
            outcomes.push(match place.and_then(|place| chats.states.get_mut(place)) {
                Some(state) => sequencer.decide(state, submission, tag, earlier.get(&index).copied()),
                None => Appended::Refused(Refusal::from(ProblemCode::ChatNotFound)),
            });
        }

        member::insert_devices(&mut transaction, &sequencer.new_devices).await?;
        self.insert_entries(&mut transaction, &sequencer.entries, batch.at)
            .await?;
        for commit in &sequencer.commits {
            member::apply_commit(&mut transaction, commit).await?;
        }
        advance_cursors(&mut transaction, batch.cursors).await?;
        replace_markers(&mut transaction, batch.markers).await?;
        transaction.commit().await?;

        *next_device_key = sequencer.next_device_key();
        for state in chats.states {
            cache.put(state);
        }
        Ok(outcomes)
    }

    async fn insert_entries(
        &self,
        connection: &mut SqliteConnection,
        entries: &[NewEntry<'_>],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut rest = entries;
        for (rows, sql) in &self.inserts.0 {
            while let Some((now, later)) = rest.split_at_checked(*rows) {
                let mut arguments = SqliteArguments::default();
                arguments.reserve(rows * 10, 0);
                for entry in now {
                    bind_entry(&mut arguments, entry, at)
                        .map_err(|error| StoreError::Failed(error.to_string().into()))?;
                }
                sqlx::query_with(AssertSqlSafe(Arc::clone(sql)), arguments)
                    .execute(&mut *connection)
                    .await?;
                rest = later;
            }
        }
        Ok(())
    }
}

fn bind_entry(
    arguments: &mut SqliteArguments,
    entry: &NewEntry<'_>,
    at: Timestamp,
) -> Result<(), sqlx::error::BoxDynError> {
    let kind = match entry.kind {
        EntryKind::Application => 0,
        EntryKind::Commit => 1,
        EntryKind::Deleted => 2,
    };
    let seconds = match (entry.kind, entry.submission.retention) {
        (EntryKind::Application, Retention::For { seconds }) => Some(seconds),
        _ => None,
    };
    arguments.add(entry.chat)?;
    arguments.add(integer(entry.seq.0))?;
    arguments.add(i64::from(entry.tag.0))?;
    arguments.add(entry.sender)?;
    arguments.add(entry.submission.message.as_bytes().as_slice())?;
    arguments.add(integer(at.0))?;
    arguments.add(seconds.map(i64::from))?;
    arguments.add(seconds.map(|seconds| integer(at.plus_millis(u64::from(seconds) * 1000).0)))?;
    arguments.add(kind)?;
    arguments.add(&*entry.submission.payload)
}

/// Moves cursors on, never back and never beyond the log, and removes the Welcomes that are done with.
async fn advance_cursors(
    connection: &mut SqliteConnection,
    cursors: &[CursorAdvance],
) -> Result<(), StoreError> {
    if cursors.is_empty() {
        return Ok(());
    }
    let mut rows = JsonRows::new();
    for cursor in cursors {
        rows.row(|row| {
            row.address(cursor.device);
            row.hex(cursor.chat.as_bytes());
            row.number(integer(cursor.acknowledged.0));
        });
    }
    let rows = rows.finish();
    sqlx::query(
        "WITH incoming AS MATERIALIZED (
             SELECT chats.key AS chat, devices.key AS device, max(min(sent.value ->> 3,
                 (SELECT coalesce(max(seq), 0) FROM entries WHERE entries.chat = chats.key))) AS acknowledged
             FROM json_each(?) AS sent
             CROSS JOIN chats ON chats.chat = unhex(sent.value ->> 2)
             CROSS JOIN devices ON devices.device = unhex(sent.value ->> 1) AND devices.account = unhex(sent.value ->> 0)
             GROUP BY 1, 2)
         UPDATE members SET acknowledged = incoming.acknowledged FROM incoming
         WHERE members.chat = incoming.chat AND members.device = incoming.device
             AND members.acknowledged < incoming.acknowledged",
    )
    .bind(rows.as_str())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM welcomes WHERE id IN (
             SELECT welcomes.id FROM json_each(?) AS sent
             CROSS JOIN devices ON devices.device = unhex(sent.value ->> 1) AND devices.account = unhex(sent.value ->> 0)
             CROSS JOIN chats ON chats.chat = unhex(sent.value ->> 2)
             CROSS JOIN welcomes ON welcomes.device = devices.key AND welcomes.chat = chats.key
             WHERE welcomes.after_seq <= sent.value ->> 3)",
    )
    .bind(rows)
    .execute(connection)
    .await?;
    Ok(())
}

async fn replace_markers(
    connection: &mut SqliteConnection,
    markers: &[MarkerUpdate],
) -> Result<(), StoreError> {
    let latest: HashMap<_, _> = markers
        .iter()
        .map(|marker| ((marker.chat, marker.device), marker))
        .collect();
    for marker in latest.into_values() {
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
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
