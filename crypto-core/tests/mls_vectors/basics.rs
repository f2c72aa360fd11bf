//! The functions of RFC 9420 on top of the primitives, composed here by its text (sections 5.1 and 5.2).

use crate::support::{hex, vectors};
use openmls_traits::crypto::OpenMlsCrypto as _;
use openmls_traits::types::{
    Ciphersuite, CryptoError, HashType, HpkeCiphertext, HpkeConfig, SignatureScheme,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde_json::Value;
use sotto_crypto_core::suite::{SuiteCrypto, ciphersuite};
use sotto_protocol::Suite;

const SHA256: HashType = HashType::Sha2_256;

fn crypto() -> SuiteCrypto {
    SuiteCrypto::new(&mut ChaCha20Rng::from_seed([1; 32]))
}

fn hpke() -> HpkeConfig {
    ciphersuite(Suite::X25519).hpke_config()
}

/// `opaque bytes<V>` (RFC 9420, section 2.1.2), of up to 16,383 bytes.
fn vector(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = match u8::try_from(bytes.len()) {
        Ok(length @ 0..64) => vec![length],
        _ => (0x4000 | u16::try_from(bytes.len()).unwrap())
            .to_be_bytes()
            .to_vec(),
    };
    encoded.extend_from_slice(bytes);
    encoded
}

/// `{ opaque label<V> = "MLS 1.0 " + label; opaque content<V>; }`
fn labelled(label: &str, content: &[u8]) -> Vec<u8> {
    [vector(format!("MLS 1.0 {label}").as_bytes()), vector(content)].concat()
}

fn expand_with_label(secret: &[u8], label: &str, context: &[u8], length: u16) -> Vec<u8> {
    let info = [length.to_be_bytes().to_vec(), labelled(label, context)].concat();
    crypto()
        .hkdf_expand(SHA256, secret, &info, length.into())
        .unwrap()
        .as_slice()
        .to_vec()
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap()
}

fn number(case: &Value, field: &str) -> u64 {
    case[field].as_u64().unwrap()
}

/// Runs `check` on each of the file's cases of this name.
fn each(name: &str, check: impl Fn(&Value)) {
    let Some(file) = vectors("crypto-basics.json") else {
        return;
    };
    let suites = file.as_array().unwrap();
    assert!(!suites.is_empty());
    for suite in suites {
        assert_eq!(suite["cipher_suite"], 3);
        check(&suite[name]);
    }
}

#[test]
fn ref_hash() {
    each("ref_hash", |case| {
        let input = [
            vector(text(case, "label").as_bytes()),
            vector(&hex(&case["value"])),
        ]
        .concat();
        assert_eq!(crypto().hash(SHA256, &input).unwrap(), hex(&case["out"]));
    });
}

#[test]
fn expand() {
    each("expand_with_label", |case| {
        let length = number(case, "length").try_into().unwrap();
        let out = expand_with_label(
            &hex(&case["secret"]),
            text(case, "label"),
            &hex(&case["context"]),
            length,
        );
        assert_eq!(out, hex(&case["out"]));
    });
}

#[test]
fn derive_secret() {
    each("derive_secret", |case| {
        let out = expand_with_label(&hex(&case["secret"]), text(case, "label"), b"", 32);
        assert_eq!(out, hex(&case["out"]));
    });
}

#[test]
fn derive_tree_secret() {
    each("derive_tree_secret", |case| {
        let generation = u32::try_from(number(case, "generation")).unwrap();
        let length = number(case, "length").try_into().unwrap();
        let out = expand_with_label(
            &hex(&case["secret"]),
            text(case, "label"),
            &generation.to_be_bytes(),
            length,
        );
        assert_eq!(out, hex(&case["out"]));
    });
}

#[test]
fn sign_with_label() {
    each("sign_with_label", |case| {
        let content = labelled(text(case, "label"), &hex(&case["content"]));
        let (private, public) = (hex(&case["priv"]), hex(&case["pub"]));
        let crypto = crypto();
        let ed25519 = SignatureScheme::ED25519;
        let given = hex(&case["signature"]);
        crypto
            .verify_signature(ed25519, &content, &public, &given)
            .unwrap();
        // Ed25519 signatures are deterministic.
        assert_eq!(crypto.sign(ed25519, &content, &private).unwrap(), given);
        let other = labelled("Another", &hex(&case["content"]));
        assert_eq!(
            crypto.verify_signature(ed25519, &other, &public, &given),
            Err(CryptoError::InvalidSignature)
        );
    });
}

#[test]
fn encrypt_with_label() {
    each("encrypt_with_label", |case| {
        let info = labelled(text(case, "label"), &hex(&case["context"]));
        let (private, public) = (hex(&case["priv"]), hex(&case["pub"]));
        let plain = hex(&case["plaintext"]);
        let given = HpkeCiphertext {
            kem_output: hex(&case["kem_output"]).into(),
            ciphertext: hex(&case["ciphertext"]).into(),
        };
        let crypto = crypto();
        assert_eq!(
            crypto.hpke_open(hpke(), &given, &private, &info, b"").unwrap(),
            plain
        );
        let ours = crypto.hpke_seal(hpke(), &public, &info, b"", &plain).unwrap();
        assert_eq!(
            crypto.hpke_open(hpke(), &ours, &private, &info, b"").unwrap(),
            plain
        );
        let other = labelled("Another", &hex(&case["context"]));
        assert_eq!(
            crypto.hpke_open(hpke(), &given, &private, &other, b""),
            Err(CryptoError::HpkeDecryptionError)
        );
    });
}

/// Public keys of small order, with which every private key makes the same shared secret: zero (RFC 7748, section 6.1).
#[test]
fn hpke_refuses_x25519_keys_that_do_not_contribute() {
    let zero = [0; 32];
    let mut one = [0; 32];
    one[0] = 1;
    let mut order_8 = [0; 32];
    order_8.copy_from_slice(&[
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
        0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ]);
    let crypto = crypto();
    for public in [zero, one, order_8] {
        assert_eq!(
            crypto.hpke_seal(hpke(), &public, b"", b"", b"plain"),
            Err(CryptoError::InvalidPublicKey)
        );
        let key_pair = crypto.derive_hpke_keypair(hpke(), &[7; 32]).unwrap();
        let forged = HpkeCiphertext {
            kem_output: public.to_vec().into(),
            ciphertext: vec![0; 21].into(),
        };
        assert_eq!(
            crypto.hpke_open(hpke(), &forged, &key_pair.private, b"", b""),
            Err(CryptoError::HpkeDecryptionError)
        );
    }
}

#[test]
fn inputs_of_another_length_are_refused() {
    let crypto = crypto();
    let aead = ciphersuite(Suite::X25519).aead_algorithm();
    assert!(crypto.aead_encrypt(aead, &[0; 31], b"", &[0; 12], b"").is_err());
    assert!(crypto.aead_encrypt(aead, &[0; 32], b"", &[0; 11], b"").is_err());
    assert!(
        crypto
            .aead_decrypt(aead, &[0; 32], &[0; 15], &[0; 12], b"")
            .is_err()
    );
    assert!(crypto.hkdf_expand(SHA256, &[0; 31], b"", 32).is_err());
    assert!(crypto.hkdf_expand(SHA256, &[0; 32], b"", 255 * 32 + 1).is_err());
    assert!(crypto.hpke_seal(hpke(), &[9; 31], b"", b"", b"").is_err());
    assert!(crypto.sign(SignatureScheme::ED25519, b"", &[0; 31]).is_err());
    assert!(
        crypto
            .verify_signature(SignatureScheme::ED25519, b"", &[0; 31], &[0; 64])
            .is_err()
    );
}

#[test]
fn other_suites_and_primitives_are_refused() {
    let crypto = crypto();
    for suite in [
        Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
        Ciphersuite::MLS_128_DHKEMP256_AES128GCM_SHA256_P256,
        Ciphersuite::MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448,
    ] {
        assert_eq!(crypto.supports(suite), Err(CryptoError::UnsupportedCiphersuite));
        assert!(crypto.derive_hpke_keypair(suite.hpke_config(), &[7; 32]).is_err());
    }
    assert!(crypto.hash(HashType::Sha2_512, b"").is_err());
    assert!(crypto.signature_key_gen(SignatureScheme::ED448).is_err());
}

#[test]
fn what_only_reads_has_no_randomness() {
    let crypto = SuiteCrypto::without_randomness();
    let key_pair = crypto.derive_hpke_keypair(hpke(), &[7; 32]).unwrap();
    assert_eq!(
        crypto.hpke_seal(hpke(), &key_pair.public, b"", b"", b"plain"),
        Err(CryptoError::InsufficientRandomness)
    );
}
