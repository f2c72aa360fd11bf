//! What mls-rs has to be told to be a client of chats of ours: credentials, extensions, lifetimes, private handshakes.

use crate::member::{CHAT, NOW, seed_of};
use crate::provider::{Provider, Refused, SUITE};
use core::time::Duration;
use mls_rs::client_builder::{BaseConfig, PaddingMode, WithCryptoProvider, WithIdentityProvider};
use mls_rs::extension::ExtensionType;
use mls_rs::extension::built_in::RequiredCapabilitiesExt;
use mls_rs::identity::basic::BasicCredential;
use mls_rs::identity::{Credential, CredentialType, SigningIdentity};
use mls_rs::mls_rules::{CommitOptions, DefaultMlsRules, EncryptionOptions};
use mls_rs::time::MlsTime;
use mls_rs::{Client, Extension, ExtensionList, Group, IdentityProvider};
use mls_rs_core::identity::MemberValidationContext;
use sotto_crypto_core::{Device, verify_credential};
use sotto_protocol::{ChatRules, DeviceCredential};

/// The chat's rules, by its specification.
const RULES: ExtensionType = ExtensionType::new(0xF070);
pub const LAST_RESORT: ExtensionType = ExtensionType::new(0x000A);
/// How long after it was made a leaf's Lifetime ends: the days in which it may be invited, and a century.
const LIFETIME: u64 = (90 + 36_525) * 24 * 60 * 60;

pub type Config = WithIdentityProvider<Identities, WithCryptoProvider<Provider, BaseConfig>>;

/// What RFC 9420 leaves to the application.
#[derive(Clone, Copy)]
pub struct Manners {
    /// A Commit replaces its committer's keys even where it need not.
    pub path: bool,
    /// Commits and Proposals are `PrivateMessage`s.
    pub private: bool,
    /// Extensions that it has wherever others have to pass over those that they do not know (section 13.4): in its
    /// KeyPackages, its leaf and every GroupInfo.
    pub unknown: &'static [u16],
}

impl Manners {
    /// Those of our chats.
    pub const OURS: Self = Self {
        path: true,
        private: true,
        unknown: &[],
    };

    pub fn unknown_extensions(&self) -> ExtensionList {
        let extension = |&kind| Extension::new(ExtensionType::new(kind), b"for nobody to know".to_vec());
        self.unknown.iter().map(extension).collect()
    }
}

/// A client of this device. It pads what it encrypts by its own default, which is another than ours.
pub fn client(device: &Device, seed: [u8; 32], manners: Manners) -> Client<Config> {
    let commits = CommitOptions::new()
        .with_path_required(manners.path)
        .with_ratchet_tree_extension(true)
        .with_allow_external_commit(true);
    let rules = DefaultMlsRules::new()
        .with_commit_options(commits)
        .with_encryption_options(EncryptionOptions::new(manners.private, PaddingMode::StepFunction));
    let credential = device.credential();
    let identity = SigningIdentity::new(
        BasicCredential::new(credential.encode()).into_credential(),
        credential.device_key.as_bytes().to_vec().into(),
    );
    Client::builder()
        .crypto_provider(Provider::seeded(seed))
        .identity_provider(Identities)
        .mls_rules(rules)
        .extension_types([RULES, LAST_RESORT])
        .extension_types(manners.unknown.iter().copied().map(ExtensionType::new))
        .key_package_lifetime(Duration::from_secs(NOW.0 / 1000 + LIFETIME))
        .signing_identity(identity, seed_of(device).to_vec().into(), SUITE)
        .build()
}

/// When our Lifetimes begin.
pub fn begin_of_lifetimes() -> MlsTime {
    MlsTime::from(0)
}

/// The clock, by which mls-rs judges the Lifetimes of others.
pub fn clock() -> MlsTime {
    MlsTime::from(NOW.0 / 1000)
}

/// A chat of these rules, of one member.
pub fn group(client: &Client<Config>, rules: &ChatRules, manners: Manners) -> Group<Config> {
    client
        .group_builder()
        .unwrap()
        .with_group_id(CHAT.as_bytes().to_vec())
        .with_group_context_extensions(extensions(rules))
        .with_leaf_node_extensions(manners.unknown_extensions())
        .with_now_time(begin_of_lifetimes())
        .build()
        .unwrap()
}

/// The GroupContext extensions of a chat of these rules, in their order.
pub fn extensions(rules: &ChatRules) -> ExtensionList {
    let mut extensions = ExtensionList::new();
    extensions
        .set_from(RequiredCapabilitiesExt::new(
            vec![RULES],
            Vec::new(),
            vec![CredentialType::BASIC],
        ))
        .unwrap();
    extensions.set(Extension::new(RULES, rules.encode().unwrap()));
    extensions
}

/// The rules that a group's context holds.
pub fn rules(group: &Group<Config>) -> ChatRules {
    let extension = group.context().extensions.get(RULES).unwrap();
    ChatRules::decode(extension.extension_data()).unwrap()
}

pub fn credential(identity: &SigningIdentity) -> Result<DeviceCredential, Refused> {
    match &identity.credential {
        Credential::Basic(basic) => DeviceCredential::decode(&basic.identifier).map_err(|_| Refused),
        _ => Err(Refused),
    }
}

/// Knows our credentials.
#[derive(Clone)]
pub struct Identities;

impl IdentityProvider for Identities {
    type Error = Refused;

    fn validate_member(
        &self,
        identity: &SigningIdentity,
        _: Option<MlsTime>,
        _: MemberValidationContext<'_>,
    ) -> Result<(), Refused> {
        let credential = credential(identity)?;
        let is_own = credential.device_key.as_bytes() == identity.signature_key.as_bytes();
        (is_own && verify_credential(&credential).is_ok())
            .then_some(())
            .ok_or(Refused)
    }

    fn validate_external_sender(
        &self,
        _: &SigningIdentity,
        _: Option<MlsTime>,
        _: Option<&ExtensionList>,
    ) -> Result<(), Refused> {
        Err(Refused)
    }

    fn identity(&self, identity: &SigningIdentity, _: &ExtensionList) -> Result<Vec<u8>, Refused> {
        let address = credential(identity)?.address();
        Ok([*address.account.as_bytes(), *address.device.as_bytes()].concat())
    }

    fn valid_successor(
        &self,
        predecessor: &SigningIdentity,
        successor: &SigningIdentity,
        _: &ExtensionList,
    ) -> Result<bool, Refused> {
        Ok(credential(predecessor)?.address() == credential(successor)?.address())
    }

    fn supported_types(&self) -> Vec<CredentialType> {
        vec![CredentialType::BASIC]
    }
}
