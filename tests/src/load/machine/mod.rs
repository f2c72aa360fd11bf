//! The machine that is measured on: its cores, its bounds on processes, its disk, and what a process takes of it.

mod cores;
mod disk;
mod files;
mod process;

pub(crate) use cores::{Cores, with_affinity};
pub(crate) use disk::sync_cost;
pub(crate) use files::raise_open_files;
pub(crate) use process::{Usage, usage};
