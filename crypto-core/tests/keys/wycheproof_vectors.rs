//! Project Wycheproof's vectors, through the very crates and versions that Sotto uses: where MLS uses the primitive,
//! through our MLS provider.

use crate::rng;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ed25519_dalek::{Signature, VerifyingKey};
use hkdf::Hkdf;
use ml_kem::kem::{Decapsulate, Key, KeyExport};
use ml_kem::ml_kem_768::{Ciphertext, DecapsulationKey, EncapsulationKey};
use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::types::{AeadType, HashType, SignatureScheme};
use sha2::Sha256;
use sotto_crypto_core::suite::{SuiteCrypto, ciphersuite};
use sotto_protocol::Suite;
use wycheproof::TestResult;
use x25519_dalek::{PublicKey, StaticSecret};

#[test]
fn x25519_agrees_and_calls_low_order_keys_non_contributory() {
    use wycheproof::xdh::{TestFlag, TestName, TestSet};

    let (mut tests, mut non_contributory) = (0, 0);
    for group in TestSet::load(TestName::X25519).unwrap().test_groups {
        for test in group.tests {
            let private = StaticSecret::from(<[u8; 32]>::try_from(&test.private_key[..]).unwrap());
            let Ok(public) = <[u8; 32]>::try_from(&test.public_key[..]) else {
                assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
                continue;
            };
            let shared = private.diffie_hellman(&PublicKey::from(public));
            assert_eq!(shared.as_bytes()[..], test.shared_secret[..], "{}", test.tc_id);
            let zero = test.flags.contains(&TestFlag::ZeroSharedSecret);
            assert_eq!(shared.was_contributory(), !zero, "{}", test.tc_id);
            tests += 1;
            non_contributory += usize::from(zero);
        }
    }
    assert!(
        tests > 500 && non_contributory > 30,
        "{tests}, {non_contributory}"
    );
}

#[test]
fn hpke_over_x25519_refuses_every_key_whose_shared_secret_would_be_zero() {
    use wycheproof::xdh::{TestFlag, TestName, TestSet};

    let crypto = SuiteCrypto::new(&mut rng(1));
    let (mut refused, mut accepted) = (0, 0);
    for group in TestSet::load(TestName::X25519).unwrap().test_groups {
        for test in group.tests {
            let sealed = crypto.hpke_seal(
                ciphersuite(Suite::X25519).hpke_config(),
                &test.public_key,
                b"",
                b"",
                b"secret",
            );
            if test.flags.contains(&TestFlag::ZeroSharedSecret) {
                assert!(sealed.is_err(), "{}", test.tc_id);
                refused += 1;
            } else if test.result == TestResult::Valid {
                assert!(sealed.is_ok(), "{}", test.tc_id);
                accepted += 1;
            }
        }
    }
    assert!(refused > 30 && accepted > 200, "{refused}, {accepted}");
}

#[test]
fn ed25519_verifies_strictly_in_credentials_and_in_mls() {
    use wycheproof::eddsa::{TestName, TestSet};

    let crypto = SuiteCrypto::without_randomness();
    let mut tests = 0;
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        for test in group.tests {
            let strict = VerifyingKey::try_from(&group.key.pk[..])
                .and_then(|key| key.verify_strict(&test.msg, &Signature::from_slice(&test.sig)?))
                .is_ok();
            let in_mls = crypto
                .verify_signature(SignatureScheme::ED25519, &test.msg, &group.key.pk, &test.sig)
                .is_ok();
            assert_eq!(strict, test.result == TestResult::Valid, "{}", test.tc_id);
            assert_eq!(in_mls, strict, "{}", test.tc_id);
            tests += 1;
        }
    }
    assert!(tests >= 150, "{tests}");
}

#[test]
fn chacha20_poly1305_in_mls_seals_and_opens() {
    use wycheproof::aead::{TestName, TestSet};

    let crypto = SuiteCrypto::without_randomness();
    let aead = AeadType::ChaCha20Poly1305;
    let mut tests = 0;
    for group in TestSet::load(TestName::ChaCha20Poly1305).unwrap().test_groups {
        for test in group.tests {
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let opened = crypto.aead_decrypt(aead, &test.key, &sealed, &test.nonce, &test.aad);
            if test.result == TestResult::Valid {
                assert_eq!(opened.as_deref(), Ok(&test.pt[..]), "{}", test.tc_id);
                let again = crypto.aead_encrypt(aead, &test.key, &test.pt, &test.nonce, &test.aad);
                assert_eq!(again, Ok(sealed), "{}", test.tc_id);
            } else {
                assert!(opened.is_err(), "{}", test.tc_id);
            }
            tests += 1;
        }
    }
    assert!(tests >= 300, "{tests}");
}

