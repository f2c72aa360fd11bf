//! Brings the archive of a chat up to date with what this device has.

use super::index::{ArchiveFault, ArchivedChat, Index, KnownIndex, SegmentEntry};
use super::message::ArchivedMessage;
use super::positions::Positions;
use super::read::{ReadError, Reader};
use super::segment::{by_end, cut, pack_segment};
use crate::api::ApiError;
use crate::messages::{MessageRecord, QUEUED_POSITIONS};
use crate::platform::{Clock as _, Platform};
use crate::record_key;
use crate::store::{Records, RecordsError, Scan};
use crate::surroundings::Surroundings;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng as _;
use sotto_crypto_core::archive::IndexDigest;
use sotto_protocol::rest::archive::{NewSegment, WriteArchive};
use sotto_protocol::{ChatId, MessageId, ProblemCode, SegmentId, Seq, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bytes that the messages in an index take at most, before compression.
const TAIL_BYTES: usize = 40 * 1024;
/// Bytes of them that stay there when the others are cut off.
const TAIL_KEPT_BYTES: usize = 8 * 1024;
/// Bytes of messages that one write adds at most, before compression.
const WRITE_BYTES: usize = 768 * 1024;
/// Messages that are read from the store at once.
const MESSAGES_AT_ONCE: usize = 256;
/// Segments that one write takes apart at most.
const REWRITTEN_AT_ONCE: usize = 8;
/// How often a write is made anew because another device's came before it.
const ATTEMPTS: usize = 8;
/// For how long an archive is claimed that much is to be written to.
const CLAIM_SECONDS: u32 = 60;

/// What is to be brought into the archive of a chat.
pub(crate) struct ArchiveJob {
    pub(crate) chat: ChatId,
    /// Entries whose outcome this device has.
    pub(crate) held: Positions,
    /// Messages that have changed since they may have been archived, by their positions, and where in the log that was said; `None`: it
    /// was done on this device alone.
    pub(crate) changed: BTreeMap<u64, Option<Seq>>,
    pub(crate) read: u64,
    pub(crate) pinned: Vec<MessageId>,
    pub(crate) about: ArchivedChat,
    /// What was seen of the archive before.
    pub(crate) known: Option<KnownIndex>,
    /// The index that this device has written last, if it has it still.
    pub(crate) last: Option<(KnownIndex, Box<Index>)>,
}

/// How far a job is.
#[derive(Default)]
struct Course {
    fault: Option<ArchiveFault>,
    /// Positions whose messages are in the index at hand as they are here.
    settled: BTreeSet<u64>,
    is_claimed: bool,
    /// How often another device's write came before this one's.
    attempts: usize,
}

/// What has become of it.
pub(crate) struct Archived {
    /// The archive as it is now; `None` if there is nothing to be archived.
    pub(crate) result: Result<Option<(KnownIndex, Box<Index>)>, ArchiveError>,
    /// What was found wrong with what there was. If there is a result, all that this device has is in the archive again.
    pub(crate) fault: Option<ArchiveFault>,
}

/// Why a chat is not archived.
#[derive(Debug)]
pub(crate) enum ArchiveError {
    /// Another device does it.
    Claimed,
    /// What is there cannot be opened, so nothing is added to it.
    Faulty(ArchiveFault),
    /// A newer version has written it.
    Newer,
    Api(ApiError),
    Records(RecordsError),
    /// What this device has cannot be encoded.
    Unencodable,
}

impl From<ApiError> for ArchiveError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<RecordsError> for ArchiveError {
    fn from(error: RecordsError) -> Self {
        Self::Records(error)
    }
}

impl From<postcard::Error> for ArchiveError {
    fn from(_: postcard::Error) -> Self {
        Self::Unencodable
    }
}

impl From<ReadError> for ArchiveError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Api(error) => Self::Api(error),
            ReadError::Foreign => Self::Faulty(ArchiveFault::Foreign),
            ReadError::Newer => Self::Newer,
        }
    }
}

/// Writes archives.
pub(crate) struct Writer<P: Platform> {
    pub(crate) reader: Reader<P>,
    pub(crate) surroundings: Arc<Surroundings<P>>,
    pub(crate) rng: ChaCha20Rng,
}

/// One write in the making.
struct Draft {
    index: Index,
    adds: Vec<NewSegment>,
    removes: Vec<SegmentId>,
    /// Whether anything differs from what is there.
    is_other: bool,
    /// Whether something was left for the next write.
    is_more: bool,
}

