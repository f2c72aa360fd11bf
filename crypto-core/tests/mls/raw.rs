//! A member without our rules: OpenMLS on our provider, as a malicious client would use it.

use crate::world::{CHAT, Client, NOW};
use openmls::prelude::tls_codec::{DeserializeBytes as _, Serialize as _};
use openmls::prelude::*;
use openmls_memory_storage::MemoryStorage;
use openmls_traits::signatures::{Signer, SignerError};
use sotto_crypto_core::Device;
use sotto_crypto_core::suite::{SuiteCrypto, ciphersuite};
use sotto_protocol::chat_rules::Party;
use sotto_protocol::{DeviceCredential, Evidence, Suite};

const EXTENSION: u16 = 0xF070;
/// How long after it was made a leaf's Lifetime ends: the days in which it may be invited, and a century.
const LIFETIME: u64 = (90 + 36_525) * 24 * 60 * 60;

/// A device that signs with its real key and otherwise does what it likes.
pub struct Raw {
    provider: RawProvider,
    pub signer: Seed,
    pub credential: CredentialWithKey,
    group: Option<MlsGroup>,
}

pub struct RawProvider {
    crypto: SuiteCrypto,
    storage: MemoryStorage,
}

impl OpenMlsProvider for RawProvider {
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

/// A signature key, taken from the device's record.
#[derive(Clone, Debug)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    pub fn of(device: &Device) -> Self {
        let record = device.encode();
        Self(record.expose()[record.expose().len() - 32..].try_into().unwrap())
    }
}

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

pub fn show(credential: &DeviceCredential) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(credential.encode()).into(),
        signature_key: credential.device_key.as_bytes().as_slice().into(),
    }
}

fn capabilities() -> Capabilities {
    Capabilities::builder()
        .ciphersuites(Suite::ALL.into_iter().map(ciphersuite).collect())
        .extensions(vec![ExtensionType::Unknown(EXTENSION), ExtensionType::LastResort])
        .build()
}

fn lifetime() -> Lifetime {
    Lifetime::init(0, NOW.0 / 1000 + LIFETIME)
}

/// The content of a direct chat's extension, by its specification.
pub fn parties(mut parties: [Party; 2]) -> Vec<u8> {
    parties.sort();
    let mut bytes = vec![1];
    for party in parties {
        bytes.extend_from_slice(party.account.as_bytes());
        bytes.extend_from_slice(party.identity_key.as_bytes());
    }
    bytes
}

/// A direct chat's GroupContext extensions, and others.
pub fn extensions(parties: Vec<u8>, others: Vec<Extension>) -> Extensions<GroupContext> {
    let required = RequiredCapabilitiesExtension::new(
        &[ExtensionType::Unknown(EXTENSION)],
        &[],
        &[CredentialType::Basic],
    );
    let mut all = vec![
        Extension::RequiredCapabilities(required),
        Extension::Unknown(EXTENSION, UnknownExtension(parties)),
    ];
    all.extend(others);
    Extensions::from_vec(all).unwrap()
}

impl Raw {
    /// Takes over an honest device.
    pub fn of(client: &mut Client) -> Self {
        Self {
            provider: RawProvider {
                crypto: SuiteCrypto::new(&mut client.rng),
                storage: MemoryStorage::default(),
            },
            signer: Seed::of(&client.device),
            credential: show(client.device.credential()),
            group: None,
        }
    }

    pub fn key_package(&self, suite: Suite) -> KeyPackage {
        KeyPackage::builder()
            .key_package_lifetime(lifetime())
            .leaf_node_capabilities(capabilities())
            .build(
                ciphersuite(suite),
                &self.provider,
                &self.signer,
                self.credential.clone(),
            )
            .unwrap()
            .into_key_package()
    }

    pub fn group(&mut self) -> &mut MlsGroup {
        self.group.as_mut().unwrap()
    }

    /// A group of its own making, with these members added: the Welcome.
    pub fn creates(
        &mut self,
        suite: Suite,
        extensions: Extensions<GroupContext>,
        invited: &[KeyPackage],
    ) -> Vec<u8> {
        let config = MlsGroupCreateConfig::builder()
            .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(true)
            .ciphersuite(ciphersuite(suite))
            .capabilities(capabilities())
            .lifetime(lifetime())
            .with_group_context_extensions(extensions)
            .build();
        let mut group = MlsGroup::new_with_group_id(
            &self.provider,
            &self.signer,
            &config,
            GroupId::from_slice(CHAT.as_bytes()),
            self.credential.clone(),
        )
        .unwrap();
        let (_, welcome, _) = group.add_members(&self.provider, &self.signer, invited).unwrap();
        group.merge_pending_commit(&self.provider).unwrap();
        self.group = Some(group);
        welcome.to_bytes().unwrap()
    }

