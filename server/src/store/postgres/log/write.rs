//! The group commit: all that waits, in one transaction.
//!
//! Round trips of a batch: BEGIN, hold the chats, write entries and heads, COMMIT. Members and rules that another node has
//! changed cost one more for all of them together, retries and senders that have not read what is new another, chats that are
//! new to this node another before the transaction.

use super::PostgresLog;
use super::cursor::{advance_cursors, replace_markers};
use super::held::{Held, hold};
use super::invitation::{self, read_uses};
use super::load::{catch_up, find_chats, hold_devices, named_devices, read_candidates};
use super::member::{apply_commit, insert_devices};
use super::writer::{Session, Writer};
use crate::store::error::is_taken;
use crate::store::postgres::column::integer;
use crate::store::postgres::retention_key;
use crate::store::retention_key::{Bucket, Place};
use crate::store::sequencer::{ChatState, NewEntry, Search, Sequencer, Uses, uses_of};
use crate::store::{Appended, StoreError, WriteBatch};
use sotto_protocol::frame::{EntryKind, Refusal};
use sotto_protocol::{ProblemCode, Retention, Timestamp};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use std::borrow::Cow;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How long to wait before a batch is tried again, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Why an attempt to write a batch failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was changed.
    Undone(StoreError),
    /// Another node was faster with a row that both insert: nothing was changed, and the next attempt finds that row.
    Overtaken(StoreError),
    /// The connection was lost at the commit: nobody knows. These are the outcomes if it took place.
    Unknown(StoreError, Vec<Appended>),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Undone(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if is_taken(&error) {
            Self::Overtaken(error.into())
        } else {
            Self::Undone(error.into())
        }
    }
}

