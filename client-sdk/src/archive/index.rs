//! The index of a chat's archive: what is in the archive, where, and the newest messages themselves.
//!
//! The newest messages stand in the index, so that a chat is written with one request at a time, and a new device has the end of
//! each chat with the list of archives alone. What does not fit is cut off into segments.

use super::message::ArchivedMessage;
use super::packed::{Unreadable, pack, unpack};
use super::positions::Positions;
use crate::chats::{GroupRecord, KindRecord};
use serde::{Deserialize, Serialize};
use sotto_crypto_core::archive::IndexDigest;
use sotto_protocol::{AccountId, GroupKey, MessageId, SegmentId, SignedGroupProfile, Timestamp};
use std::borrow::Cow;

/// How many of its predecessors an index names.
const ANCESTORS: usize = 32;

/// What is in the archive of a chat.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Index {
    /// Entries of the log whose outcome is in the archive, and of which nothing has to be added any more: messages, and what was said
    /// of earlier ones.
    pub(crate) covered: Positions,
    /// The messages that are not in segments, in their order. None of them ends.
    pub(crate) tail: Vec<ArchivedMessage>,
    pub(crate) segments: Vec<SegmentEntry>,
    /// Every message up to here was read.
    pub(crate) read: u64,
    /// Messages that are shown above the others, the latest last.
    pub(crate) pinned: Vec<MessageId>,
    pub(crate) about: ArchivedChat,
    /// Revisions that were replaced, the latest last.
    ancestors: Vec<KnownIndex>,
}

/// A segment, as the index has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentEntry {
    pub(crate) segment: SegmentId,
    /// Positions between which its messages are.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Bytes that its messages take before compression.
    pub(crate) length: u32,
    /// When it is over, as a whole.
    pub(crate) ends_at: Option<Timestamp>,
}

/// What chat it is.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ArchivedChat {
    pub(crate) kind: ArchivedKind,
    /// Whether this account is not in it any more.
    pub(crate) is_left: bool,
    /// Whether it is among the account's chats, and not a stranger's request.
    pub(crate) is_accepted: bool,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum ArchivedKind {
    Direct {
        peer: AccountId,
    },
    Notes,
    Group {
        profile: Option<SignedGroupProfile>,
        /// By which the group is known again.
        group_key: Option<GroupKey>,
    },
}

impl From<&KindRecord> for ArchivedKind {
    fn from(kind: &KindRecord) -> Self {
        match kind {
            KindRecord::Direct { peer } => Self::Direct { peer: *peer },
            KindRecord::Notes => Self::Notes,
            KindRecord::Group(group) => Self::Group {
                profile: group.profile.clone(),
                group_key: group.group_key,
            },
        }
    }
}

/// What a chat that is not here is to this device.
impl From<&ArchivedKind> for KindRecord {
    fn from(kind: &ArchivedKind) -> Self {
        match kind {
            ArchivedKind::Direct { peer } => Self::Direct { peer: *peer },
            ArchivedKind::Notes => Self::Notes,
            ArchivedKind::Group { profile, group_key } => Self::Group(Box::new(GroupRecord {
                profile: profile.clone(),
                group_key: *group_key,
                ..GroupRecord::default()
            })),
        }
    }
}

impl ArchivedKind {
    /// Gives a group its profile, if nobody has told this device one: nobody may be there who could.
    pub(crate) fn tell_profile(&self, to: &mut KindRecord) {
        if let (Self::Group { profile, .. }, KindRecord::Group(group)) = (self, to)
            && group.profile.is_none()
        {
            group.profile.clone_from(profile);
        }
    }
}

/// An index that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownIndex {
    pub(crate) revision: u64,
    pub(crate) digest: IndexDigest,
}

/// What a server must have done that shows such an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ArchiveFault {
    /// It is older than what there was.
    RolledBack,
    /// It does not descend from what there was: somebody is shown another history.
    Forked,
    /// Something that is in it is not there.
    Cut,
    /// It is no archive of this chat and account, or was altered.
    Foreign,
}

