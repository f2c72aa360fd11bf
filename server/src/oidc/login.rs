//! A login at the provider between its two round trips, and what it gives: both are carried by the client, sealed.

use crate::auth::PendingLogin;
use crate::store::OidcSubject;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sotto_protocol::Timestamp;
use subtle::ConstantTimeEq as _;

/// Characters of a verifier (RFC 7636, section 4.1).
const VERIFIER: core::ops::RangeInclusive<usize> = 43..=128;

/// A login at the provider, while somebody is there.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OidcLoginState {
    /// Random: what marks the login as used.
    pub(crate) login: [u8; 16],
    /// What the provider sends back.
    pub(crate) state: String,
    /// What has to be in the ID token.
    pub(crate) nonce: String,
    /// The hash of what the client knows that began it.
    pub(crate) challenge: [u8; 32],
    /// Where the provider sends back to.
    pub(crate) redirect_uri: String,
    /// When it is too late to finish.
    pub(crate) expires_at: Timestamp,
}

impl PendingLogin for OidcLoginState {
    const LABEL: &'static [u8] = b"sotto.v1 server oidc login state";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

impl OidcLoginState {
    /// Whether this came back from this login, to the client that began it.
    pub(crate) fn is_of(&self, state: &str, verifier: &str) -> bool {
        let is_this = self.state.as_bytes().ct_eq(state.as_bytes());
        let hash: [u8; 32] = Sha256::digest(verifier.as_bytes()).into();
        let began_it = self.challenge.ct_eq(&hash);
        VERIFIER.contains(&verifier.len()) && bool::from(is_this & began_it)
    }
}

/// Shows who somebody is at the provider.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OidcTicket {
    /// Who.
    pub(crate) subject: [u8; 32],
    /// When it shows nothing any more.
    pub(crate) expires_at: Timestamp,
}

impl PendingLogin for OidcTicket {
    const LABEL: &'static [u8] = b"sotto.v1 server oidc ticket";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// `SHA-256("sotto.v1 server oidc subject" ‖ 0x00 ‖ issuer ‖ 0x00 ‖ subject)`. Neither an issuer nor a subject has a zero.
pub(super) fn subject(issuer: &str, subject: &str) -> OidcSubject {
    let mut hash = Sha256::new();
    for part in ["sotto.v1 server oidc subject", "\0", issuer, "\0", subject] {
        hash.update(part.as_bytes());
    }
    OidcSubject(hash.finalize().into())
}
