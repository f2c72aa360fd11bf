//! Sealed records and vaults: nothing opens but what was sealed, however it was altered.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sotto_crypto_core::{RecoveryCode, StoreKey, vault};
use sotto_protocol::AccountId;

fuzz_target!(|data: &[u8]| {
    // Not the key that seals below: libFuzzer reads along when bytes are compared, and would hand back what was sealed.
    assert!(StoreKey::from_bytes([1; 32]).open(b"place", data).is_err());
    let code = RecoveryCode::generate(&mut ChaCha20Rng::seed_from_u64(1));
    let account = AccountId::from_bytes([1; 16]);
    assert!(vault::open_by_recovery_code(&code, account, data).is_err());

    // The first half is sealed, the second is laid over it.
    let (plain, mask) = data.split_at(data.len() / 2);
    let key = StoreKey::from_bytes([2; 32]);
    let sealed = key.seal(&mut ChaCha20Rng::seed_from_u64(2), b"place", plain);
    let mut altered = sealed.clone();
    for (byte, mask) in altered.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    match key.open(b"place", &altered) {
        Ok(opened) => assert!(altered == sealed && opened.expose() == plain),
        Err(_) => assert!(altered != sealed),
    }
});
