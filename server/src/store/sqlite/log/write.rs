//! The group commit: all that waits, in one transaction.

use super::invitation::{self, read_uses};
use super::load::{find_devices, load_chats, read_candidates};
use super::rows::RowStatements;
use super::{SqliteLog, member};
use crate::store::retention_key::{Bucket, Place};
use crate::store::sequencer::{NewEntry, Search, Sequencer, Uses, uses_of};
use crate::store::sqlite::column::integer;
use crate::store::sqlite::database::BEGIN;
use crate::store::sqlite::retention_key;
use crate::store::{Appended, StoreError, WriteBatch};
use sotto_protocol::frame::{EntryKind, Refusal};
use sotto_protocol::{ProblemCode, Retention, Seq, Timestamp};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Connection};

/// The `INSERT` of entries. A failure ends the batch's transaction in any case; ROLLBACK spares SQLite a journal for the
/// statement.
pub(super) fn entry_rows() -> RowStatements {
    RowStatements::new(
        "INSERT OR ROLLBACK INTO entries
         (chat, seq, tag, sender, message, accepted_at, retention, kind, payload) VALUES",
        "(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "",
    )
}

/// The `INSERT` of payloads that are to be erased.
pub(super) fn timed_rows() -> RowStatements {
    RowStatements::new(
        "INSERT OR ROLLBACK INTO timed_payloads (expires_at, chat, seq, payload) VALUES",
        "(?, ?, ?, ?)",
        "",
    )
}

/// A payload that is to be erased.
struct TimedPayload {
    expires_at: Timestamp,
    chat: i64,
    seq: Seq,
    sealed: Vec<u8>,
}

impl SqliteLog {
    pub(super) async fn write_batch(&self, batch: WriteBatch<'_>) -> Result<Vec<Appended>, StoreError> {
        let mut writer = self.writer().await?;
        let (connection, cache, next_device_key) = writer.parts()?;
        let buckets = Bucket::of_timed(batch.submissions, batch.at);
        retention_key::make(&self.retention_keys, connection, buckets).await?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        // From here to the end the chats are out of the cache. An error, or a future that is dropped, leaves them out.
        let mut chats = load_chats(&mut transaction, cache, batch.submissions).await?;
        let search = Search::new(&self.tag_key, batch.submissions, &chats, |_| true, &[]);
        let candidates = read_candidates(&mut transaction, &search).await?;
        let lookups = search.conclude(batch.submissions, candidates);
        let devices = find_devices(&mut transaction, batch.submissions).await?;
        let uses = read_uses(&mut transaction, uses_of(batch.submissions, &chats)).await?;

        let capacity = batch.submissions.len();
        let mut sequencer = Sequencer::new(batch.at, devices, Uses::new(uses), *next_device_key, capacity);
        let mut outcomes = Vec::with_capacity(batch.submissions.len());
        let decided = batch
            .submissions
            .iter()
            .zip(search.tags)
            .zip(lookups)
            .zip(&chats.of_submission);
        for (((submission, tag), lookup), place) in decided {
            outcomes.push(match place.and_then(|place| chats.states.get_mut(place)) {
                Some(state) => sequencer.decide(state, submission, tag, lookup),
                None => Appended::Refused(Refusal::from(ProblemCode::ChatNotFound)),
            });
        }

        member::insert_devices(&mut transaction, &sequencer.new_devices).await?;
        let bind =
            |arguments: &mut SqliteArguments, entry: &NewEntry<'_>| bind_entry(arguments, entry, batch.at);
        self.entry_rows
            .execute(&mut transaction, &sequencer.entries, bind)
            .await?;
        let timed = self.sealed(&sequencer.entries, batch.at)?;
        self.timed_rows
            .execute(&mut transaction, &timed, |arguments, payload| {
                arguments.add(integer(payload.expires_at.0))?;
                arguments.add(payload.chat)?;
                arguments.add(integer(payload.seq.0))?;
                arguments.add(&*payload.sealed)
            })
            .await?;
        for commit in &sequencer.commits {
            member::apply_commit(&mut transaction, commit).await?;
            invitation::apply_commit(&mut transaction, commit).await?;
        }
        let known = |chat| chats.get(chat).or_else(|| cache.get(chat));
        let statements = &self.cursor_statements;
        statements.advance(&mut transaction, batch.cursors, known).await?;
        statements
            .replace_markers(&mut transaction, batch.markers, known)
            .await?;
        transaction.commit().await?;

        *next_device_key = sequencer.next_device_key();
        for state in chats.states {
            cache.put(state);
        }
        if writer.growth.add(&batch) {
            tokio::spawn(self.clone().checkpoint());
        }
        Ok(outcomes)
    }

    /// The payloads of those entries that are timed, sealed with the keys of their times.
    fn sealed(&self, entries: &[NewEntry<'_>], at: Timestamp) -> Result<Vec<TimedPayload>, StoreError> {
        entries
            .iter()
            .filter_map(|entry| Some((entry, seconds_kept(entry)?)))
            .map(|(entry, seconds)| {
                let bucket = Bucket::of(at, seconds);
                let payload = &entry.submission.payload;
                Ok(TimedPayload {
                    expires_at: at.plus_seconds(seconds),
                    chat: entry.chat,
                    seq: entry.seq,
                    sealed: self.retention_keys.seal(
                        bucket,
                        Place::entry(entry.chat, entry.seq.0),
                        payload,
                    )?,
                })
            })
            .collect()
    }
}

/// How long an entry's payload is kept; `None` if for good.
fn seconds_kept(entry: &NewEntry<'_>) -> Option<u32> {
    match (entry.kind, entry.submission.retention) {
        (EntryKind::Application, Retention::For { seconds }) => Some(seconds),
        _ => None,
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
        EntryKind::TakenBack => 3,
        EntryKind::Reversal => 4,
    };
    let seconds = seconds_kept(entry);
    let payload: &[u8] = if seconds.is_none() {
        &entry.submission.payload
    } else {
        &[]
    };
    arguments.add(entry.chat)?;
    arguments.add(integer(entry.seq.0))?;
    arguments.add(i64::from(entry.tag.0))?;
    arguments.add(entry.sender)?;
    arguments.add(entry.submission.message.as_bytes().as_slice())?;
    arguments.add(integer(at.0))?;
    arguments.add(seconds.map(i64::from))?;
    arguments.add(kind)?;
    arguments.add(payload)
}
