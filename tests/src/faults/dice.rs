//! Chance, from a seed.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use std::time::Duration;

/// Chance that is the same for the same seed.
#[derive(Clone, Debug)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Others, which no roll of these changes: those of one among many.
    #[must_use]
    pub fn of(seed: u64, one: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(one + 1);
        Self(rng)
    }

    /// A number.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Less than `most`; 0 if that is 0.
    pub fn below(&mut self, most: usize) -> usize {
        let most = u64::try_from(most).unwrap();
        usize::try_from(self.number().checked_rem(most).unwrap_or(0)).unwrap()
    }

    /// True once in so many rolls.
    pub fn once_in(&mut self, rolls: usize) -> bool {
        self.below(rolls) == 0
    }

    /// One of these.
    ///
    /// # Panics
    /// If there are none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.get(self.below(from.len()))
            .expect("there is something to pick")
    }

    /// At least `least` and less than `most`.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = u64::try_from(most.saturating_sub(least).as_nanos()).unwrap();
        least + Duration::from_nanos(self.number().checked_rem(span).unwrap_or(0))
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// So many random bytes.
    pub fn fill(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// For those who want the generator itself.
    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.0
    }
}
