//! Randomness: the operating system's, and a bridge to libraries of an older generation.

use opaque_ke::rand::{CryptoRng as OldCryptoRng, Error as OldError, RngCore as OldRngCore};
use rand_core::CryptoRng;

/// The operating system's generator: handlers take it here, at the edge, and pass it on.
pub(crate) type OperatingSystemRng = rand_core::UnwrapErr<getrandom::SysRng>;

/// A generator of today for a library that knows `rand_core` 0.6.
pub(super) struct OldGeneration<'r, R>(pub(super) &'r mut R);

impl<R: CryptoRng> OldRngCore for OldGeneration<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), OldError> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng> OldCryptoRng for OldGeneration<'_, R> {}
