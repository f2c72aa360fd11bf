//! The server's own secrets, made when the installation first starts.

use super::{AccessTokens, LoginStates, MalformedOpaqueMessage, OpaqueServer};
use crate::captcha::CaptchaKey;
use crate::clock::Clock;
use crate::store::{SecretStore, StoreError};
use rand_core::CryptoRng;
use std::sync::Arc;
use zeroize::Zeroizing;

const OPAQUE_SETUP: &str = "opaque-setup";
const LOGIN_STATE_KEY: &str = "login-state-key";
const TOKEN_KEY: &str = "access-token-key";
const CAPTCHA_KEY: &str = "captcha-key";

/// Why the secrets cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the store has is not what this version keeps there. An operator has to look.
    #[error("the server secret {0} cannot be read")]
    Unreadable(&'static str),
}

/// What the server's own secrets are used for.
pub(crate) struct AuthSecrets {
    /// Registration and login.
    pub(crate) opaque: OpaqueServer,
    /// Logins between their round trips.
    pub(crate) login_states: LoginStates,
    /// Access tokens.
    pub(crate) access_tokens: AccessTokens,
    /// Proofs of work.
    pub(crate) captcha: CaptchaKey,
}

impl AuthSecrets {
    /// Reads the secrets, or makes them.
    pub(crate) async fn load(
        store: &impl SecretStore,
        rng: &mut (impl CryptoRng + Send),
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SecretsError> {
        let setup = store
            .server_secret(OPAQUE_SETUP, OpaqueServer::generate(rng))
            .await?;
        let opaque = OpaqueServer::new(&setup)
            .map_err(|MalformedOpaqueMessage| SecretsError::Unreadable(OPAQUE_SETUP))?;
        let login_states = LoginStates::new(&*key(store, LOGIN_STATE_KEY, rng).await?);
        let access_tokens = AccessTokens::new(&*key(store, TOKEN_KEY, rng).await?, clock);
        let captcha = CaptchaKey::new(&*key(store, CAPTCHA_KEY, rng).await?);
        Ok(Self {
            opaque,
            login_states,
            access_tokens,
            captcha,
        })
    }
}

async fn key(
    store: &impl SecretStore,
    name: &'static str,
    rng: &mut (impl CryptoRng + Send),
) -> Result<Zeroizing<[u8; 32]>, SecretsError> {
    let mut fresh = Zeroizing::new(vec![0; 32]);
    rng.fill_bytes(&mut fresh);
    let stored = store.server_secret(name, fresh).await?;
    let key = stored
        .as_slice()
        .try_into()
        .map_err(|_| SecretsError::Unreadable(name))?;
    Ok(Zeroizing::new(key))
}
