//! MLS without our rules: OpenMLS on our cryptography, as a malicious client would use it.

use super::crypto::{Spoil, SpoiltCrypto};
use openmls::prelude::tls_codec::{DeserializeBytes as _, Serialize as _};
use openmls::prelude::*;
use openmls_memory_storage::MemoryStorage;
use openmls_traits::signatures::{Signer, SignerError};
use rand_core::CryptoRng;
use sotto_client_sdk::protocol::chat_rules::EXTENSION_TYPE;
use sotto_client_sdk::protocol::{
    ChatRules, DeviceAddress, DeviceCredential, Evidence, Signature, Suite, Timestamp,
};
use sotto_crypto_core::Device;
use sotto_crypto_core::suite::{SuiteCrypto, ciphersuite};

/// How long after it was made a leaf's Lifetime ends, in seconds: the days in which it may be invited, and a century.
const LIFETIME: u64 = (90 + 36_525) * 24 * 60 * 60;

/// A member that signs with its device's key and otherwise does what it likes.
pub struct Unruly {
    provider: UnrulyProvider,
    signer: Seed,
    credential: CredentialWithKey,
    group: Option<MlsGroup>,
}

struct UnrulyProvider {
    crypto: SpoiltCrypto,
    randomness: SuiteCrypto,
    storage: MemoryStorage,
}

impl OpenMlsProvider for UnrulyProvider {
    type CryptoProvider = SpoiltCrypto;
    type RandProvider = SuiteCrypto;
    type StorageProvider = MemoryStorage;

    fn storage(&self) -> &MemoryStorage {
        &self.storage
    }

    fn crypto(&self) -> &SpoiltCrypto {
        &self.crypto
    }

    fn rand(&self) -> &SuiteCrypto {
        &self.randomness
    }
}

/// The seed of a device's key.
#[derive(Clone)]
struct Seed([u8; 32]);

impl Signer for Seed {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        SuiteCrypto::without_randomness()
            .sign(SignatureScheme::ED25519, payload, &self.0)
            .map_err(SignerError::CryptoError)
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// What a Commit consists of, each as an `MLSMessage`.
#[derive(Clone, Debug)]
pub struct Made {
    /// The Commit.
    pub commit: Vec<u8>,
    /// The GroupInfo of where it leads.
    pub group_info: Vec<u8>,
    /// The Welcome, if it adds somebody.
    pub welcome: Option<Vec<u8>>,
}

impl Unruly {
    /// As this device.
    #[must_use]
    pub fn new(rng: &mut impl CryptoRng, device: &Device) -> Self {
        let record = device.encode();
        let (_, seed) = record.expose().split_last_chunk().unwrap();
        let credential = device.credential();
        Self {
            provider: UnrulyProvider {
                crypto: SpoiltCrypto::new(SuiteCrypto::new(rng)),
                randomness: SuiteCrypto::new(rng),
                storage: MemoryStorage::default(),
            },
            signer: Seed(*seed),
            credential: CredentialWithKey {
                credential: BasicCredential::new(credential.encode()).into(),
                signature_key: credential.device_key.as_bytes().as_slice().into(),
            },
            group: None,
        }
    }

    /// A KeyPackage by which it can be invited, as an `MLSMessage`.
    #[must_use]
    pub fn key_package(&self, suite: Suite, now: Timestamp) -> Vec<u8> {
        let bundle = KeyPackage::builder()
            .key_package_lifetime(Lifetime::init(0, now.0 / 1000 + LIFETIME))
            .leaf_node_capabilities(capabilities())
            .build(
                ciphersuite(suite),
                &self.provider,
                &self.signer,
                self.credential.clone(),
            )
            .unwrap();
        MlsMessageOut::from(bundle.into_key_package())
            .tls_serialize_detached()
            .unwrap()
    }

    /// Joins by a Welcome, an `MLSMessage`.
    pub fn joins(&mut self, welcome: &[u8]) {
        let MlsMessageBodyIn::Welcome(welcome) = message(welcome).extract() else {
            panic!("no Welcome")
        };
        let staged = StagedWelcome::new_from_welcome(&self.provider, &config(), welcome, None).unwrap();
        self.group = Some(staged.into_group(&self.provider).unwrap());
    }

    /// Joins alone by a GroupInfo, an `MLSMessage`, whether it may or not, showing this.
    pub fn joins_alone(&mut self, group_info: &[u8], evidence: &Evidence) -> Made {
        let MlsMessageBodyIn::GroupInfo(group_info) = message(group_info).extract() else {
            panic!("no GroupInfo")
        };
        let leaf = LeafNodeParameters::builder()
            .with_capabilities(capabilities())
            .build();
        let (group, bundle) = MlsGroup::external_commit_builder()
            .with_config(config())
            .skip_lifetime_validation()
            .with_aad(evidence.encode())
            .build_group(&self.provider, group_info, self.credential.clone())
            .unwrap()
            .leaf_node_parameters(leaf)
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.signer, |_| {
                true
            })
            .unwrap()
            .finalize(&self.provider)
            .unwrap();
        self.group = Some(group);
        made(bundle)
    }

