//! Archives: an account's message history as ciphertext, chat by chat, for its new devices.

use super::{Expired, StoreError};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, SegmentId, Timestamp};

/// A write to an archive: all of it or nothing.
#[derive(Clone, Debug)]
pub struct ArchiveWrite {
    /// Whose archive, and which device writes it.
    pub by: DeviceAddress,
    /// Of which chat.
    pub chat: ChatId,
    /// The revision that is replaced; 0 if there is no archive.
    pub replaces: u64,
    /// What takes the place of the index, sealed.
    pub index: Bytes,
    /// Segments to be added, each under an id of its own.
    pub adds: Vec<NewSegment>,
    /// Segments to be removed; none of them is added.
    pub removes: Vec<SegmentId>,
    /// Whether the device's claim ends.
    pub releases: bool,
    /// When.
    pub at: Timestamp,
}

impl ArchiveWrite {
    /// What tells this write from any other that the account makes: a retry has the same.
    pub(super) fn digest(&self) -> [u8; 32] {
        // Every part has its length before it, so that no two writes are the same bytes.
        let mut hash = Sha256::new().chain_update(self.replaces.to_be_bytes());
        let mut part = |bytes: &[u8]| {
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(bytes);
        };
        part(&self.index);
        for added in &self.adds {
            part(added.segment.as_bytes());
            match added.ends_at {
                Some(end) => part(&end.0.to_be_bytes()),
                None => part(&[]),
            }
            part(&added.sealed);
        }
        part(&[]);
        for removed in &self.removes {
            part(removed.as_bytes());
        }
        hash.finalize().into()
    }

    /// The segments to be added that are not over already.
    pub(super) fn added(&self) -> impl Iterator<Item = &NewSegment> {
        let at = self.at;
        let is_over = move |end: Option<Timestamp>| end.is_some_and(|end| end <= at);
        self.adds.iter().filter(move |added| !is_over(added.ends_at))
    }

    /// What becomes of it, as every backend decides it, if the archive is this one now (`None`: there is none).
    pub(super) fn follows(
        &self,
        current: Option<(u64, &[u8])>,
        digest: &[u8],
    ) -> Result<Follows, WriteArchiveError> {
        let revision = current.map_or(0, |(revision, _)| revision);
        if revision == self.replaces {
            return Ok(Follows::Next(revision.saturating_add(1)));
        }
        match current {
            Some((_, written)) if self.replaces.checked_add(1) == Some(revision) && written == digest => {
                Ok(Follows::Done(revision))
            }
            _ => Err(WriteArchiveError::Stale { revision }),
        }
    }
}

/// Where a write stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    /// It is to be done, and makes this revision.
    Next(u64),
    /// It was the last one that was done, and made this revision.
    Done(u64),
}

/// A segment to be added.
#[derive(Clone, Debug)]
pub struct NewSegment {
    /// Its id.
    pub segment: SegmentId,
    /// What is in it, sealed by the account.
    pub sealed: Bytes,
    /// When it is erased.
    pub ends_at: Option<Timestamp>,
}

/// How much an account may have archived.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveAllowance {
    /// Bytes of all indexes and segments.
    pub bytes: u64,
    /// Segments of all archives.
    pub segments: u64,
    /// Archives.
    pub chats: u64,
}

/// How much an account has archived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredArchives {
    /// Bytes of all indexes and segments.
    pub bytes: u64,
    /// Segments of all archives.
    pub segments: u64,
    /// Archives.
    pub chats: u64,
}

impl StoredArchives {
    /// What there is after a change, unless that is more than may be. Whoever has too much may still do what leaves less.
    pub(super) fn changed(
        self,
        change: ArchiveChange,
        allowance: ArchiveAllowance,
    ) -> Result<Self, WriteArchiveError> {
        let ArchiveChange { added, removed } = change;
        let of = |now: u64, added: u64, removed: u64, most: u64| {
            let then = now.saturating_sub(removed).saturating_add(added);
            (then <= most || then <= now).then_some(then)
        };
        Ok(Self {
            bytes: of(self.bytes, added.bytes, removed.bytes, allowance.bytes)
                .ok_or(WriteArchiveError::Full)?,
            segments: of(
                self.segments,
                added.segments,
                removed.segments,
                allowance.segments,
            )
            .ok_or(WriteArchiveError::TooManySegments)?,
            chats: of(self.chats, added.chats, removed.chats, allowance.chats)
                .ok_or(WriteArchiveError::TooManyArchives)?,
        })
    }
}

