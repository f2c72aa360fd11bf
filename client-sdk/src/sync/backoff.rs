//! How long to wait before the next attempt to connect.

use core::time::Duration;
use sotto_crypto_core::CryptoRng;

/// Bound of the first wait, in milliseconds.
const FIRST_MS: u64 = 500;
/// Bound of every later wait, in milliseconds.
const LONGEST_MS: u64 = 60_000;

/// Exponential back-off with full jitter: each wait is uniform between nothing and a bound that doubles. Clients that lost
/// the same server at the same moment do not come back at the same moment.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait.
    pub(crate) fn next(&mut self, rng: &mut impl CryptoRng) -> Duration {
        let bound = FIRST_MS
            .checked_shl(self.failures.min(16))
            .map_or(LONGEST_MS, |bound| bound.min(LONGEST_MS));
        self.failures = self.failures.saturating_add(1);
        Duration::from_millis(up_to(rng, bound))
    }

    /// An attempt has succeeded: the next wait is a first one.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A number from 0 to `bound`. Its bias is under 2⁻⁴⁰, which is nothing for a delay.
pub(crate) fn up_to(rng: &mut impl CryptoRng, bound: u64) -> u64 {
    rng.next_u64() % bound.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn waits_are_spread_over_a_bound_that_doubles_up_to_a_minute() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let mut longest = [Duration::ZERO; 12];
        for _ in 0..400 {
            let mut backoff = Backoff::default();
            for longest in &mut longest {
                *longest = (*longest).max(backoff.next(&mut rng));
            }
        }
        for (failures, longest) in longest.into_iter().enumerate() {
            let bound = Duration::from_millis((FIRST_MS << failures).min(LONGEST_MS));
            assert!(
                longest <= bound && longest > bound * 9 / 10,
                "{failures}: {longest:?}"
            );
        }
    }

    #[test]
    fn after_a_success_the_wait_is_short_again_and_it_never_overflows() {
        let mut rng = ChaCha20Rng::from_seed([2; 32]);
        let mut backoff = Backoff::default();
        for _ in 0..100 {
            assert!(backoff.next(&mut rng) <= Duration::from_millis(LONGEST_MS));
        }
        backoff.reset();
        assert!(backoff.next(&mut rng) <= Duration::from_millis(FIRST_MS));
    }
}