#[test]
fn xchacha20_poly1305_seals_and_opens() {
    use wycheproof::aead::{TestName, TestSet};

    let mut tests = 0;
    for group in TestSet::load(TestName::XChaCha20Poly1305).unwrap().test_groups {
        for test in group.tests {
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let cipher = XChaCha20Poly1305::new_from_slice(&test.key).unwrap();
            let Ok(nonce) = XNonce::try_from(&test.nonce[..]) else {
                assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
                continue;
            };
            let payload = |msg| Payload { msg, aad: &test.aad };
            let opened = cipher.decrypt(&nonce, payload(&sealed[..]));
            if test.result == TestResult::Valid {
                assert_eq!(opened.unwrap()[..], test.pt[..], "{}", test.tc_id);
                let again = cipher.encrypt(&nonce, payload(&test.pt[..])).unwrap();
                assert_eq!(again, sealed, "{}", test.tc_id);
            } else {
                assert!(opened.is_err(), "{}", test.tc_id);
            }
            tests += 1;
        }
    }
    assert!(tests >= 300, "{tests}");
}

#[test]
fn hkdf_sha_256_derives_in_labels_and_in_mls() {
    use wycheproof::hkdf::{TestName, TestSet};

    let crypto = SuiteCrypto::without_randomness();
    let mut tests = 0;
    for group in TestSet::load(TestName::HkdfSha256).unwrap().test_groups {
        for test in group.tests {
            let mut okm = vec![0; test.size];
            let derived = Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
            let in_mls = crypto
                .hkdf_extract(HashType::Sha2_256, &test.salt, &test.ikm)
                .and_then(|prk| {
                    crypto.hkdf_expand(HashType::Sha2_256, prk.as_slice(), &test.info, test.size)
                });
            if test.result == TestResult::Valid {
                assert!(derived.is_ok(), "{}", test.tc_id);
                assert_eq!(okm, test.okm[..], "{}", test.tc_id);
                assert_eq!(in_mls.unwrap().as_slice(), &test.okm[..], "{}", test.tc_id);
            } else {
                assert!(derived.is_err() && in_mls.is_err(), "{}", test.tc_id);
            }
            tests += 1;
        }
    }
    assert!(tests >= 80, "{tests}");
}

#[test]
fn hmac_sha_256_in_mls_authenticates() {
    use wycheproof::mac::{TestName, TestSet};

    let crypto = SuiteCrypto::without_randomness();
    let mut tests = 0;
    for group in TestSet::load(TestName::HmacSha256).unwrap().test_groups {
        for test in group.tests {
            let tag = crypto.hmac(HashType::Sha2_256, &test.key, &test.msg).unwrap();
            let matches = tag.as_slice()[..group.tag_size / 8] == test.tag[..];
            assert_eq!(matches, test.result == TestResult::Valid, "{}", test.tc_id);
            tests += 1;
        }
    }
    assert!(tests >= 150, "{tests}");
}

#[test]
fn ml_kem_768_makes_the_same_keys_from_a_seed() {
    use wycheproof::mlkem::{TestName, TestSet};

    let mut tests = 0;
    for group in TestSet::load(TestName::MlKem768KeyGenSeed).unwrap().test_groups {
        for test in group.tests {
            let seed = test.seed.unwrap()[..].try_into().unwrap();
            let key = DecapsulationKey::from_seed(seed);
            assert_eq!(
                key.encapsulation_key().to_bytes()[..],
                test.encaps_key.unwrap()[..],
                "{}",
                test.tc_id
            );
            tests += 1;
        }
    }
    assert!(tests >= 100, "{tests}");
}

#[test]
fn ml_kem_768_encapsulates_and_refuses_keys_out_of_range() {
    use wycheproof::mlkem::{TestName, TestSet};

    let (mut valid, mut refused) = (0, 0);
    for group in TestSet::load(TestName::MlKem768Encaps).unwrap().test_groups {
        for test in group.tests {
            let key = Key::<EncapsulationKey>::try_from(&test.encaps_key.unwrap()[..])
                .ok()
                .and_then(|key| EncapsulationKey::new(&key).ok());
            if test.result == TestResult::Valid {
                let message = test.msg.unwrap()[..].try_into().unwrap();
                let (ciphertext, shared) = key.unwrap().encapsulate_deterministic(&message);
                assert_eq!(ciphertext[..], test.ct.unwrap()[..], "{}", test.tc_id);
                assert_eq!(shared[..], test.shared_secret.unwrap()[..], "{}", test.tc_id);
                valid += 1;
            } else {
                assert!(key.is_none(), "{}", test.tc_id);
                refused += 1;
            }
        }
    }
    assert!(valid > 100 && refused > 100, "{valid}, {refused}");
}

#[test]
fn ml_kem_768_decapsulates_and_refuses_other_lengths() {
    use wycheproof::mlkem::{TestName, TestSet};

    let (mut valid, mut refused) = (0, 0);
    for group in TestSet::load(TestName::MlKem768).unwrap().test_groups {
        for test in group.tests {
            let seed = test.seed.unwrap()[..].try_into().ok();
            let ciphertext = Ciphertext::try_from(&test.ct.unwrap()[..]).ok();
            let shared = seed
                .map(DecapsulationKey::from_seed)
                .zip(ciphertext)
                .map(|(key, ciphertext)| key.decapsulate(&ciphertext));
            if test.result == TestResult::Valid {
                assert_eq!(
                    shared.unwrap()[..],
                    test.shared_secret.unwrap()[..],
                    "{}",
                    test.tc_id
                );
                valid += 1;
            } else {
                assert!(shared.is_none(), "{}", test.tc_id);
                refused += 1;
            }
        }
    }
    assert!(valid > 150 && refused > 0, "{valid}, {refused}");
}
