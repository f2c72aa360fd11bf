//! Web Push: wakes devices that are not connected (RFC 8030, 8291, 8292).
//!
//! ```text
//! delivery: what was stored, for whom → run: not connected here, subscribed, not quiet, sender not blocked, not woken just now
//!     → a task each: connected nowhere → encrypted, signed → the push service, again after a while if it cannot take it
//! ```

mod encrypt;
mod endpoint;
mod run;
mod send;
mod vapid;

pub(crate) use encrypt::InvalidKey;
pub(crate) use endpoint::RefusedEndpoint;
pub(crate) use run::run;

use crate::auth::SecretsError;
use crate::clock::Clock;
use crate::config;
use crate::store::{SecretStore, SubscriptionKeys};
use send::{Sender, UnusableCertificates};
use std::sync::Arc;
use vapid::Vapid;

/// The first byte of every wake-up's text. All else is padding.
const VERSION: u8 = 1;
/// Bytes of padding: there is room for something to be said one day, at the same length.
const PADDING_BYTES: usize = 62;

/// Why wake-ups cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// See [`SecretsError`].
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// See [`UnusableCertificates`].
    #[error(transparent)]
    Certificates(#[from] UnusableCertificates),
}

/// What wake-ups are sent with.
#[derive(Debug)]
pub(crate) struct Push {
    vapid: Vapid,
    sender: Sender,
    config: config::Push,
}

impl Push {
    /// With the server's key, which is made if there is none.
    pub(crate) async fn open(
        store: &impl SecretStore,
        config: config::Push,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PushError> {
        Ok(Self {
            vapid: Vapid::load(store, config.contact(), clock).await?,
            sender: Sender::new(&config)?,
            config,
        })
    }

    /// Whether wake-ups can be sent; the log says why not.
    fn is_able(&self) -> bool {
        self.sender.client().is_some()
    }

    /// The server's public key, an uncompressed point of P-256.
    pub(crate) fn public_key(&self) -> &[u8] {
        self.vapid.public_key()
    }

    /// The endpoint in its usual form, if it is one that this server sends to.
    pub(crate) fn check_endpoint(&self, endpoint: &str) -> Result<String, RefusedEndpoint> {
        endpoint::check(endpoint, &self.config).map(String::from)
    }

    /// Whether something can be encrypted for these keys.
    pub(crate) fn check_keys(keys: &SubscriptionKeys) -> Result<(), InvalidKey> {
        wake_up(keys).map(drop)
    }
}

/// A wake-up: it has one length, and says nothing.
fn wake_up(keys: &SubscriptionKeys) -> Result<Vec<u8>, InvalidKey> {
    encrypt::encrypt(keys, &[VERSION], PADDING_BYTES)
}