/// What a write brings and takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ArchiveChange {
    pub(super) added: StoredArchives,
    pub(super) removed: StoredArchives,
}

/// An archive, without its segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredArchive {
    /// Of which chat.
    pub chat: ChatId,
    /// How often it was written.
    pub revision: u64,
    /// The index, sealed.
    pub index: Bytes,
    /// When it was written last.
    pub updated_at: Timestamp,
}

/// Where in an account's list of archives a page ended: after this one. Its text form is what clients hand back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchivePosition {
    /// When it was written last.
    pub updated_at: Timestamp,
    /// Of which chat it is.
    pub chat: ChatId,
}

/// The text is no position in a list of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in a list of archives")]
pub struct InvalidArchivePosition;

impl std::fmt::Display for ArchivePosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.updated_at.0, self.chat)
    }
}

impl std::str::FromStr for ArchivePosition {
    type Err = InvalidArchivePosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (time, chat) = text.split_once('~').ok_or(InvalidArchivePosition)?;
        Ok(Self {
            updated_at: Timestamp(time.parse().map_err(|_| InvalidArchivePosition)?),
            chat: chat.parse().map_err(|_| InvalidArchivePosition)?,
        })
    }
}

/// A segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSegment {
    /// Its id.
    pub segment: SegmentId,
    /// What is in it, sealed by the account.
    pub sealed: Bytes,
}

/// Segments that were asked for, in the order of the question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundSegments {
    /// They end with the one that passes [`sotto_protocol::limits::PAGE_BYTES`].
    pub segments: Vec<StoredSegment>,
    /// Those that are there beyond.
    pub left_out: Vec<SegmentId>,
}

/// A device's claim of an archive.
#[derive(Clone, Copy, Debug)]
pub struct NewArchiveClaim {
    /// Whose archive, and which device claims it.
    pub by: DeviceAddress,
    /// Of which chat.
    pub chat: ChatId,
    /// When.
    pub at: Timestamp,
    /// Until when. Not after `at`: the device gives its claim back.
    pub until: Timestamp,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveClaimed {
    /// This device holds the archive, which may be the one that asked.
    Held {
        /// The device.
        by: DeviceId,
        /// Until when.
        until: Timestamp,
    },
    /// The account's devices hold [`sotto_protocol::limits::ARCHIVE_CLAIMS`] others.
    TooMany {
        /// When the first of those ends.
        until: Timestamp,
    },
    /// There is no such account.
    AccountNotFound,
}

/// Why nothing was written to an archive.
#[derive(Debug, thiserror::Error)]
pub enum WriteArchiveError {
    /// There is no such account.
    #[error("there is no such account")]
    AccountNotFound,
    /// The archive has another revision.
    #[error("the archive has revision {revision}")]
    Stale {
        /// This one; 0 if there is no archive.
        revision: u64,
    },
    /// The archive has a segment of an id that is to be added.
    #[error("a segment id is in use")]
    SegmentTaken,
    /// The archives would have more bytes than they may.
    #[error("the account's archives would be too large")]
    Full,
    /// The archives would have more segments than they may.
    #[error("the account's archives would have too many segments")]
    TooManySegments,
    /// The account has as many archives as it may.
    #[error("the account has as many archives as it may")]
    TooManyArchives,
    /// See [`StoreError`]. If it is `Unavailable`, whether the write was done is not known: the same again tells.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for WriteArchiveError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Archives. They go with their account.
///
/// What an index or a segment holds is written once and never changed. What nothing refers to any more is read by nobody from that
/// moment, and erased by one of the next [`ArchiveStore::sweep_archives`].
pub trait ArchiveStore: Send + Sync + 'static {
    /// Writes to an archive, if it has the revision to be replaced and the account then has no more than `allowance`. Returns the
    /// revision that it has then; to a repetition of the last write, too.
    fn write_archive(
        &self,
        write: ArchiveWrite,
        allowance: ArchiveAllowance,
    ) -> impl Future<Output = Result<u64, WriteArchiveError>> + Send;

