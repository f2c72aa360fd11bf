//! What is known of the provider: what it offers (OpenID Connect Discovery), and its keys. Read when it is first needed, and anew after an hour,
//! or when a token names a key that is not known.

use super::OidcError;
use super::fetch::{FetchError, Fetcher};
use super::keys::{KeysDocument, SigningKeys};
use crate::clock::Clock;
use crate::config;
use crate::config::secure_url;
use crate::http::chain;
use reqwest::Url;
use serde::Deserialize;
use sotto_protocol::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

/// Milliseconds after which a key that the provider has taken away counts no more.
const TRUSTED_MILLIS: u64 = 60 * 60 * 1000;
/// Milliseconds for which a provider that was not reached is left alone.
const PAUSE_MILLIS: u64 = 5_000;
/// How often the keys are read anew within [`ROTATION_MILLIS`] because of a token that names another: anybody can write such a token.
const ROTATIONS: usize = 4;
const ROTATION_MILLIS: u64 = 5 * 60 * 1000;

/// `<issuer>/.well-known/openid-configuration`, as far as it is used.
#[derive(Debug, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// A provider as it was last read.
pub(super) struct Provider {
    /// Where browsers go.
    pub(super) authorization_endpoint: Url,
    /// Where codes are redeemed.
    pub(super) token_endpoint: Url,
    /// Whether it says who it is when it sends people back (RFC 9207).
    pub(super) says_who_it_is: bool,
    /// Whether the secret goes into the body: it takes no other way.
    pub(super) takes_secret_in_body: bool,
    /// Its keys.
    pub(super) keys: SigningKeys,
    read_at: Timestamp,
}

/// Knows the provider.
pub(super) struct Knowledge {
    issuer: String,
    fetcher: Fetcher,
    clock: Arc<dyn Clock>,
    known: RwLock<Option<Arc<Provider>>>,
    /// Held by who reads: others wait for what it brings.
    reading: Mutex<Readings>,
}

#[derive(Default)]
struct Readings {
    failed_at: Option<Timestamp>,
    rotations: VecDeque<Timestamp>,
}

impl Knowledge {
    pub(super) fn new(config: &config::Oidc, fetcher: Fetcher, clock: Arc<dyn Clock>) -> Self {
        Self {
            issuer: config.issuer.clone(),
            fetcher,
            clock,
            known: RwLock::new(None),
            reading: Mutex::new(Readings::default()),
        }
    }

    pub(super) const fn fetcher(&self) -> &Fetcher {
        &self.fetcher
    }

    /// The provider.
    pub(super) async fn provider(&self) -> Result<Arc<Provider>, OidcError> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let mut readings = self.reading.lock().await;
        match self.known() {
            Some(known) => Ok(known),
            None => self.read(&mut readings).await,
        }
    }

    /// The provider, read anew as a token names a key that `seen` has not. `None` if it has been looked for often enough.
    pub(super) async fn after(&self, seen: &Arc<Provider>) -> Result<Option<Arc<Provider>>, OidcError> {
        let mut readings = self.reading.lock().await;
        if let Some(known) = self.known().filter(|known| !Arc::ptr_eq(known, seen)) {
            return Ok(Some(known));
        }
        let now = self.clock.now();
        readings
            .rotations
            .retain(|at| now < at.plus_millis(ROTATION_MILLIS));
        if readings.rotations.len() >= ROTATIONS {
            return Ok(None);
        }
        readings.rotations.push_back(now);
        self.read(&mut readings).await.map(Some)
    }

    /// What is known and not too old.
    fn known(&self) -> Option<Arc<Provider>> {
        let now = self.clock.now();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .as_ref()
            .filter(|known| now < known.read_at.plus_millis(TRUSTED_MILLIS))
            .map(Arc::clone)
    }

    async fn read(&self, readings: &mut Readings) -> Result<Arc<Provider>, OidcError> {
        let now = self.clock.now();
        if readings
            .failed_at
            .is_some_and(|at| now < at.plus_millis(PAUSE_MILLIS))
        {
            return Err(OidcError::Unavailable);
        }
        match self.fetch().await {
            Ok(provider) => {
                readings.failed_at = None;
                let provider = Arc::new(provider);
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                *known = Some(Arc::clone(&provider));
                Ok(provider)
            }
            Err(error) => {
                readings.failed_at = Some(now);
                tracing::warn!(
                    error = chain(&error),
                    "the OpenID provider cannot be used for now"
                );
                Err(OidcError::Unavailable)
            }
        }
    }

    async fn fetch(&self) -> Result<Provider, ProviderError> {
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let address = secure_url(&address).ok_or(ProviderError::Endpoint("issuer"))?;
        // Only who is reached on this machine may lead to what is on this machine.
        let may_be_here = address.scheme() == "http";
        let discovery: Discovery = self
            .fetcher
            .get(address)
            .await
            .map_err(ProviderError::Discovery)?;
        if discovery.issuer != self.issuer {
            return Err(ProviderError::AnotherIssuer);
        }
        let endpoint = |text: &str, name| {
            secure_url(text)
                .filter(|url| may_be_here || url.scheme() == "https")
                .ok_or(ProviderError::Endpoint(name))
        };
        let keys = endpoint(&discovery.jwks_uri, "jwks_uri")?;
        let keys: KeysDocument = self.fetcher.get(keys).await.map_err(ProviderError::Keys)?;
        let methods = discovery.token_endpoint_auth_methods_supported;
        let takes = |wanted: &str| {
            methods
                .as_ref()
                .is_some_and(|methods| methods.iter().any(|method| method == wanted))
        };
        Ok(Provider {
            authorization_endpoint: endpoint(&discovery.authorization_endpoint, "authorization_endpoint")?,
            token_endpoint: endpoint(&discovery.token_endpoint, "token_endpoint")?,
            says_who_it_is: discovery.authorization_response_iss_parameter_supported,
            takes_secret_in_body: takes("client_secret_post") && !takes("client_secret_basic"),
            keys: keys.into(),
            read_at: self.clock.now(),
        })
    }
}

/// Why the provider cannot be used. For the log.
#[derive(Debug, thiserror::Error)]
enum ProviderError {
    #[error("what the OpenID provider offers")]
    Discovery(#[source] FetchError),
    #[error("the OpenID provider's keys")]
    Keys(#[source] FetchError),
    #[error("the OpenID provider names itself otherwise than oidc.issuer does")]
    AnotherIssuer,
    #[error("the OpenID provider's {0} is not at an https address")]
    Endpoint(&'static str),
}
