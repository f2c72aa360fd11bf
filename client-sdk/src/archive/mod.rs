//! The archive: the account's history as ciphertext on the server, for its new devices (design, section 4.9; decision 53).

mod client;
mod heads;
mod index;
mod message;
mod packed;
mod positions;
mod read;
mod record;
mod segment;
mod status;
mod write;

pub(crate) use heads::ArchiveHeads;
pub use index::ArchiveFault;
pub(crate) use index::{ArchivedChat, ArchivedKind, Index, KnownIndex, SegmentEntry};
pub(crate) use message::ArchivedMessage;
pub(crate) use packed::{Unreadable, pack, unpack};
pub(crate) use positions::Positions;
pub(crate) use read::{ReadError, ReadSegments, Reader, ShownArchive};
pub(crate) use record::ArchiveRecord;
pub(crate) use segment::{cut, pack_segment, unpack_segment};
pub use status::{ArchiveStatus, FaultyArchive, Restoration};
pub(crate) use write::{ArchiveError, ArchiveJob, Archived, Writer};
