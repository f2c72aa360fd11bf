//! What it costs to be durable on this disk: beside every durable figure, for on a busy machine it is most of it.

use anyhow::{Context as _, Result};
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

const WRITES: usize = 200;
const PAGE: [u8; 4096] = [0x5a; 4096];

/// The median of the time that a page written to a file in `folder`, and its `fdatasync`, take.
pub(crate) fn sync_cost(folder: &Path) -> Result<Duration> {
    let path = folder.join("sync-cost");
    let mut file = File::create(&path).with_context(|| format!("cannot write to {}", folder.display()))?;
    // Its length is settled first: what is measured is the data, as in a write-ahead log that is used again.
    file.write_all(&PAGE.repeat(WRITES))?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let mut took = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begun = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        took.push(begun.elapsed());
    }
    std::fs::remove_file(&path)?;
    took.sort_unstable();
    Ok(took.get(WRITES / 2).copied().unwrap_or_default())
}
