//! HPKE with X-Wing.

use crate::support::{hex, vectors};
use openmls_traits::crypto::OpenMlsCrypto as _;
use openmls_traits::types::{CryptoError, HpkeCiphertext};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::suite::{SuiteCrypto, ciphersuite};
use sotto_protocol::Suite;

const X_WING: u64 = 0x647A;
const HKDF_SHA256: u64 = 1;
const CHACHA20_POLY1305: u64 = 3;

#[test]
fn hpke_with_x_wing_gives_what_others_give() {
    let Some(file) = vectors("hpke-xwing-hkdfsha256-chacha.json") else {
        return;
    };
    let ours = file.as_array().unwrap().iter().filter(|case| {
        case["mode"] == 0
            && case["kem_id"] == X_WING
            && case["kdf_id"] == HKDF_SHA256
            && case["aead_id"] == CHACHA20_POLY1305
    });
    let config = || ciphersuite(Suite::XWing).hpke_config();
    let crypto = SuiteCrypto::new(&mut ChaCha20Rng::from_seed([1; 32]));
    let mut count = 0;
    for case in ours {
        count += 1;
        let key_pair = crypto.derive_hpke_keypair(config(), &hex(&case["ikmR"])).unwrap();
        assert_eq!(&*key_pair.private, hex(&case["skRm"]));
        assert_eq!(key_pair.public, hex(&case["pkRm"]));

        let (info, encapsulated) = (hex(&case["info"]), hex(&case["enc"]));
        // One-shot: the first message of the context.
        let first = &case["encryptions"][0];
        let (aad, plain) = (hex(&first["aad"]), hex(&first["pt"]));
        let given = HpkeCiphertext {
            kem_output: encapsulated.clone().into(),
            ciphertext: hex(&first["ct"]).into(),
        };
        let opened = crypto
            .hpke_open(config(), &given, &key_pair.private, &info, &aad)
            .unwrap();
        assert_eq!(opened, plain);
        let sealed = crypto
            .hpke_seal(config(), &key_pair.public, &info, &aad, &plain)
            .unwrap();
        let opened = crypto
            .hpke_open(config(), &sealed, &key_pair.private, &info, &aad)
            .unwrap();
        assert_eq!(opened, plain);
        assert_eq!(
            crypto.hpke_open(config(), &given, &key_pair.private, b"other", &aad),
            Err(CryptoError::HpkeDecryptionError)
        );

        for export in case["exports"].as_array().unwrap() {
            let length = export["L"].as_u64().unwrap().try_into().unwrap();
            let context = hex(&export["exporter_context"]);
            let exported = crypto
                .hpke_setup_receiver_and_export(
                    config(),
                    &encapsulated,
                    &key_pair.private,
                    &info,
                    &context,
                    length,
                )
                .unwrap();
            assert_eq!(&*exported, hex(&export["exported_value"]));
            let (encapsulated, sent) = crypto
                .hpke_setup_sender_and_export(config(), &key_pair.public, &info, &context, length)
                .unwrap();
            let received = crypto
                .hpke_setup_receiver_and_export(
                    config(),
                    &encapsulated,
                    &key_pair.private,
                    &info,
                    &context,
                    length,
                )
                .unwrap();
            assert_eq!(*sent, *received);
        }
    }
    assert!(count > 0);
}
