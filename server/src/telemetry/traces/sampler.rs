//! Which of many are traced.

use crate::config::SampleRatio;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Takes a fixed share of those who ask, evenly: of a ratio of a thousandth, each thousandth. It needs no randomness, and
/// its answer stands before anything else is done for a trace.
#[derive(Debug)]
pub(super) struct Sampler {
    /// What each who asks adds, in parts of 2^32. Nobody is taken at 0, everybody at [`u64::from`]`(u32::MAX) + 1`.
    step: AtomicU64,
    /// The sum so far: whoever makes it overflow is taken.
    sum: AtomicU32,
}

const WHOLE: u64 = 1 << 32;

impl Sampler {
    pub(super) const fn never() -> Self {
        Self {
            step: AtomicU64::new(0),
            sum: AtomicU32::new(0),
        }
    }

    /// Takes this share from now on.
    pub(super) fn set(&self, ratio: SampleRatio) {
        let step = u64::from(ratio.millionths()) * WHOLE / u64::from(SampleRatio::ALWAYS.millionths());
        self.step.store(step, Ordering::Relaxed);
    }

    /// Whether anyone is taken at all.
    pub(super) fn is_on(&self) -> bool {
        self.step.load(Ordering::Relaxed) != 0
    }

    /// Whether this one is taken.
    pub(super) fn takes(&self) -> bool {
        let step = self.step.load(Ordering::Relaxed);
        if step == 0 {
            return false;
        }
        match u32::try_from(step) {
            Ok(step) => self
                .sum
                .fetch_add(step, Ordering::Relaxed)
                .checked_add(step)
                .is_none(),
            Err(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(ratio: &str, of: usize) -> usize {
        let sampler = Sampler::never();
        sampler.set(ratio.parse().unwrap());
        (0..of).filter(|_| sampler.takes()).count()
    }

    #[test]
    fn the_share_that_is_asked_for_is_taken() {
        assert_eq!(taken("0", 10_000), 0);
        assert_eq!(taken("1", 10_000), 10_000);
        for (ratio, about) in [("0.5", 5_000), ("0.1", 1_000), ("0.001", 10), ("0.0001", 1)] {
            assert!(taken(ratio, 10_000).abs_diff(about) <= 1, "{ratio}");
        }
    }

    #[test]
    fn nobody_is_taken_before_a_share_is_set() {
        assert!(!Sampler::never().takes());
        assert!(!Sampler::never().is_on());
    }
}
