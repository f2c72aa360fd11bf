//! `/v1/archive`: an account's message history as ciphertext, for its new devices. The server sees of which chats there is one, and how
//! large its parts are; the keys are the account's own.
//!
//! Of each chat there is one archive: an *index*, which is replaced by each write, and *segments*, which are added, never changed, and
//! removed. What is in them, and which segments there are to be, the index says and the devices know. An account has archives of any
//! chats that it likes, whether it is in them or not.

use crate::{Binary, ChatId, DeviceId, SegmentId, Timestamp};
use serde::{Deserialize, Serialize};

/// `POST /v1/archive/{id}`: replaces the index, adds segments, and removes segments, all at once or not at all. The answer is
/// [`ArchiveWritten`]; to the same request again, too, as long as nothing was written after it.
///
/// If something was, or the archive has another revision for any other reason, the answer is
/// [`crate::ProblemCode::StaleArchive`]. Whoever does not know whether its write was done reads the archive: segments that the
/// write added, or the index that it wrote, are named by what is there, if it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteArchive {
    /// The revision that is replaced; 0 if there is no archive.
    pub replaces: u64,
    /// What takes the place of the index, sealed: at most [`crate::limits::ARCHIVE_INDEX_BYTES`].
    pub index: Binary,
    /// Segments that the archive has from then on: at most [`crate::limits::SEGMENTS_ADDED`].
    #[serde(default)]
    pub adds: Vec<NewSegment>,
    /// Segments that the archive has no more: at most [`crate::limits::SEGMENTS_REMOVED`]. What is not there is passed over.
    #[serde(default)]
    pub removes: Vec<SegmentId>,
    /// Whether the calling device's claim ends with this write.
    #[serde(default)]
    pub releases: bool,
}

/// A segment to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSegment {
    /// Chosen at random by the device. No other segment of this archive may have it, nor be removed under it by the same request.
    pub segment: SegmentId,
    /// What is in it, sealed: 1 to [`crate::limits::SEGMENT_BYTES`] bytes.
    pub sealed: Binary,
    /// When the server erases it; if that is over, it is not kept. At most [`crate::limits::RETENTION_SECONDS_MAX`] and a day from
    /// now. Absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// The answer to [`WriteArchive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchiveWritten {
    /// The revision that the archive has now.
    pub revision: u64,
}

/// `GET /v1/archive/{id}`: the archive of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Archive {
    /// The chat.
    pub chat: ChatId,
    /// How often it was written.
    pub revision: u64,
    /// The index, sealed.
    pub index: Binary,
    /// When it was written last.
    pub updated_at: Timestamp,
}

/// `GET /v1/archive`: the account's archives, those first that were written last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadArchives {
    /// At most so many, and at most [`crate::limits::ARCHIVES_READ`], which it is if this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The answer to [`ReadArchives`]. A page ends with the archive whose index passes [`crate::limits::PAGE_BYTES`].
///
/// What is written while somebody reads page after page goes to the front: whoever has read the last page reads the first one
/// again, until it has nothing new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Archives {
    /// The archives.
    pub archives: Vec<Archive>,
    /// Where the next page begins, if there may be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `GET /v1/archive/{id}/segment`: some segments of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadSegments {
    /// Which, with commas between them: 1 to [`crate::limits::SEGMENTS_READ`], none twice.
    pub ids: String,
}

/// The answer to [`ReadSegments`]: those that are there, in the order of the request. What is in neither list does not exist, or not
/// any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Segments {
    /// They end with the one that passes [`crate::limits::PAGE_BYTES`].
    pub segments: Vec<Segment>,
    /// Those that are there and had no room: to be asked for again.
    pub left_out: Vec<SegmentId>,
}

/// A segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Segment {
    /// Its id.
    pub segment: SegmentId,
    /// What is in it, sealed.
    pub sealed: Binary,
}

/// `POST /v1/archive/{id}/claim`: says that the calling device is about to write the archive, so that no other device does the same
/// work. The answer is [`ArchiveClaim`].
///
/// A courtesy, not a lock: whoever writes is refused by nothing but the revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClaimArchive {
    /// For so long, at most [`crate::limits::ARCHIVE_CLAIM_SECONDS_MAX`]. 0 gives the device's claim back.
    pub seconds: u32,
}

/// Who has claimed an archive. It is the caller if nobody had, or if it was the caller that had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchiveClaim {
    /// The device.
    pub held_by: DeviceId,
    /// Until when, unless it writes before and says that it is done.
    pub until: Timestamp,
}

/// `GET /v1/archive/usage`: how much the account has archived, and how much it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchiveUsage {
    /// Bytes of all indexes and segments.
    pub bytes: u64,
    /// Bytes at most.
    pub bytes_max: u64,
    /// Segments of all archives.
    pub segments: u64,
    /// Segments at most.
    pub segments_max: u64,
    /// Chats of which there is an archive.
    pub chats: u64,
    /// Chats at most.
    pub chats_max: u64,
}
