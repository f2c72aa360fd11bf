//! What a process takes of the machine, by what the kernel says of it.

use anyhow::{Context as _, Result};
use std::path::PathBuf;
use std::time::Duration;

/// Ticks a second in `/proc`: the same on every Linux that user space can see.
const TICKS_PER_SECOND: u64 = 100;

/// What a process has taken so far, and holds now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Processor time since its start, user and system, in all of its threads.
    pub(crate) processor: Duration,
    /// Bytes that are in memory, those shared with others among them.
    pub(crate) resident: u64,
    /// Bytes that are in memory for this process alone: what its connections cost in user space.
    pub(crate) private: u64,
}

impl Usage {
    fn plus(self, other: Self) -> Self {
        Self {
            processor: self.processor + other.processor,
            resident: self.resident + other.resident,
            private: self.private + other.private,
        }
    }
}

/// What these processes take together.
pub(crate) fn usage(processes: &[u32]) -> Result<Usage> {
    processes
        .iter()
        .map(|&process| usage_of(process))
        .try_fold(Usage::default(), |sum, usage| Ok(sum.plus(usage?)))
}

fn usage_of(process: u32) -> Result<Usage> {
    let folder = PathBuf::from(format!("/proc/{process}"));
    let read = |name: &str| {
        std::fs::read_to_string(folder.join(name)).with_context(|| format!("process {process} has ended"))
    };
    let memory = read("smaps_rollup")?;
    Ok(Usage {
        processor: processor(&read("stat")?).context("/proc/<pid>/stat is not as expected")?,
        resident: kibibytes(&memory, "Rss:"),
        private: kibibytes(&memory, "Private_Clean:") + kibibytes(&memory, "Private_Dirty:"),
    })
}

/// The fields 14 and 15, after the program's name in parentheses, which may have anything in it.
fn processor(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let ticks = ticks()? + ticks()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

fn kibibytes(text: &str, name: &str) -> u64 {
    text.lines()
        .filter_map(|line| line.strip_prefix(name))
        .filter_map(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .sum::<u64>()
        * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_after_a_name_with_parentheses() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 3 0 100 1 1";
        assert_eq!(processor(stat), Some(Duration::from_secs(3)));
    }

    #[test]
    fn a_running_process_has_memory() {
        let usage = usage(&[std::process::id()]).unwrap();
        assert!(usage.resident > 0 && usage.private > 0 && usage.private <= usage.resident);
    }
}