    /// The group that it is in.
    pub fn group(&mut self) -> &mut MlsGroup {
        self.group.as_mut().unwrap()
    }

    /// The next Commit shows this.
    pub fn brings(&mut self, evidence: &Evidence) {
        self.group().set_aad(evidence.encode());
    }

    /// An application message of these bytes, with whatever stands beside them in the clear.
    pub fn says(&mut self, authenticated_data: &[u8], plain: &[u8]) -> Vec<u8> {
        let group = self.group.as_mut().unwrap();
        group.set_aad(authenticated_data.to_vec());
        let message = group.create_message(&self.provider, &self.signer, plain).unwrap();
        message.to_bytes().unwrap()
    }

    /// The device's signature over whatever this is.
    #[must_use]
    pub fn signs(&self, bytes: &[u8]) -> Signature {
        let signature = self.signer.sign(bytes).unwrap();
        Signature::from_bytes(signature.try_into().unwrap())
    }

    /// What is sealed from now on is spoilt for these.
    pub fn spoils(&self, spoil: Spoil) {
        self.provider.crypto.spoil(spoil);
    }

    /// A Commit with whatever the builder is told, which is then forgotten.
    pub fn makes(
        &mut self,
        with: impl for<'a> FnOnce(CommitBuilder<'a, Initial>) -> CommitBuilder<'a, Initial>,
    ) -> Made {
        let group = self.group.as_mut().unwrap();
        let bundle = with(group.commit_builder())
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.signer, |_| {
                true
            })
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        group.clear_pending_commit(self.provider.storage()).unwrap();
        made(bundle)
    }

    /// A Commit that changes nothing but keys.
    pub fn renews(&mut self) -> Made {
        self.makes(|commit| commit.force_self_update(true))
    }

    /// Takes a Commit of somebody else, whatever it does.
    pub fn takes(&mut self, commit: &[u8]) {
        let message = message(commit).try_into_protocol_message().unwrap();
        let group = self.group.as_mut().unwrap();
        let processed = group.process_message(&self.provider, message).unwrap();
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            panic!("no Commit")
        };
        group.merge_staged_commit(&self.provider, *staged).unwrap();
    }

    /// The leaf of a device.
    pub fn leaf_of(&mut self, device: DeviceAddress) -> Member {
        let is_sought = |member: &Member| {
            DeviceCredential::decode(member.credential.serialized_content())
                .is_ok_and(|credential| credential.address() == device)
        };
        self.group().members().find(is_sought).unwrap()
    }

    /// The group's rules.
    pub fn rules(&mut self) -> ChatRules {
        let encoded = self.group().extensions().unknown(EXTENSION_TYPE).unwrap();
        ChatRules::decode(&encoded.0).unwrap()
    }
}

/// The GroupContext's extensions with these rules.
#[must_use]
pub fn context(rules: &ChatRules) -> Extensions<GroupContext> {
    let required = RequiredCapabilitiesExtension::new(
        &[ExtensionType::Unknown(EXTENSION_TYPE)],
        &[],
        &[CredentialType::Basic],
    );
    let rules = UnknownExtension(rules.encode().unwrap());
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(required),
        Extension::Unknown(EXTENSION_TYPE, rules),
    ])
    .unwrap()
}

/// A KeyPackage out of an `MLSMessage`.
#[must_use]
pub fn key_package(bytes: &[u8]) -> KeyPackage {
    let MlsMessageBodyIn::KeyPackage(key_package) = message(bytes).extract() else {
        panic!("no KeyPackage")
    };
    let crypto = SuiteCrypto::without_randomness();
    key_package.validate(&crypto, ProtocolVersion::Mls10).unwrap()
}

fn made(bundle: CommitMessageBundle) -> Made {
    let (commit, welcome, group_info) = bundle.into_messages();
    Made {
        commit: commit.to_bytes().unwrap(),
        group_info: group_info.unwrap().to_bytes().unwrap(),
        welcome: welcome.map(|welcome| welcome.to_bytes().unwrap()),
    }
}

fn capabilities() -> Capabilities {
    Capabilities::builder()
        .ciphersuites(Suite::ALL.into_iter().map(ciphersuite).collect())
        .extensions(vec![
            ExtensionType::Unknown(EXTENSION_TYPE),
            ExtensionType::LastResort,
        ])
        .build()
}

fn config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .use_ratchet_tree_extension(true)
        .build()
}

fn message(bytes: &[u8]) -> MlsMessageIn {
    MlsMessageIn::tls_deserialize_exact_bytes(bytes).unwrap()
}