impl PostgresLog {
    pub(super) async fn write_batch(&self, batch: WriteBatch<'_>) -> Result<Vec<Appended>, StoreError> {
        let deadline = Instant::now() + self.database.patience();
        let mut writer = self.writer.lock().await;
        let outcomes = if batch.submissions.is_empty() {
            Vec::new()
        } else {
            self.write_submissions(&mut writer, &batch, deadline).await?
        };
        if batch.cursors.is_empty() && batch.markers.is_empty() {
            return Ok(outcomes);
        }
        let noted = timeout_at(deadline, self.write_cursors(&mut writer, &batch))
            .await
            .unwrap_or_else(|elapsed| Err(StoreError::Unavailable(Box::new(elapsed))));
        match noted {
            Err(error) if batch.submissions.is_empty() => Err(error),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "cursors and markers were not written"
                );
                Ok(outcomes)
            }
            Ok(()) => Ok(outcomes),
        }
    }

    /// Tries until it succeeds, the database is found to be at fault, or time is up.
    async fn write_submissions(
        &self,
        writer: &mut Writer,
        batch: &WriteBatch<'_>,
        deadline: Instant,
    ) -> Result<Vec<Appended>, StoreError> {
        let mut doubtful: Vec<Appended> = Vec::new();
        let mut pause = PAUSE.0;
        loop {
            let error = match timeout_at(deadline, self.attempt(writer, batch, &doubtful)).await {
                Ok(Ok(mut outcomes)) => {
                    settle(&mut outcomes, doubtful);
                    return Ok(outcomes);
                }
                Ok(Err(Failure::Overtaken(error))) => error,
                Ok(Err(Failure::Unknown(error, outcomes))) => {
                    doubtful = outcomes;
                    error
                }
                Ok(Err(Failure::Undone(error))) => {
                    if !matches!(error, StoreError::Unavailable(_)) {
                        return Err(error);
                    }
                    error
                }
                Err(elapsed) => return Err(StoreError::Unavailable(Box::new(elapsed))),
            };
            let next = Instant::now() + pause;
            if next >= deadline {
                return Err(error);
            }
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                submissions = batch.submissions.len(),
                "a batch is tried again"
            );
            sleep_until(next).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    async fn attempt(
        &self,
        writer: &mut Writer,
        batch: &WriteBatch<'_>,
        doubtful: &[Appended],
    ) -> Result<Vec<Appended>, Failure> {
        let mut session = writer.session(&self.database).await?;
        // Chats are out of the cache from here to the end, and the session out of the writer. An error, or a future that
        // is dropped, leaves them out.
        let outcomes = self.write_once(&mut session, batch, doubtful).await?;
        writer.give_back(session);
        Ok(outcomes)
    }

    async fn write_once(
        &self,
        session: &mut Session,
        batch: &WriteBatch<'_>,
        doubtful: &[Appended],
    ) -> Result<Vec<Appended>, Failure> {
        let submissions = batch.submissions;
        let buckets = Bucket::of_timed(submissions, batch.at);
        retention_key::make(&self.retention_keys, &mut session.connection, buckets).await?;
        let mut chats = find_chats(&mut session.connection, &mut session.chats, submissions).await?;
        let named = named_devices(submissions);
        session.reserve_device_keys(named.len()).await?;

        let mut transaction = session.connection.begin().await?;
        let held = hold(&mut transaction, &chats.states, &session.deferred).await?;
        session.deferred.note(&chats.states, &held);
        let Held { heads, gone } = held;
        catch_up(&mut transaction, &mut chats.states, &heads).await?;
        let search = Search::new(
            &self.tag_key,
            submissions,
            &chats,
            |state| heads.contains_key(&state.key),
            doubtful,
        );
        let candidates = read_candidates(&mut transaction, &search).await?;
        let lookups = search.conclude(submissions, candidates);
        let devices = hold_devices(&mut transaction, &named).await?;
        // Of chats that this node holds: nobody else lets anyone in meanwhile.
        let uses = read_uses(&mut transaction, uses_of(submissions, &chats)).await?;

        let before: Vec<(i64, i64)> = chats.states.iter().map(version).collect();
        let mut sequencer = Sequencer::new(
            batch.at,
            devices,
            Uses::new(uses),
            session.next_device_key,
            submissions.len(),
        );
        let mut outcomes = Vec::with_capacity(submissions.len());
        let decided = submissions
            .iter()
            .zip(search.tags)
            .zip(lookups)
            .zip(&chats.of_submission);
        for (((submission, tag), lookup), place) in decided {
            outcomes.push(match place.and_then(|place| chats.states.get_mut(place)) {
                None => Appended::Refused(Refusal::from(ProblemCode::ChatNotFound)),
                Some(state) if gone.contains(&state.key) => {
                    Appended::Refused(Refusal::from(ProblemCode::ChatNotFound))
                }
                Some(state) if !heads.contains_key(&state.key) => Appended::Busy,
                Some(state) => sequencer.decide(state, submission, tag, lookup),
            });
        }

        if sequencer.entries.is_empty() {
            transaction.rollback().await?;
        } else {
            insert_devices(&mut transaction, &sequencer.new_devices).await?;
            let moved = chats.states.iter().zip(&before);
            let moved: Vec<&ChatState> = moved
                .filter(|(state, before)| version(state) != **before)
                .map(|(state, _)| state)
                .collect();
            self.insert(&mut transaction, &moved, &sequencer.entries, batch.at)
                .await?;
            for commit in &sequencer.commits {
                apply_commit(&mut transaction, commit).await?;
                invitation::apply_commit(&mut transaction, commit).await?;
            }
            // Whatever the error is: it may be about the answer alone.
            if let Err(error) = transaction.commit().await {
                return Err(Failure::Unknown(error.into(), outcomes));
            }
            session.next_device_key = sequencer.next_device_key();
        }
        for state in chats
            .states
            .into_iter()
            .filter(|state| !gone.contains(&state.key))
        {
            session.chats.put(state);
        }
        Ok(outcomes)
    }

    /// Writes the entries, and the heads of the chats that they are in.
    async fn insert(
        &self,
        connection: &mut PgConnection,
        moved: &[&ChatState],
        entries: &[NewEntry<'_>],
        at: Timestamp,
    ) -> Result<(), Failure> {
        let mut columns = Columns::with_capacity(entries.len());
        for entry in entries {
            let seconds = match (entry.kind, entry.submission.retention) {
                (EntryKind::Application, Retention::For { seconds }) => Some(seconds),
                _ => None,
            };
            let payload = match seconds {
                Some(seconds) => {
                    let bucket = Bucket::of(at, seconds);
                    Cow::Owned(self.retention_keys.seal(
                        bucket,
                        Place::entry(entry.chat, entry.seq.0),
                        &entry.submission.payload,
                    )?)
                }
                None => Cow::Borrowed(&*entry.submission.payload),
            };
            columns.push(entry, at, seconds, payload);
        }
        let payloads: Vec<&[u8]> = columns.payloads.iter().map(|payload| &**payload).collect();
        let heads = |value: fn(&ChatState) -> i64| moved.iter().map(|state| value(state)).collect::<Vec<_>>();
        sqlx::query(
            "WITH moved AS (
                 UPDATE heads SET last_seq = moved.last_seq, epoch = moved.epoch, members_version = moved.members_version
                 FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
                     AS moved (chat, last_seq, epoch, members_version)
                 WHERE heads.chat = moved.chat)
             INSERT INTO entries
                 (chat, seq, sender, accepted_at, expires_at, tag, retention, kind, message, payload)
             SELECT new.chat, new.seq, new.sender, $5, new.expires_at, new.tag, new.retention, new.kind, new.message,
                 new.payload
             FROM unnest($6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::int[], $11::int[],
                     $12::smallint[], $13::bytea[], $14::bytea[])
                 AS new (chat, seq, sender, expires_at, tag, retention, kind, message, payload)",
        )
        .bind(heads(|state| state.key))
        .bind(heads(|state| integer(state.tail.last().0)))
        .bind(heads(|state| integer(state.epoch.0)))
        .bind(heads(|state| state.members_version))
        .bind(integer(at.0))
        .bind(columns.chats)
        .bind(columns.seqs)
        .bind(columns.senders)
        .bind(columns.expiries)
        .bind(columns.tags)
        .bind(columns.retentions)
        .bind(columns.kinds)
        .bind(columns.messages)
        .bind(payloads)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Cursors and markers, in a transaction that need not be durable: a device whose cursor is lost is sent again what it
    /// has.
    async fn write_cursors(&self, writer: &mut Writer, batch: &WriteBatch<'_>) -> Result<(), StoreError> {
        let mut session = writer.session(&self.database).await?;
        let mut transaction = session
            .connection
            .begin_with("BEGIN; SET LOCAL synchronous_commit = off")
            .await?;
        advance_cursors(&mut transaction, batch.cursors).await?;
        replace_markers(&mut transaction, batch.markers).await?;
        transaction.commit().await?;
        writer.give_back(session);
        Ok(())
    }
}

/// What an entry or a Commit moves on.
fn version(state: &ChatState) -> (i64, i64) {
    (integer(state.tail.last().0), state.members_version)
}

/// After a commit of which nobody knew whether it took place: what was to be accepted then and is found in the log now was
/// accepted then, and nobody has handed it on yet.
fn settle(outcomes: &mut [Appended], doubtful: Vec<Appended>) {
    for (outcome, before) in outcomes.iter_mut().zip(doubtful) {
        if let (Appended::Duplicate { seq: found, .. }, Appended::Accepted { seq: Some(seq), .. }) =
            (&*outcome, &before)
            && found == seq
        {
            *outcome = before;
        }
    }
}

/// The entries, a column each.
struct Columns<'a> {
    chats: Vec<i64>,
    seqs: Vec<i64>,
    senders: Vec<i64>,
    expiries: Vec<Option<i64>>,
    tags: Vec<i32>,
    retentions: Vec<Option<i32>>,
    kinds: Vec<i16>,
    messages: Vec<&'a [u8]>,
    payloads: Vec<Cow<'a, [u8]>>,
}

