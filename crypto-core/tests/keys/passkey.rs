//! The copy of the root that a passkey seals, and the names of passkeys.

use crate::{ACCOUNT, rng};
use proptest::prelude::*;
use sotto_crypto_core::passkey::{PasskeyNameError, open_name, passkey_id, seal_name};
use sotto_crypto_core::vault::{
    VaultError, open_by_passkey, open_by_recovery_code, seal_by_passkey, seal_by_recovery_code,
};
use sotto_crypto_core::{AccountRoot, PasskeySecret, RecoveryCode};
use sotto_protocol::{AccountId, limits};

const CREDENTIAL: &[u8] = b"what the authenticator calls it";

fn secret(byte: u8) -> PasskeySecret {
    PasskeySecret::try_from([byte; 32].as_slice()).unwrap()
}

#[test]
fn a_vault_opens_by_the_passkey_that_sealed_it_and_by_nothing_else() {
    let root = AccountRoot::generate(&mut rng(1));
    let sealed = seal_by_passkey(&mut rng(2), &secret(3), ACCOUNT, CREDENTIAL, &root);
    assert!(sealed.len() <= limits::VAULT_BYTES);
    assert_eq!(
        open_by_passkey(&secret(3), ACCOUNT, CREDENTIAL, &sealed),
        Ok(root.clone())
    );
    let other_account = AccountId::from_bytes([0xee; 16]);
    let code = RecoveryCode::generate(&mut rng(4));
    let by_code = seal_by_recovery_code(&mut rng(5), &code, ACCOUNT, &root);
    for refused in [
        open_by_passkey(&secret(4), ACCOUNT, CREDENTIAL, &sealed),
        open_by_passkey(&secret(3), other_account, CREDENTIAL, &sealed),
        open_by_passkey(&secret(3), ACCOUNT, b"another passkey", &sealed),
        open_by_passkey(&secret(3), ACCOUNT, &CREDENTIAL[1..], &sealed),
        open_by_passkey(&secret(3), ACCOUNT, CREDENTIAL, &by_code),
        open_by_recovery_code(&code, ACCOUNT, &sealed),
        open_by_passkey(&secret(3), ACCOUNT, CREDENTIAL, &vec![1; limits::VAULT_BYTES + 1]),
    ] {
        assert_eq!(refused, Err(VaultError::DoesNotOpen));
    }
    for position in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[position] ^= 1;
        for refused in [&altered[..], &sealed[..position]] {
            assert_eq!(
                open_by_passkey(&secret(3), ACCOUNT, CREDENTIAL, refused),
                Err(VaultError::DoesNotOpen)
            );
        }
    }
}

#[test]
fn a_prf_gives_32_bytes_or_nothing_that_counts() {
    for length in [0, 31, 33, 64] {
        assert!(PasskeySecret::try_from(vec![1; length].as_slice()).is_err());
    }
}

#[test]
fn a_name_opens_for_the_account_on_its_passkey_alone() {
    let (root, other_root) = (
        AccountRoot::generate(&mut rng(1)),
        AccountRoot::generate(&mut rng(2)),
    );
    let (here, elsewhere) = (passkey_id(CREDENTIAL), passkey_id(b"another passkey"));
    let sealed = seal_name(&mut rng(3), &root, ACCOUNT, here, "Zoë’s key").unwrap();
    assert_eq!(open_name(&root, ACCOUNT, here, &sealed).unwrap(), "Zoë’s key");
    let other_account = AccountId::from_bytes([9; 16]);
    for refused in [
        open_name(&root, ACCOUNT, elsewhere, &sealed),
        open_name(&root, other_account, here, &sealed),
        open_name(&other_root, ACCOUNT, here, &sealed),
    ] {
        assert_eq!(refused, Err(PasskeyNameError::DoesNotOpen));
    }
    let longest = "x".repeat(limits::DEVICE_NAME_BYTES);
    let of_longest = seal_name(&mut rng(3), &root, ACCOUNT, here, &longest).unwrap();
    assert_eq!(of_longest.len(), sealed.len());
    assert!(sealed.len() <= limits::SEALED_DEVICE_NAME_BYTES);
    for name in ["", " ", "two\nlines", &format!("{longest}x")] {
        let refused = seal_name(&mut rng(3), &root, ACCOUNT, here, name);
        assert_eq!(refused, Err(PasskeyNameError::Invalid));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_root_survives_the_vault_of_any_passkey(
        root: [u8; 32], account: [u8; 16], output: [u8; 32], seed: u64,
        credential in proptest::collection::vec(any::<u8>(), 0..limits::CREDENTIAL_ID_BYTES),
    ) {
        let (root, account) = (AccountRoot::from_bytes(root), AccountId::from_bytes(account));
        let secret = PasskeySecret::try_from(output.as_slice()).unwrap();
        let sealed = seal_by_passkey(&mut rng(seed), &secret, account, &credential, &root);
        prop_assert_eq!(open_by_passkey(&secret, account, &credential, &sealed), Ok(root));
    }
}
