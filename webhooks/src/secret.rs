//! The secrets of webhooks: what whoever posts to the bot shows, and what the bot signs with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use core::str::FromStr;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// What a signing secret begins with, by Standard Webhooks.
const PREFIX: &str = "whsec_";
/// Bytes of a signing secret, by Standard Webhooks.
const SIGNING_BYTES: core::ops::RangeInclusive<usize> = 24..=64;
/// Characters of the secret of incoming webhooks. As many random ones cannot be guessed.
const INCOMING_CHARACTERS: usize = 16;

/// The text is no such secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// Too short for what nobody is to guess.
    #[error(
        "the secret of incoming webhooks has at least {INCOMING_CHARACTERS} characters, and none that is not shown"
    )]
    Incoming,
    /// Not as Standard Webhooks writes one.
    #[error("a signing secret is {PREFIX} and the base64 of 24 to 64 random bytes")]
    Signing,
}

/// What whoever posts to the bot shows. The hash of it is kept: both are compared as hashes, in constant time whatever their lengths.
#[derive(Clone)]
pub struct IncomingSecret([u8; 32]);

impl IncomingSecret {
    /// Whether this is the secret.
    #[must_use]
    pub fn is(&self, shown: &[u8]) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown).into();
        self.0.ct_eq(&shown).into()
    }
}

impl FromStr for IncomingSecret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A header can carry no others.
        if text.len() < INCOMING_CHARACTERS || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidSecret::Incoming);
        }
        Ok(Self(Sha256::digest(text).into()))
    }
}

impl fmt::Debug for IncomingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IncomingSecret")
    }
}

/// What the bot signs with, and whoever gets its posts verifies with.
#[derive(Clone)]
pub struct SigningSecret(Zeroizing<Vec<u8>>);

impl SigningSecret {
    /// The value of `webhook-signature`: `v1,` and base64 of `HMAC-SHA-256(secret, id ‖ "." ‖ timestamp ‖ "." ‖ body)`.
    #[must_use]
    #[allow(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "HMAC takes a key of any length"
    )]
    pub fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl FromStr for SigningSecret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let secret = text.strip_prefix(PREFIX).ok_or(InvalidSecret::Signing)?;
        let bytes = Zeroizing::new(STANDARD.decode(secret).map_err(|_| InvalidSecret::Signing)?);
        if SIGNING_BYTES.contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(InvalidSecret::Signing)
        }
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_signed_as_in_the_standard_s_own_example() {
        let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signature = secret.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_that_could_be_guessed_are_refused_and_none_is_printed() {
        for wrong in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjU",
            "whsec_?",
        ] {
            assert_eq!(
                wrong.parse::<SigningSecret>().unwrap_err(),
                InvalidSecret::Signing
            );
        }
        for wrong in ["", "fifteen-letters", "with a space in it"] {
            assert_eq!(
                wrong.parse::<IncomingSecret>().unwrap_err(),
                InvalidSecret::Incoming
            );
        }
        let secret: IncomingSecret = "sixteen-letters!".parse().unwrap();
        assert!(secret.is(b"sixteen-letters!") && !secret.is(b"sixteen-letters?") && !secret.is(b""));
        assert_eq!(format!("{secret:?}"), "IncomingSecret");
    }
}