    pub fn joins(&mut self, welcome: &[u8]) {
        let MlsMessageBodyIn::Welcome(welcome) = message(welcome).extract() else {
            panic!("no Welcome")
        };
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(true)
            .build();
        let staged = StagedWelcome::new_from_welcome(&self.provider, &config, welcome, None).unwrap();
        self.group = Some(staged.into_group(&self.provider).unwrap());
    }

    /// A Commit with whatever the builder is told, which is then forgotten.
    pub fn commits(
        &mut self,
        with: impl for<'a> FnOnce(CommitBuilder<'a, Initial>) -> CommitBuilder<'a, Initial>,
    ) -> Vec<u8> {
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
        bundle.into_commit().to_bytes().unwrap()
    }

    /// Goes on by such a Commit, whoever follows: the GroupInfo of where that leads.
    pub fn leads(
        &mut self,
        with: impl for<'a> FnOnce(CommitBuilder<'a, Initial>) -> CommitBuilder<'a, Initial>,
    ) -> Vec<u8> {
        let group = self.group.as_mut().unwrap();
        with(group.commit_builder())
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.signer, |_| {
                true
            })
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        group.merge_pending_commit(&self.provider).unwrap();
        let group_info = group.export_group_info(self.provider.crypto(), &self.signer, true);
        group_info.unwrap().to_bytes().unwrap()
    }

    /// A self-update that shows another credential and signature key from then on.
    pub fn commits_as(&mut self, signer: &Seed, credential_with_key: CredentialWithKey) -> Vec<u8> {
        let group = self.group.as_mut().unwrap();
        let new_signer = NewSignerBundle {
            signer,
            credential_with_key,
        };
        let bundle = group
            .commit_builder()
            .force_self_update(true)
            .load_psks(self.provider.storage())
            .unwrap()
            .build_with_new_signer(
                self.provider.rand(),
                self.provider.crypto(),
                &self.signer,
                new_signer,
                |_| true,
            )
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        group.clear_pending_commit(self.provider.storage()).unwrap();
        bundle.into_commit().to_bytes().unwrap()
    }

    pub fn proposes_an_update(&mut self) -> Vec<u8> {
        let group = self.group.as_mut().unwrap();
        let (proposal, _) = group
            .propose_self_update(&self.provider, &self.signer, LeafNodeParameters::default())
            .unwrap();
        group.clear_pending_proposals(self.provider.storage()).unwrap();
        proposal.to_bytes().unwrap()
    }

    /// Sends whatever bytes as an application message.
    pub fn says(&mut self, plain: &[u8]) -> Vec<u8> {
        self.group
            .as_mut()
            .unwrap()
            .create_message(&self.provider, &self.signer, plain)
            .unwrap()
            .to_bytes()
            .unwrap()
    }

    /// As [`Self::says`], with this as the authenticated data.
    pub fn says_beside(&mut self, authenticated_data: &[u8], plain: &[u8]) -> Vec<u8> {
        self.group().set_aad(authenticated_data.to_vec());
        self.says(plain)
    }

    pub fn reads(&mut self, payload: &[u8]) -> ProcessedMessageContent {
        let message = message(payload).try_into_protocol_message().unwrap();
        self.group
            .as_mut()
            .unwrap()
            .process_message(&self.provider, message)
            .unwrap()
            .into_content()
    }

    /// Takes a Commit of somebody else, whatever it does.
    pub fn takes(&mut self, commit: &[u8]) {
        let ProcessedMessageContent::StagedCommitMessage(staged) = self.reads(commit) else {
            panic!("no Commit")
        };
        let group = self.group.as_mut().unwrap();
        group.merge_staged_commit(&self.provider, *staged).unwrap();
    }

    /// Joins alone, whether or not it may: the external Commit.
    pub fn joins_externally(&mut self, group_info: &[u8]) -> Vec<u8> {
        self.joins_externally_by(group_info, &Evidence::default())
    }

    /// As [`Self::joins_externally`], showing this.
    pub fn joins_externally_by(&mut self, group_info: &[u8], evidence: &Evidence) -> Vec<u8> {
        let MlsMessageBodyIn::GroupInfo(group_info) = message(group_info).extract() else {
            panic!("no GroupInfo")
        };
        let leaf = LeafNodeParameters::builder()
            .with_capabilities(capabilities())
            .build();
        let (group, bundle) = MlsGroup::external_commit_builder()
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
        bundle.into_commit().to_bytes().unwrap()
    }
}

pub fn message(bytes: &[u8]) -> MlsMessageIn {
    MlsMessageIn::tls_deserialize_exact_bytes(bytes).unwrap()
}

pub fn bytes(key_package: &KeyPackage) -> Vec<u8> {
    MlsMessageOut::from(key_package.clone())
        .tls_serialize_detached()
        .unwrap()
}
