//! The vault and the recovery code.

use crate::{ACCOUNT, rng};
use proptest::prelude::*;
use sotto_crypto_core::recovery_code::{RecoveryCodeError, WORDS};
use sotto_crypto_core::vault::{VaultError, open_by_recovery_code, seal_by_recovery_code};
use sotto_crypto_core::{AccountRoot, RecoveryCode};
use sotto_protocol::{AccountId, limits};

fn code(seed: u64) -> RecoveryCode {
    RecoveryCode::generate(&mut rng(seed))
}

#[test]
fn a_vault_opens_by_the_code_that_sealed_it() {
    let root = AccountRoot::generate(&mut rng(1));
    let sealed = seal_by_recovery_code(&mut rng(2), &code(3), ACCOUNT, &root);
    assert!(sealed.len() <= limits::VAULT_BYTES);
    let written_down = code(3).words().parse().unwrap();
    assert_eq!(open_by_recovery_code(&written_down, ACCOUNT, &sealed), Ok(root));
}

#[test]
fn a_vault_opens_by_no_other_code_and_for_no_other_account() {
    let root = AccountRoot::generate(&mut rng(1));
    let sealed = seal_by_recovery_code(&mut rng(2), &code(3), ACCOUNT, &root);
    let other_account = AccountId::from_bytes([0xee; 16]);
    for refused in [
        open_by_recovery_code(&code(4), ACCOUNT, &sealed),
        open_by_recovery_code(&code(3), other_account, &sealed),
    ] {
        assert_eq!(refused, Err(VaultError::DoesNotOpen));
    }
}

#[test]
fn a_vault_altered_in_any_bit_or_cut_anywhere_does_not_open() {
    let root = AccountRoot::generate(&mut rng(1));
    let sealed = seal_by_recovery_code(&mut rng(2), &code(3), ACCOUNT, &root);
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            open_by_recovery_code(&code(3), ACCOUNT, &altered),
            Err(VaultError::DoesNotOpen)
        );
    }
    for length in 0..sealed.len() {
        assert_eq!(
            open_by_recovery_code(&code(3), ACCOUNT, &sealed[..length]),
            Err(VaultError::DoesNotOpen)
        );
    }
    assert_eq!(
        open_by_recovery_code(&code(3), ACCOUNT, &vec![1; limits::VAULT_BYTES + 1]),
        Err(VaultError::DoesNotOpen)
    );
}

/// Of BIP-39's own vectors (trezor/python-mnemonic): entropy of 0x80s and of 0xffs.
#[test]
fn the_words_are_those_of_bip_39() {
    let known = "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd \
                 amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless";
    let code: RecoveryCode = known.parse().unwrap();
    assert_eq!(code.words().as_str(), known);
    let known =
        "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote";
    let code: RecoveryCode = known.parse().unwrap();
    assert_eq!(code.words().as_str(), known);
}

#[test]
fn case_and_white_space_do_not_matter() {
    let words = code(1).words();
    let typed = format!("  {}\n", words.to_uppercase().replace(' ', "\t \n"));
    assert_eq!(typed.parse(), Ok(code(1)));
}

#[test]
fn the_first_word_that_is_not_in_the_list_is_named_by_its_place() {
    let words = code(1).words();
    let mut typed: Vec<_> = words.split(' ').collect();
    typed[6] = "sotto";
    assert_eq!(
        typed.join(" ").parse::<RecoveryCode>(),
        Err(RecoveryCodeError::UnknownWord { position: 7 })
    );
    typed[6] = "Ähre";
    assert_eq!(
        typed.join(" ").parse::<RecoveryCode>(),
        Err(RecoveryCodeError::UnknownWord { position: 7 })
    );
}

#[test]
fn missing_and_surplus_words_are_counted() {
    let words = code(1).words();
    let typed: Vec<_> = words.split(' ').collect();
    for count in [0, 1, 12, 15, 23] {
        assert_eq!(
            typed[..count].join(" ").parse::<RecoveryCode>(),
            Err(RecoveryCodeError::WordCount(count))
        );
    }
    let surplus = format!("{} zoo", words.as_str());
    assert_eq!(
        surplus.parse::<RecoveryCode>(),
        Err(RecoveryCodeError::WordCount(WORDS + 1))
    );
}

/// The checksum has 8 bits: of the 2,047 other words in a place, on average 8 pass.
#[test]
fn a_wrong_word_is_nearly_always_noticed_and_never_opens_the_vault() {
    let root = AccountRoot::generate(&mut rng(1));
    let sealed = seal_by_recovery_code(&mut rng(2), &code(1), ACCOUNT, &root);
    let words = code(1).words();
    let mut unnoticed = 0;
    for other in 10..60 {
        let mut typed: Vec<_> = words.split(' ').collect();
        let other = code(other).words();
        let replacement = other.split(' ').next().unwrap();
        if typed[4] == replacement {
            continue;
        }
        typed[4] = replacement;
        match typed.join(" ").parse::<RecoveryCode>() {
            Ok(wrong) => {
                unnoticed += 1;
                assert_eq!(
                    open_by_recovery_code(&wrong, ACCOUNT, &sealed),
                    Err(VaultError::DoesNotOpen)
                );
            }
            Err(error) => assert_eq!(error, RecoveryCodeError::Checksum),
        }
    }
    assert!(unnoticed <= 3, "{unnoticed} of 50 wrong words were not noticed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_code_survives_its_words(seed: u64) {
        let words = code(seed).words();
        prop_assert_eq!(words.split(' ').count(), WORDS);
        prop_assert_eq!(words.parse(), Ok(code(seed)));
    }

    #[test]
    fn any_root_survives_the_vault(root: [u8; 32], seed: u64, account: [u8; 16]) {
        let root = AccountRoot::from_bytes(root);
        let account = AccountId::from_bytes(account);
        let sealed = seal_by_recovery_code(&mut rng(seed), &code(seed), account, &root);
        prop_assert_eq!(open_by_recovery_code(&code(seed), account, &sealed), Ok(root));
    }

    #[test]
    fn random_text_is_no_code(text in ".{0,300}") {
        prop_assert!(text.parse::<RecoveryCode>().is_err());
    }
}
