//! Sealed records of a client's store.

use crate::rng;
use proptest::prelude::*;
use sotto_crypto_core::record::{PASSPHRASE_BYTES, PassphraseError, RecordError};
use sotto_crypto_core::{SecretBytes, StoreKey};

#[test]
fn the_same_passphrase_and_salt_open_what_they_sealed_and_others_do_not() {
    let key = StoreKey::from_passphrase(b"a passphrase", &[1; 16]).unwrap();
    let sealed = key.seal(&mut rng(1), b"message/1", b"hello");
    let again = StoreKey::from_passphrase(b"a passphrase", &[1; 16]).unwrap();
    assert_eq!(
        again.open(b"message/1", &sealed),
        Ok(SecretBytes::from(b"hello".to_vec()))
    );
    for other in [
        StoreKey::from_passphrase(b"A passphrase", &[1; 16]).unwrap(),
        StoreKey::from_passphrase(b"a passphrase", &[2; 16]).unwrap(),
    ] {
        assert_eq!(other.open(b"message/1", &sealed), Err(RecordError));
    }
}

#[test]
fn an_endless_passphrase_is_refused() {
    let endless = vec![b'a'; PASSPHRASE_BYTES + 1];
    assert_eq!(
        StoreKey::from_passphrase(&endless, &[1; 16]),
        Err(PassphraseError::TooLong)
    );
}

#[test]
fn a_record_put_in_anothers_place_does_not_open() {
    let key = StoreKey::generate(&mut rng(1));
    let sealed = key.seal(&mut rng(2), b"contact/1", b"verified");
    assert_eq!(key.open(b"contact/2", &sealed), Err(RecordError));
}

#[test]
fn a_record_altered_in_any_bit_or_cut_anywhere_does_not_open() {
    let key = StoreKey::generate(&mut rng(1));
    let sealed = key.seal(&mut rng(2), b"message/1", b"hello");
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key.open(b"message/1", &altered), Err(RecordError));
    }
    for length in 0..sealed.len() {
        assert_eq!(key.open(b"message/1", &sealed[..length]), Err(RecordError));
    }
}

#[test]
fn a_key_survives_its_key_ring() {
    let key = StoreKey::generate(&mut rng(1));
    assert!(StoreKey::from_bytes(*key.expose()) == key);
}

proptest! {
    #[test]
    fn any_record_survives_sealing(
        key: [u8; 32],
        seed: u64,
        place in proptest::collection::vec(any::<u8>(), 0..64),
        plain in proptest::collection::vec(any::<u8>(), 0..4096),
    ) {
        let key = StoreKey::from_bytes(key);
        let sealed = key.seal(&mut rng(seed), &place, &plain);
        prop_assert_eq!(sealed.len(), plain.len() + StoreKey::OVERHEAD);
        prop_assert_eq!(key.open(&place, &sealed), Ok(SecretBytes::from(plain)));
    }

    #[test]
    fn random_bytes_do_not_open(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let key = StoreKey::from_bytes([1; 32]);
        prop_assert_eq!(key.open(b"place", &bytes), Err(RecordError));
    }
}