    /// The account's archive of this chat.
    fn archive(
        &self,
        account: AccountId,
        chat: ChatId,
    ) -> impl Future<Output = Result<Option<StoredArchive>, StoreError>> + Send;

    /// The account's archives, those first that were written last: at most `limit`, and no more after the one whose index passes
    /// [`sotto_protocol::limits::PAGE_BYTES`].
    fn archives(
        &self,
        account: AccountId,
        after: Option<ArchivePosition>,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<StoredArchive>, StoreError>> + Send;

    /// Those of these segments that are there and not over.
    fn archive_segments(
        &self,
        account: AccountId,
        chat: ChatId,
        segments: &[SegmentId],
        now: Timestamp,
    ) -> impl Future<Output = Result<FoundSegments, StoreError>> + Send;

    /// Deletes the account's archive of this chat, and whatever claim there is of it. `false` if there was none.
    fn delete_archive(
        &self,
        account: AccountId,
        chat: ChatId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Claims an archive for a device, unless another one has; whether there is an archive or not.
    fn claim_archive(
        &self,
        claim: NewArchiveClaim,
    ) -> impl Future<Output = Result<ArchiveClaimed, StoreError>> + Send;

    /// What the account has archived.
    fn stored_archives(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<StoredArchives, StoreError>> + Send;

    /// Takes segments that are over from their archives, and erases what nothing refers to any more, at most `limit` of each; then
    /// destroys the keys of what is over. Says how many segments were over, and whether more is to be done now.
    fn sweep_archives(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Expired, StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::{AccountId, DeviceId};

    fn write() -> ArchiveWrite {
        ArchiveWrite {
            by: DeviceAddress {
                account: AccountId::from_bytes([1; 16]),
                device: DeviceId::from_bytes([2; 16]),
            },
            chat: ChatId::from_bytes([3; 16]),
            replaces: 0,
            index: Bytes::from_static(b"index"),
            adds: vec![NewSegment {
                segment: SegmentId::from_bytes([4; 16]),
                sealed: Bytes::from_static(b"segment"),
                ends_at: None,
            }],
            removes: vec![SegmentId::from_bytes([5; 16])],
            releases: false,
            at: Timestamp(1),
        }
    }

    #[test]
    fn writes_that_differ_in_anything_are_told_apart() {
        let changes: [fn(&mut ArchiveWrite); 7] = [
            |write| write.replaces = 1,
            |write| write.index = Bytes::from_static(b"inde"),
            |write| write.adds[0].segment = SegmentId::from_bytes([6; 16]),
            |write| write.adds[0].sealed = Bytes::from_static(b"segments"),
            |write| write.adds[0].ends_at = Some(Timestamp(9)),
            |write| write.adds.clear(),
            |write| write.removes.clear(),
        ];
        let mut digests = vec![write().digest()];
        for change in changes {
            let mut other = write();
            change(&mut other);
            digests.push(other.digest());
        }
        let all = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), all);
        let later = ArchiveWrite {
            at: Timestamp(2),
            ..write()
        };
        assert_eq!(later.digest(), write().digest(), "a retry comes later");
    }

    #[test]
    fn a_position_is_read_as_it_was_written_and_no_other_text() {
        let position = ArchivePosition {
            updated_at: Timestamp(1_800_000_000_000),
            chat: ChatId::from_bytes([0xfb; 16]),
        };
        assert_eq!(position.to_string().parse(), Ok(position));
        for text in ["", "~", "1", "1~", "-1~-_v7-_v7-_v7-_v7-_v7-w", "1~bees"] {
            assert_eq!(text.parse::<ArchivePosition>(), Err(InvalidArchivePosition));
        }
    }
}
