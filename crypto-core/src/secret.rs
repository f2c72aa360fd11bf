//! Memory that holds secrets: wiped when dropped, compared in constant time, never printed.

use core::fmt;
use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A secret of `N` bytes. It lives on the heap, so that moving it leaves no copy behind, and is wiped when dropped.
/// `Debug` prints the type's name alone.
#[derive(Clone)]
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Takes the bytes. The caller's own copy is the caller's to wipe.
    #[must_use]
    pub fn from_bytes(bytes: [u8; N]) -> Self {
        let bytes = Zeroizing::new(bytes);
        Self(Box::new(*bytes))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::filled(|bytes| rng.fill_bytes(bytes))
    }

    /// A secret that `fill` writes in place: no copy of it is ever on the stack.
    pub(crate) fn filled(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0);
        secret
    }

    /// As [`Self::filled`], of what can fail.
    pub(crate) fn try_filled<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0).map(|()| secret)
    }

    /// The bytes: for a cryptographic operation or a sealed record, never for a log.
    #[must_use]
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

/// `None` if the bytes are not `N`.
impl<const N: usize> TryFrom<&[u8]> for Secret<N> {
    type Error = WrongSecretLength;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        let bytes: &[u8; N] = bytes.try_into().map_err(|_| WrongSecretLength)?;
        Ok(Self::filled(|secret| secret.copy_from_slice(bytes)))
    }
}

/// The bytes given are not as many as the secret has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret of another length")]
pub struct WrongSecretLength;

impl<const N: usize> ConstantTimeEq for Secret<N> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&*other.0)
    }
}

/// In constant time.
impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> ZeroizeOnDrop for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A secret of any length, wiped when dropped. `Debug` prints the type's name alone.
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// The bytes: for a cryptographic operation or a sealed record, never for a log.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl ConstantTimeEq for SecretBytes {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&*other.0)
    }
}

/// In constant time, but for the length.
impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for SecretBytes {}

impl ZeroizeOnDrop for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_equal_if_their_bytes_are() {
        assert_eq!(Secret::from_bytes([1; 32]), Secret::from_bytes([1; 32]));
        assert_ne!(Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        assert_eq!(SecretBytes::from(vec![1]), SecretBytes::from(vec![1]));
        assert_ne!(SecretBytes::from(vec![1]), SecretBytes::from(vec![1, 0]));
    }

    #[test]
    fn a_slice_of_another_length_is_no_secret() {
        assert_eq!(Secret::<4>::try_from(&[1, 2, 3][..]), Err(WrongSecretLength));
        assert_eq!(
            Secret::<3>::try_from(&[1, 2, 3][..]),
            Ok(Secret::from_bytes([1, 2, 3]))
        );
    }
}
