//! A client that only listens joins groups that other implementations made: OpenMLS on our provider.

use crate::support::{hex, vectors};
use openmls::prelude::tls_codec::DeserializeBytes as _;
use openmls::prelude::{
    KeyPackageBundle, MlsGroupJoinConfig, MlsMessageBodyIn, MlsMessageIn, ProcessedWelcome, RatchetTreeIn,
    StagedWelcome, WIRE_FORMAT_POLICIES,
};
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};
use openmls_memory_storage::MemoryStorage;
use openmls_traits::OpenMlsProvider;
use openmls_traits::storage::StorageProvider as _;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde_json::{Value, json};
use sotto_crypto_core::suite::{SuiteCrypto, ciphersuite};
use sotto_protocol::Suite;

struct Provider {
    crypto: SuiteCrypto,
    storage: MemoryStorage,
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = SuiteCrypto;
    type RandProvider = SuiteCrypto;
    type StorageProvider = MemoryStorage;

    fn storage(&self) -> &MemoryStorage {
        &self.storage
    }

    fn crypto(&self) -> &SuiteCrypto {
        &self.crypto
    }

    fn rand(&self) -> &SuiteCrypto {
        &self.crypto
    }
}

#[test]
fn a_passive_client_joins_the_groups_of_others() {
    let Some(file) = vectors("passive-client-welcome.json") else {
        return;
    };
    let cases = file.as_array().unwrap();
    assert!(!cases.is_empty());
    for (number, case) in cases.iter().enumerate() {
        assert_eq!(case["cipher_suite"], 3);
        assert_eq!(
            epoch_authenticator(case),
            hex(&case["initial_epoch_authenticator"]),
            "case {number}"
        );
    }
}

/// Joins, and says what the members of the epoch share.
fn epoch_authenticator(case: &Value) -> Vec<u8> {
    let provider = Provider {
        crypto: SuiteCrypto::new(&mut ChaCha20Rng::from_seed([1; 32])),
        storage: MemoryStorage::default(),
    };
    let bundle = key_package_bundle(case);
    let reference = bundle.key_package().hash_ref(provider.crypto()).unwrap();
    provider.storage().write_key_package(&reference, &bundle).unwrap();
    for psk in case["external_psks"].as_array().unwrap() {
        let id = Psk::External(ExternalPsk::new(hex(&psk["psk_id"])));
        PreSharedKeyId::new(ciphersuite(Suite::X25519), provider.rand(), id)
            .unwrap()
            .store(&provider, &hex(&psk["psk"]))
            .unwrap();
    }
    let MlsMessageBodyIn::Welcome(welcome) = message(&case["welcome"]).extract() else {
        panic!("no Welcome")
    };
    let tree = case["ratchet_tree"]
        .is_string()
        .then(|| RatchetTreeIn::tls_deserialize_exact_bytes(&hex(&case["ratchet_tree"])).unwrap());
    let [config, ..] =
        WIRE_FORMAT_POLICIES.map(|policy| MlsGroupJoinConfig::builder().wire_format_policy(policy).build());
    let processed = ProcessedWelcome::new_from_welcome(&provider, &config, welcome).unwrap();
    let join = openmls::group::JoinBuilder::new(&provider, processed).skip_lifetime_validation();
    let join = match tree {
        Some(tree) => join.with_ratchet_tree(tree),
        None => join,
    };
    let staged: StagedWelcome = join.build().unwrap();
    staged
        .into_group(&provider)
        .unwrap()
        .epoch_authenticator()
        .as_slice()
        .to_vec()
}

/// A KeyPackage with its private keys, through the form in which OpenMLS stores it: it takes no private keys otherwise, and
/// no KeyPackage whose lifetime has ended, as these have.
fn key_package_bundle(case: &Value) -> KeyPackageBundle {
    let MlsMessageBodyIn::KeyPackage(key_package) = message(&case["key_package"]).extract() else {
        panic!("no KeyPackage")
    };
    serde_json::from_value(json!({
        "key_package": key_package,
        "private_init_key": { "vec": hex(&case["init_priv"]) },
        "private_encryption_key": { "key": { "vec": hex(&case["encryption_priv"]) } },
    }))
    .unwrap()
}

fn message(bytes: &Value) -> MlsMessageIn {
    MlsMessageIn::tls_deserialize_exact_bytes(&hex(bytes)).unwrap()
}