impl<P: Platform> Writer<P> {
    /// Writes until all is there.
    pub(crate) async fn bring_up_to_date(&mut self, job: ArchiveJob) -> Archived {
        let mut course = Course::default();
        let result = self.write_all(job, &mut course).await;
        Archived {
            result,
            fault: course.fault,
        }
    }

    async fn write_all(
        &mut self,
        mut job: ArchiveJob,
        course: &mut Course,
    ) -> Result<Option<(KnownIndex, Box<Index>)>, ArchiveError> {
        let mut at_hand = job.last.take();
        loop {
            let (present, index) = match at_hand.take() {
                Some((known, index)) => (Some(known), index),
                None => self.read(&job, course).await?,
            };
            let draft = self.draft(&job, *index, course).await?;
            if !draft.is_other {
                return Ok(present.map(|known| (known, Box::new(draft.index))));
            }
            // What is little is written sooner than it is claimed.
            if draft.is_more && !course.is_claimed {
                self.claim(&job).await?;
                course.is_claimed = true;
            }
            let is_more = draft.is_more;
            match self.write(&job, present, draft, course).await {
                Ok((known, index)) if is_more => {
                    job.known = Some(known);
                    at_hand = Some((known, index));
                    course.attempts = 0;
                }
                Ok(written) => return Ok(Some(written)),
                Err(ArchiveError::Api(error))
                    if error.code() == Some(ProblemCode::StaleArchive) && course.attempts < ATTEMPTS =>
                {
                    course.attempts += 1;
                    course.settled.clear();
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn write(
        &mut self,
        job: &ArchiveJob,
        present: Option<KnownIndex>,
        mut draft: Draft,
        course: &Course,
    ) -> Result<(KnownIndex, Box<Index>), ArchiveError> {
        if let Some(present) = present {
            draft.index.descend_from(present);
        }
        let replaces = present.map_or(0, |known| known.revision);
        let revision = replaces + 1;
        let content = draft.index.pack()?;
        let cipher = &self.reader.cipher;
        let sealed = cipher.seal_index(&mut self.rng, job.chat, revision, &content);
        let sealed = sealed.map_err(|_| ArchiveError::Unencodable)?;
        let known = KnownIndex {
            revision,
            digest: IndexDigest::of(&sealed),
        };
        let request = WriteArchive {
            replaces,
            index: sealed.into(),
            adds: draft.adds,
            removes: draft.removes,
            releases: course.is_claimed && !draft.is_more,
        };
        self.reader.api.write_archive(job.chat, &request).await?;
        Ok((known, Box::new(draft.index)))
    }

    async fn claim(&self, job: &ArchiveJob) -> Result<(), ArchiveError> {
        let claim = self.reader.api.claim_archive(job.chat, CLAIM_SECONDS).await?;
        if claim.held_by == self.reader.device {
            Ok(())
        } else {
            Err(ArchiveError::Claimed)
        }
    }

    /// The archive as it is, held against what was seen before.
    async fn read(
        &self,
        job: &ArchiveJob,
        course: &mut Course,
    ) -> Result<(Option<KnownIndex>, Box<Index>), ArchiveError> {
        let Some((known, index)) = self.reader.index(job.chat).await? else {
            if job.known.is_some() {
                course.fault = course.fault.or(Some(ArchiveFault::RolledBack));
            }
            return Ok((None, Box::new(Index::new(job.about.clone()))));
        };
        if let Some(Err(found)) = job.known.map(|seen| index.follows(known, seen)) {
            course.fault = course.fault.or(Some(found));
        }
        Ok((Some(known), index))
    }

    /// What the archive is to become by one write. What was said of earlier messages comes first: once the entry that said it is
    /// covered, no device looks at it again.
    async fn draft(
        &mut self,
        job: &ArchiveJob,
        index: Index,
        course: &mut Course,
    ) -> Result<Draft, ArchiveError> {
        let now = self.surroundings.clock.now();
        let mut draft = Draft {
            index,
            adds: Vec::new(),
            removes: Vec::new(),
            is_other: false,
            is_more: false,
        };
        self.take_changes(job, now, &mut course.settled, &mut draft)
            .await?;
        if draft.is_more {
            return Ok(draft);
        }
        self.add_new(job, now, &mut draft).await?;
        self.cut_tail(job.chat, &mut draft)?;
        let index = &mut draft.index;
        if index.is_empty() {
            // A chat in which nothing was said.
            draft.is_other = false;
            return Ok(draft);
        }
        if job.read > index.read {
            index.read = job.read;
            draft.is_other = true;
        }
        let is_ahead = index.covered.last() > job.held.last();
        if index.pinned != job.pinned && !is_ahead {
            index.pinned.clone_from(&job.pinned);
            draft.is_other = true;
        }
        draft.is_other |= index.about.is_left != job.about.is_left;
        index.about = job.about.clone();
        if draft.is_other {
            index.forget_ended(now);
        }
        Ok(draft)
    }

    /// Adds the messages that are not in the archive.
    async fn add_new(
        &mut self,
        job: &ArchiveJob,
        now: Timestamp,
        draft: &mut Draft,
    ) -> Result<(), ArchiveError> {
        let fresh = job.held.without(&draft.index.covered);
        if fresh.is_empty() {
            return Ok(());
        }
        let (messages, covered) = read_messages(&self.surroundings.records, job.chat, &fresh).await?;
        draft.is_more = covered != fresh;
        // That nothing was said is not worth a write.
        draft.is_other |= !messages.is_empty();
        draft.index.covered.add_all(&covered);
        let (timed, kept): (Vec<_>, Vec<_>) = messages
            .into_iter()
            .partition(|message| message.expires_at.is_some());
        draft.index.tail.extend(kept);
        draft.index.tail.sort_by_key(|message| message.position);
        for (ends_at, messages) in by_end(timed, now) {
            self.add_timed(job.chat, ends_at, messages, draft).await?;
        }
        Ok(())
    }

    /// Adds messages that end together: to a segment that does then too, if it is small.
    async fn add_timed(
        &mut self,
        chat: ChatId,
        ends_at: Timestamp,
        mut messages: Vec<ArchivedMessage>,
        draft: &mut Draft,
    ) -> Result<(), ArchiveError> {
        let half = u32::try_from(super::segment::SEGMENT_CONTENT_BYTES / 2).unwrap_or(u32::MAX);
        let small = draft.index.segments.iter().copied().find(|entry| {
            entry.ends_at == Some(ends_at)
                && entry.length < half
                && draft.adds.iter().all(|added| added.segment != entry.segment)
        });
        if let Some(small) = small
            && let Some(mut found) = self.reader.segment(chat, small.segment).await?
        {
            found.append(&mut messages);
            messages = found;
            draft.drop_segment(small.segment);
        }
        self.add_segments(chat, messages, Some(ends_at), draft)
    }

    /// Has what was said of archived messages hold in the archive.
    async fn take_changes(
        &mut self,
        job: &ArchiveJob,
        now: Timestamp,
        settled: &mut BTreeSet<u64>,
        draft: &mut Draft,
    ) -> Result<(), ArchiveError> {
        let covered = &draft.index.covered;
        // What is not in the archive yet comes into it as it is now; what was said before is in it.
        let is_due = |position: u64, seq: Option<Seq>| {
            covered.contains(position) && seq.is_none_or(|seq| !covered.contains(seq.0))
        };
        let mut due: BTreeSet<u64> = job
            .changed
            .iter()
            .filter(|&(position, seq)| is_due(*position, *seq) && !settled.contains(position))
            .map(|(&position, _)| position)
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let in_tail: BTreeSet<u64> = draft.index.tail.iter().map(|message| message.position).collect();
        let tail = core::mem::take(&mut draft.index.tail);
        let of_tail: BTreeSet<u64> = due.intersection(&in_tail).copied().collect();
        let (tail, is_other) = self.renewed(job.chat, tail, &of_tail).await?;
        draft.index.tail = tail;
        draft.is_other |= is_other;
        settled.extend(&of_tail);
        due.retain(|position| !of_tail.contains(position));
        let mut rewritten = 0;
        for entry in draft.index.segments.clone() {
            let within: BTreeSet<u64> = due.range(entry.first..=entry.last).copied().collect();
            let is_over = entry.ends_at.is_some_and(|ends_at| ends_at <= now);
            if within.is_empty() || is_over {
                continue;
            }
            if rewritten == REWRITTEN_AT_ONCE {
                draft.is_more = true;
                return Ok(());
            }
            let Some(messages) = self.reader.segment(job.chat, entry.segment).await? else {
                continue;
            };
            let found = messages.iter().map(|message| message.position);
            let found: BTreeSet<u64> = found.filter(|position| within.contains(position)).collect();
            let (messages, is_other) = self.renewed(job.chat, messages, &found).await?;
            if is_other {
                rewritten += 1;
                draft.is_other = true;
                draft.drop_segment(entry.segment);
                self.add_segments(job.chat, messages, entry.ends_at, draft)?;
            }
            settled.extend(&found);
            due.retain(|position| !found.contains(position));
        }
        Ok(())
    }

    /// The messages with those at some positions as they are here, and whether any differs; what is not here any more is gone.
    async fn renewed(
        &self,
        chat: ChatId,
        messages: Vec<ArchivedMessage>,
        at: &BTreeSet<u64>,
    ) -> Result<(Vec<ArchivedMessage>, bool), ArchiveError> {
        let mut renewed = Vec::with_capacity(messages.len());
        let mut is_other = false;
        for message in messages {
            if !at.contains(&message.position) {
                renewed.push(message);
                continue;
            }
            let key = record_key::message(chat, message.position);
            let record = self.surroundings.records.get::<MessageRecord>(&key).await?;
            match record.and_then(|record| ArchivedMessage::new(message.position, record)) {
                Some(here) => {
                    is_other |= postcard::to_allocvec(&here)? != postcard::to_allocvec(&message)?;
                    renewed.push(here);
                }
                None => is_other = true,
            }
        }
        Ok((renewed, is_other))
    }

    /// Cuts off what is too much for an index.
    fn cut_tail(&mut self, chat: ChatId, draft: &mut Draft) -> Result<(), ArchiveError> {
        if draft.index.tail_length() <= TAIL_BYTES {
            return Ok(());
        }
        let mut kept = 0;
        let tail = core::mem::take(&mut draft.index.tail);
        let staying = tail.iter().rev().take_while(|message| {
            kept += message.length();
            kept <= TAIL_KEPT_BYTES
        });
        let place = tail.len() - staying.count();
        let mut old = tail;
        draft.index.tail = old.split_off(place);
        draft.is_other = true;
        self.add_segments(chat, old, None, draft)
    }

    fn add_segments(
        &mut self,
        chat: ChatId,
        messages: Vec<ArchivedMessage>,
        ends_at: Option<Timestamp>,
        draft: &mut Draft,
    ) -> Result<(), ArchiveError> {
        for messages in cut(messages) {
            let mut id = [0; SegmentId::LENGTH];
            self.rng.fill_bytes(&mut id);
            let segment = SegmentId::from_bytes(id);
            let content = pack_segment(&messages)?;
            let cipher = &self.reader.cipher;
            let sealed = cipher.seal_segment(&mut self.rng, chat, segment, &content);
            let sealed = sealed.map_err(|_| ArchiveError::Unencodable)?;
            let positions = || messages.iter().map(|message| message.position);
            let length: usize = messages.iter().map(ArchivedMessage::length).sum();
            draft.index.segments.push(SegmentEntry {
                segment,
                first: positions().min().unwrap_or_default(),
                last: positions().max().unwrap_or_default(),
                length: u32::try_from(length).unwrap_or(u32::MAX),
                ends_at,
            });
            draft.adds.push(NewSegment {
                segment,
                sealed: sealed.into(),
                ends_at,
            });
        }
        Ok(())
    }
}

impl Draft {
    fn drop_segment(&mut self, segment: SegmentId) {
        self.index.segments.retain(|entry| entry.segment != segment);
        self.removes.push(segment);
    }
}

/// The messages at these positions, as many as one write takes, and which of the positions they stand for.
async fn read_messages<S: crate::store::Store>(
    records: &Records<S>,
    chat: ChatId,
    wanted: &Positions,
) -> Result<(Vec<ArchivedMessage>, Positions), RecordsError> {
    let mut messages = Vec::new();
    let mut covered = Positions::default();
    let mut length = 0;
    for range in wanted.ranges() {
        let (mut from, to) = (*range.start(), (*range.end()).min(QUEUED_POSITIONS - 1));
        while from <= to {
            let scan = Scan::prefix(record_key::messages(chat))
                .starting_at(record_key::message(chat, from))
                .before(record_key::message(chat, to + 1))
                .limit(MESSAGES_AT_ONCE);
            let found = records.scan::<MessageRecord>(scan).await?;
            let is_all = found.len() < MESSAGES_AT_ONCE;
            let last = found.last().and_then(|(key, _)| record_key::last_number(key));
            for (key, record) in found {
                let archived =
                    record_key::last_number(&key).and_then(|position| ArchivedMessage::new(position, record));
                if let Some(message) = archived {
                    length += message.length();
                    messages.push(message);
                }
            }
            let end = if is_all { to } else { last.unwrap_or(to) };
            covered.add(from..=end);
            from = end + 1;
            if length >= WRITE_BYTES {
                return Ok((messages, covered));
            }
        }
    }
    Ok((messages, covered))
}