/// An index as it is sealed. Append-only, as is all that is in it.
#[derive(Serialize, Deserialize)]
enum Encoded<'a> {
    V1(Cow<'a, Index>),
}

impl Index {
    /// Of an archive that does not exist yet.
    pub(crate) fn new(about: ArchivedChat) -> Self {
        Self {
            covered: Positions::default(),
            tail: Vec::new(),
            segments: Vec::new(),
            read: 0,
            pinned: Vec::new(),
            about,
            ancestors: Vec::new(),
        }
    }

    pub(crate) fn pack(&self) -> Result<Vec<u8>, postcard::Error> {
        pack(&Encoded::V1(Cow::Borrowed(self)))
    }

    /// What was packed. A newer version's cannot be read.
    pub(crate) fn unpack(packed: &[u8]) -> Result<Self, Unreadable> {
        let Encoded::V1(index) = unpack(packed)?;
        Ok(index.into_owned())
    }

    /// Notes what it replaces.
    pub(crate) fn descend_from(&mut self, replaced: KnownIndex) {
        self.ancestors.push(replaced);
        let too_many = self.ancestors.len().saturating_sub(ANCESTORS);
        self.ancestors.drain(..too_many);
    }

    /// Whether an index may follow on one that was seen before.
    pub(crate) fn follows(&self, this: KnownIndex, seen: KnownIndex) -> Result<(), ArchiveFault> {
        if this.revision < seen.revision {
            return Err(ArchiveFault::RolledBack);
        }
        let there = if this.revision == seen.revision {
            Some(&this)
        } else {
            self.ancestors
                .iter()
                .find(|ancestor| ancestor.revision == seen.revision)
        };
        // Of one that is too long ago nothing can be said.
        match there {
            Some(there) if there.digest != seen.digest => Err(ArchiveFault::Forked),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether there is no message in the archive.
    pub(crate) fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.segments.is_empty()
    }

    /// Forgets the segments whose time is over.
    pub(crate) fn forget_ended(&mut self, now: Timestamp) {
        self.segments
            .retain(|entry| entry.ends_at.is_none_or(|ends_at| ends_at > now));
    }

    /// Bytes that the tail takes before compression.
    pub(crate) fn tail_length(&self) -> usize {
        self.tail.iter().map(ArchivedMessage::length).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(revision: u64, sealed: u8) -> KnownIndex {
        KnownIndex {
            revision,
            digest: IndexDigest::of(&[sealed]),
        }
    }

    fn index(ancestors: &[KnownIndex]) -> Index {
        let mut index = Index::new(ArchivedChat {
            kind: ArchivedKind::Notes,
            is_left: false,
            is_accepted: true,
        });
        for &ancestor in ancestors {
            index.descend_from(ancestor);
        }
        index
    }

    #[test]
    fn an_index_follows_itself_and_its_ancestors() {
        let index = index(&[known(1, 1), known(2, 2)]);
        for seen in [known(1, 1), known(2, 2), known(3, 3)] {
            assert_eq!(index.follows(known(3, 3), seen), Ok(()));
        }
    }

    #[test]
    fn an_older_index_was_rolled_back() {
        let index = index(&[known(1, 1)]);
        let fault = index.follows(known(2, 2), known(3, 3));
        assert_eq!(fault, Err(ArchiveFault::RolledBack));
    }

    #[test]
    fn another_index_of_the_same_revision_or_another_ancestor_is_a_fork() {
        let index = index(&[known(1, 1), known(2, 2)]);
        for seen in [known(2, 9), known(3, 9)] {
            assert_eq!(index.follows(known(3, 3), seen), Err(ArchiveFault::Forked));
        }
    }

    #[test]
    fn of_what_is_too_long_ago_nothing_is_said() {
        let ancestors: Vec<KnownIndex> = (1..=40).map(|revision| known(revision, 1)).collect();
        let index = index(&ancestors);
        assert_eq!(index.follows(known(41, 1), known(8, 9)), Ok(()));
        assert_eq!(
            index.follows(known(41, 1), known(9, 9)),
            Err(ArchiveFault::Forked)
        );
    }
}
