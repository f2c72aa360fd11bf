//! Cuts the power, thousands of times a run.
//!
//! ```text
//! people ──→ server ──→ recording disk (FUSE) ──→ tape: every write, sync, name, in order, each with its moment
//!                                                    ↓
//!                 checker ←── database ←── wreck: what a platter holds when the power goes after a step
//! ```
//!
//! A disk owes nothing that was not synced: a write before a sync may be there, or some of its sectors, or nothing of it,
//! whatever came later. One run makes a tape; the power is cut at as many places of it as one likes, and each time the
//! database that is left is opened and judged against what the people had been told by then.

mod disk;
mod platter;
mod tape;
mod trial;
mod wreck;

pub use disk::RecordingDisk;
pub use platter::{Platter, Survival, Syncs};
pub use tape::{FileId, Recorded, Step, Tape};
pub use trial::{Cuts, PowerTrial};
pub use wreck::Wreck;
