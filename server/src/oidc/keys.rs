//! The provider's signing keys (RFC 7517): each for one algorithm.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Deserialize;

/// Keys that are looked at: many times what a provider has.
const KEYS_MAX: usize = 64;

/// The document at the provider's `jwks_uri`. Keys that cannot be read are left out: they are for something else.
#[derive(Debug, Deserialize)]
pub(super) struct KeysDocument {
    keys: Vec<serde_json::Value>,
}

/// Keys by which the provider signs.
pub(super) struct SigningKeys(Vec<SigningKey>);

struct SigningKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// What a token says of its key leads to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The provider may have a new one.
    Unknown,
    /// There can be none.
    Refused,
}

impl From<KeysDocument> for SigningKeys {
    fn from(document: KeysDocument) -> Self {
        let keys = document.keys.into_iter().take(KEYS_MAX).filter_map(|key| {
            let key: Jwk = serde_json::from_value(key).ok()?;
            Some(SigningKey {
                algorithm: algorithm(&key)?,
                key: DecodingKey::from_jwk(&key).ok()?,
                id: key.common.key_id,
            })
        });
        Self(keys.collect())
    }
}

impl SigningKeys {
    /// The key that has signed a token with this header, and the one algorithm that it is for. The header chooses among the keys, and never how a
    /// key is used.
    pub(super) fn of(&self, header: &Header) -> Result<(&DecodingKey, Algorithm), NoKey> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| header.kid.is_none() || key.id == header.kid);
        let Some(first) = fitting.next() else {
            // Where a key need not be named, there is nothing new to be looked for.
            return Err(if header.kid.is_some() {
                NoKey::Unknown
            } else {
                NoKey::Refused
            });
        };
        let key = if header.kid.is_some() {
            // One name for keys of two kinds.
            [first]
                .into_iter()
                .chain(fitting)
                .find(|key| key.algorithm == header.alg)
        } else {
            // A token that does not say by which of several it was signed is none that the provider may give (OpenID Connect Core, section 10.1).
            Some(first).filter(|first| fitting.next().is_none() && first.algorithm == header.alg)
        };
        key.map(|key| (&key.key, key.algorithm)).ok_or(NoKey::Refused)
    }
}

/// What a key is for, by its kind and by what it says of itself.
fn algorithm(key: &Jwk) -> Option<Algorithm> {
    let (algorithm, name) = match &key.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        // A secret that both sides know is no signature's, whoever publishes it.
        _ => return None,
    };
    let common = &key.common;
    let is_named = common.key_algorithm.is_none_or(|named| named == name);
    let signs = common
        .public_key_use
        .as_ref()
        .is_none_or(|used| *used == PublicKeyUse::Signature);
    let verifies = common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    (is_named && signs && verifies).then_some(algorithm)
}
