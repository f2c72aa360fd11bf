//! Logins by a signature instead of a password: whoever holds a recovery code, or was shown a code by an old device, signs a
//! random challenge of ours. As with passwords, the server keeps nothing between the two round trips, and learns nothing that it
//! could log in with.

use super::login_state::PendingLogin;
use crate::signature::{is_signed, verifying_key};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, AccountName, DeviceLinkId, LoginChallenge, LoginKey, Signature, Timestamp};

/// A login by recovery code between its two round trips.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RecoveryState {
    /// Random: what marks the login as used.
    pub(crate) login: [u8; 16],
    /// The name that it is for.
    pub(crate) name: AccountName,
    /// The account that had the name at the start, or random bytes: the state is as long for a name that nobody has.
    pub(crate) account: AccountId,
    /// What is to be signed.
    pub(crate) challenge: LoginChallenge,
    /// When it is too late to finish.
    pub(crate) expires_at: Timestamp,
}

impl PendingLogin for RecoveryState {
    const LABEL: &'static [u8] = b"sotto.v1 server recovery state";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// A login by device link between its two round trips.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DeviceLinkState {
    /// The link that it is by, whether there is one or not.
    pub(crate) link: DeviceLinkId,
    /// What is to be signed.
    pub(crate) challenge: LoginChallenge,
    /// When it is too late to finish.
    pub(crate) expires_at: Timestamp,
}

impl PendingLogin for DeviceLinkState {
    const LABEL: &'static [u8] = b"sotto.v1 server device link state";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// A challenge that nobody has seen before.
pub(crate) fn new_challenge(rng: &mut impl CryptoRng) -> LoginChallenge {
    let mut challenge = [0; LoginChallenge::LENGTH];
    rng.fill_bytes(&mut challenge);
    LoginChallenge::from_bytes(challenge)
}

/// Whether a key that logs in is one: a point of the curve under which a signature binds its message.
pub(crate) fn is_login_key(key: LoginKey) -> bool {
    verifying_key(key.as_bytes()).is_some()
}

/// Whether this is the key's signature over `label ‖ 0x00 ‖ signed` (RFC 8032, strict). Without a key it takes as long, and it is
/// not.
pub(crate) fn is_proven(key: Option<LoginKey>, label: &str, signed: &[u8], signature: &Signature) -> bool {
    // Ed25519's base point stands for a key that there is not. Anyone can sign for it, so that alone proves nothing.
    const NOBODYS: LoginKey = LoginKey::from_bytes({
        let mut base_point = [0x66; 32];
        base_point[0] = 0x58;
        base_point
    });
    let holds = verifying_key(key.unwrap_or(NOBODYS).as_bytes())
        .is_some_and(|verifying_key| is_signed(&verifying_key, label, signed, signature));
    holds && key.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    #[test]
    fn a_signature_proves_its_own_key_label_and_message() {
        let signer = SigningKey::from_bytes(&[7; 32]);
        let key = LoginKey::from_bytes(signer.verifying_key().to_bytes());
        let other = LoginKey::from_bytes(SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes());
        let signature = Signature::from_bytes(signer.sign(b"label\0message").to_bytes());
        assert!(is_proven(Some(key), "label", b"message", &signature));
        assert!(!is_proven(Some(other), "label", b"message", &signature));
        assert!(!is_proven(Some(key), "lable", b"message", &signature));
        assert!(!is_proven(Some(key), "label", b"massage", &signature));
        assert!(!is_proven(None, "label", b"message", &signature));
    }

    /// For the point of order 1 a signature of zeros holds over any message.
    #[test]
    fn a_key_that_anyone_can_sign_for_is_none() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let neutral = LoginKey::from_bytes(neutral);
        assert!(!is_login_key(neutral));
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(!is_proven(
            Some(neutral),
            "label",
            b"message",
            &Signature::from_bytes(signature)
        ));
        assert!(!is_login_key(LoginKey::from_bytes([2; 32])));
    }
}