impl<'a> Columns<'a> {
    fn with_capacity(rows: usize) -> Self {
        Self {
            chats: Vec::with_capacity(rows),
            seqs: Vec::with_capacity(rows),
            senders: Vec::with_capacity(rows),
            expiries: Vec::with_capacity(rows),
            tags: Vec::with_capacity(rows),
            retentions: Vec::with_capacity(rows),
            kinds: Vec::with_capacity(rows),
            messages: Vec::with_capacity(rows),
            payloads: Vec::with_capacity(rows),
        }
    }

    fn push(&mut self, entry: &NewEntry<'a>, at: Timestamp, seconds: Option<u32>, payload: Cow<'a, [u8]>) {
        self.chats.push(entry.chat);
        self.seqs.push(integer(entry.seq.0));
        self.senders.push(entry.sender);
        self.expiries
            .push(seconds.map(|seconds| integer(at.plus_seconds(seconds).0)));
        self.tags.push(entry.tag.0.cast_signed());
        self.retentions
            .push(seconds.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX)));
        self.kinds.push(match entry.kind {
            EntryKind::Application => 0,
            EntryKind::Commit => 1,
            EntryKind::Deleted => 2,
            EntryKind::TakenBack => 3,
            EntryKind::Reversal => 4,
        });
        self.messages.push(entry.submission.message.as_bytes().as_slice());
        self.payloads.push(payload);
    }
}
