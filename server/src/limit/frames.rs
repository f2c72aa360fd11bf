//! How much a connection may send over its WebSocket. Too much is not refused: it is not read before its time, and TCP tells
//! the sender.

use crate::config::Rate;
use std::time::Duration;
use tokio::time::Instant;

/// So many bytes cost as much as another frame.
const BYTES_OF_FRAME: u32 = 4096;

/// A rate of frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameRate {
    pace: Option<Pace>,
    /// What times are counted from.
    begun: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Time that pays for a frame.
    each: Duration,
    /// Time that may be owed.
    burst: Duration,
}

/// What a connection has sent: when that is paid for, in nanoseconds. Few bytes, as every connection has it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent(u64);

impl FrameRate {
    pub(super) fn new(rate: Rate) -> Self {
        let each = Duration::from_mins(1).checked_div(rate.per_minute);
        Self {
            pace: each.map(|each| Pace {
                each,
                burst: each.saturating_mul(rate.burst),
            }),
            begun: Instant::now(),
        }
    }

    /// Counts what was read. Returns when more may be, if not now.
    pub(super) fn spend(self, spent: &mut Spent, frames: u32, bytes: usize, now: Instant) -> Option<Instant> {
        let Pace { each, burst } = self.pace?;
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let cost = each.saturating_mul(frames) + each.saturating_mul(bytes) / BYTES_OF_FRAME;
        let paid = Duration::from_nanos(spent.0).max(now - self.begun) + cost;
        spent.0 = u64::try_from(paid.as_nanos()).unwrap_or(u64::MAX);
        let until = self.begun + paid.checked_sub(burst)?;
        (until > now).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::new(10, 60);

    #[test]
    fn a_burst_is_read_at_once_and_then_so_many_a_minute() {
        let rate = FrameRate::new(RATE);
        let now = Instant::now();
        let mut spent = Spent::default();
        assert_eq!(rate.spend(&mut spent, 10, 0, now), None);
        let until = rate.spend(&mut spent, 2, 0, now).unwrap();
        assert_eq!(until, now + Duration::from_secs(2));
        assert_eq!(rate.spend(&mut spent, 0, 0, until), None);
        assert!(rate.spend(&mut spent, 1, 0, until).is_some());
        let much_later = now + Duration::from_mins(1);
        assert_eq!(rate.spend(&mut spent, 10, 0, much_later), None);
        assert!(rate.spend(&mut spent, 1, 0, much_later).is_some());
    }

    #[test]
    fn many_bytes_cost_as_much_as_many_frames() {
        let rate = FrameRate::new(RATE);
        let now = Instant::now();
        let mut spent = Spent::default();
        // However few at a time.
        for _ in 0..12 * 64 - 1 {
            rate.spend(&mut spent, 0, 64, now);
        }
        let until = rate.spend(&mut spent, 1, 64, now).unwrap();
        assert_eq!(until, now + Duration::from_secs(3));
    }

    #[test]
    fn without_a_limit_nothing_waits() {
        let rate = FrameRate::new(Rate::new(0, 0));
        let now = Instant::now();
        let mut spent = Spent::default();
        assert_eq!(rate.spend(&mut spent, u32::MAX, 0, now), None);
    }
}
