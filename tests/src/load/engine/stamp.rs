//! What every message of a run carries, so that whoever receives it can tell whose it is, which, and how long it took.

use std::time::{Duration, Instant};

/// Sixteen bytes: in Sotto the message's id, elsewhere part of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Which run: what an earlier one left in a chat is not counted.
    pub(crate) run: u16,
    /// The sender, by its place among the senders.
    pub(crate) sender: u16,
    /// The sender's messages are numbered from 0 without gaps.
    pub(crate) number: u32,
    /// When it was to be sent by the schedule, in nanoseconds of the run's [`Stopwatch`].
    pub(crate) intended: u64,
}

impl Stamp {
    pub(crate) const BYTES: usize = 16;

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let whole = u128::from(self.run) << 112
            | u128::from(self.sender) << 96
            | u128::from(self.number) << 64
            | u128::from(self.intended);
        whole.to_be_bytes()
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "each field is cut out of the whole"
    )]
    pub(crate) fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let whole = u128::from_be_bytes(bytes);
        Self {
            run: (whole >> 112) as u16,
            sender: (whole >> 96) as u16,
            number: (whole >> 64) as u32,
            intended: whole as u64,
        }
    }
}

/// The time of a run, the same in all of its threads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Nanoseconds since the start.
    pub(crate) fn now(self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// As nanoseconds.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_survives_its_way_through_bytes() {
        let stamp = Stamp {
            run: 0xfedc,
            sender: 0xba98,
            number: 0x7654_3210,
            intended: 0x0123_4567_89ab_cdef,
        };
        assert_eq!(Stamp::from_bytes(stamp.to_bytes()), stamp);
    }
}
