//! Randomness for one operation.

use chacha20::ChaCha20Rng;
use core::convert::Infallible;
use openmls_traits::random::OpenMlsRand;
use rand_core::{CryptoRng, Rng, SeedableRng};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// A `ChaCha20` generator seeded with 32 bytes of the caller's, for one operation, wiped after it.
///
/// OpenMLS asks for randomness through `&self` from a type that is `Sync`: a borrowed generator of the caller's could
/// serve that only if every generator had to be `Send`.
pub(super) struct OperationRng(Mutex<ChaCha20Rng>);

impl OperationRng {
    pub(super) fn seeded_by(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self(Mutex::new(ChaCha20Rng::from_seed(*seed)))
    }

    /// Runs `with` on the generator. A panic elsewhere cannot have left it in a state that repeats.
    pub(super) fn with<T>(&self, with: impl FnOnce(&mut ChaCha20Rng) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl OpenMlsRand for OperationRng {
    type Error = Infallible;

    fn random_array<const N: usize>(&self) -> Result<[u8; N], Infallible> {
        let mut bytes = [0; N];
        self.with(|rng| rng.fill_bytes(&mut bytes));
        Ok(bytes)
    }

    fn random_vec(&self, length: usize) -> Result<Vec<u8>, Infallible> {
        let mut bytes = vec![0; length];
        self.with(|rng| rng.fill_bytes(&mut bytes));
        Ok(bytes)
    }
}
