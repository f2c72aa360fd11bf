//! Who sends (RFC 8292, VAPID): a token that the server signs for each push service, with a P-256 key that all nodes have.

use crate::auth::SecretsError;
use crate::clock::Clock;
use crate::store::SecretStore;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sotto_protocol::{Timestamp, binary};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

const NAME: &str = "push-identity-key";
/// How long a token is good. A push service refuses those that are good for more than a day.
const VALID_MILLIS: u64 = 12 * 60 * 60 * 1000;
/// How long before its end it is not used any more.
const RESERVE_MILLIS: u64 = 60 * 60 * 1000;
/// Push services whose tokens are kept. There are a handful.
const AUDIENCES: usize = 64;

/// The server's key for push services, and the tokens that it has signed lately.
pub(crate) struct Vapid {
    signing: EncodingKey,
    public: Vec<u8>,
    contact: Option<String>,
    clock: Arc<dyn Clock>,
    tokens: Mutex<HashMap<String, (String, Timestamp)>>,
}

/// What a token says.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("a token for a push service could not be signed")]
pub(super) struct SigningFailed(#[from] jsonwebtoken::errors::Error);

impl Vapid {
    /// Reads the key, or makes it.
    pub(crate) async fn load(
        store: &impl SecretStore,
        contact: Option<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SecretsError> {
        let unreadable = || SecretsError::Unreadable(NAME);
        let fresh = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(|_| unreadable())?;
        let fresh = Zeroizing::new(fresh.as_ref().to_vec());
        let stored = store.server_secret(NAME, fresh).await?;
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &stored).map_err(|_| unreadable())?;
        Ok(Self {
            signing: EncodingKey::from_ec_der(&stored),
            public: pair.public_key().as_ref().to_vec(),
            contact,
            clock,
            tokens: Mutex::default(),
        })
    }

    /// The public key, an uncompressed point: what browsers bind a subscription to.
    pub(crate) fn public_key(&self) -> &[u8] {
        &self.public
    }

    /// The header `Authorization` for the push service of this origin (RFC 8292, section 3).
    pub(super) fn authorization(&self, origin: &str) -> Result<String, SigningFailed> {
        let now = self.clock.now();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((authorization, _)) = tokens.get(origin).filter(|(_, until)| *until > now) {
            return Ok(authorization.clone());
        }
        let end = now.plus_millis(VALID_MILLIS);
        let claims = Claims {
            aud: origin,
            exp: end.0 / 1000,
            sub: self.contact.as_deref(),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.signing)?;
        let authorization = format!("vapid t={token}, k={}", binary::encode(&self.public));
        if tokens.len() >= AUDIENCES {
            tokens.clear();
        }
        let until = Timestamp(end.0.saturating_sub(RESERVE_MILLIS));
        tokens.insert(origin.to_owned(), (authorization.clone(), until));
        Ok(authorization)
    }
}

impl std::fmt::Debug for Vapid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vapid(…)")
    }
}
