//! How everything at rest is sealed: XChaCha20-Poly1305 with a random nonce.

use crate::{Label, Secret, SecretBytes};
use chacha20poly1305::{AeadInOut, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;

const VERSION: u8 = 1;
const NONCE_LENGTH: usize = 24;
const TAG_LENGTH: usize = 16;
const HEADER_LENGTH: usize = 1 + NONCE_LENGTH;
/// Bytes that sealing adds.
pub(crate) const OVERHEAD: usize = HEADER_LENGTH + TAG_LENGTH;

/// The key is another, the place is another, or the bytes are not as they were sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DoesNotOpen;

/// `version ‖ nonce ‖ XChaCha20-Poly1305(key, nonce, AAD = label ‖ 0x00 ‖ place, plain)`, draft-irtf-cfrg-xchacha-03.
/// The nonce is 24 random bytes: at 2^80 of them under one key the odds of a repetition are 2^-33.
#[allow(
    clippy::expect_used,
    reason = "XChaCha20-Poly1305 seals up to 256 GiB; nothing here is in memory that is so long"
)]
pub(crate) fn seal(
    rng: &mut impl CryptoRng,
    key: &Secret<32>,
    label: Label,
    place: &[u8],
    plain: &[u8],
) -> Vec<u8> {
    let mut nonce = XNonce::default();
    rng.fill_bytes(&mut nonce);
    let mut sealed = Vec::with_capacity(OVERHEAD + plain.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let (_, body) = sealed.split_at_mut(HEADER_LENGTH);
    let tag = XChaCha20Poly1305::new(key.expose().into())
        .encrypt_inout_detached(&nonce, &label.prefix(place), body.into())
        .expect("shorter than 256 GiB");
    sealed.extend_from_slice(&tag);
    sealed
}

/// What [`seal`] sealed with the same key for the same place.
pub(crate) fn open(
    key: &Secret<32>,
    label: Label,
    place: &[u8],
    sealed: &[u8],
) -> Result<SecretBytes, DoesNotOpen> {
    let (&version, sealed) = sealed.split_first().ok_or(DoesNotOpen)?;
    if version != VERSION {
        return Err(DoesNotOpen);
    }
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LENGTH>().ok_or(DoesNotOpen)?;
    let (body, tag) = sealed.split_last_chunk::<TAG_LENGTH>().ok_or(DoesNotOpen)?;
    let mut plain = body.to_vec();
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt_inout_detached(
            &XNonce::from(*nonce),
            &label.prefix(place),
            plain.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .map_err(|_| DoesNotOpen)?;
    Ok(plain.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    proptest! {
        #[test]
        fn what_was_sealed_opens_with_the_same_key_in_the_same_place_and_nowhere_else(
            key: [u8; 32],
            seed: u64,
            place in proptest::collection::vec(any::<u8>(), 0..40),
            plain in proptest::collection::vec(any::<u8>(), 0..300),
            other_key: [u8; 32],
            other_place in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            prop_assume!(other_key != key && other_place != place);
            let key = Secret::from_bytes(key);
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let sealed = seal(&mut rng, &key, Label::StoreRecord, &place, &plain);
            prop_assert_eq!(sealed.len(), plain.len() + OVERHEAD);
            let opened = open(&key, Label::StoreRecord, &place, &sealed);
            prop_assert_eq!(opened, Ok(SecretBytes::from(plain)));
            let other_key = Secret::from_bytes(other_key);
            prop_assert_eq!(open(&other_key, Label::StoreRecord, &place, &sealed), Err(DoesNotOpen));
            prop_assert_eq!(open(&key, Label::StoreRecord, &other_place, &sealed), Err(DoesNotOpen));
            prop_assert_eq!(open(&key, Label::VaultByPassword, &place, &sealed), Err(DoesNotOpen));
        }

        #[test]
        fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let key = Secret::from_bytes([1; 32]);
            prop_assert_eq!(open(&key, Label::StoreRecord, b"", &bytes), Err(DoesNotOpen));
        }
    }

    #[test]
    fn one_bit_changed_anywhere_or_one_byte_less_or_more_does_not_open() {
        let key = Secret::from_bytes([1; 32]);
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let sealed = seal(&mut rng, &key, Label::StoreRecord, b"place", b"what is sealed");
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                open(&key, Label::StoreRecord, b"place", &altered),
                Err(DoesNotOpen)
            );
        }
        for length in 0..sealed.len() {
            assert_eq!(
                open(&key, Label::StoreRecord, b"place", &sealed[..length]),
                Err(DoesNotOpen)
            );
        }
        let mut longer = sealed;
        longer.push(0);
        assert_eq!(
            open(&key, Label::StoreRecord, b"place", &longer),
            Err(DoesNotOpen)
        );
    }

    #[test]
    fn two_seals_of_the_same_are_different() {
        let key = Secret::from_bytes([1; 32]);
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let one = seal(&mut rng, &key, Label::StoreRecord, b"", b"same");
        let other = seal(&mut rng, &key, Label::StoreRecord, b"", b"same");
        assert_ne!(one, other);
    }
}
