//! What was done to a disk, in order.

use crate::faults::history::Moment;
use std::ffi::OsString;

/// A file or folder, whatever it is called at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u64);

impl FileId {
    /// The folder that everything is in.
    pub const ROOT: Self = Self(1);
}

/// A file's place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The folder that it is in.
    pub folder: FileId,
    /// Its name there.
    pub name: OsString,
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new file or folder.
    Made {
        /// Where.
        place: Place,
        /// Which.
        file: FileId,
        /// Whether it is a folder.
        is_folder: bool,
    },
    /// A name is gone.
    Removed {
        /// Which.
        place: Place,
    },
    /// Another name, in the place of what was there.
    Moved {
        /// The one before.
        from: Place,
        /// The new one.
        to: Place,
    },
    /// Bytes of a file.
    Written {
        /// Which.
        file: FileId,
        /// From this byte on.
        offset: usize,
        /// What.
        bytes: Vec<u8>,
    },
    /// Cut off, or made longer with zeroes.
    Resized {
        /// Which.
        file: FileId,
        /// In bytes.
        length: usize,
    },
    /// All that was written into a file so far is asked to be safe.
    Synced {
        /// Which.
        file: FileId,
    },
    /// The names in a folder are asked to be safe.
    FolderSynced,
}

/// A step, and when it was asked for: before whoever asked was told that it was done.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// When.
    pub at: Moment,
    /// What.
    pub step: Step,
}

/// All steps of a run.
#[derive(Clone, Debug, Default)]
pub struct Tape(pub Vec<Recorded>);
