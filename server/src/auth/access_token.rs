//! Access tokens: JWTs signed with Ed25519 (RFC 8037), by one key and one algorithm. Nothing in a token is secret.

use crate::clock::Clock;
use crate::store::SessionId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::{AccountId, Binary, DeviceAddress, DeviceId, Timestamp};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Seconds that a device's access token is good for.
pub(crate) const DEVICE_TOKEN_SECONDS: u32 = 15 * 60;
/// Seconds that an enrolment token is good for.
const ENROLMENT_TOKEN_SECONDS: u32 = 10 * 60;
/// Longest token in bytes, twice what one needs.
const TOKEN_BYTES_MAX: usize = 1024;

const ISSUER: &str = "sotto";
const AUDIENCE: &str = "sotto.v1";

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Everything that a device may do, as long as its session lasts.
    Device {
        /// The device.
        address: DeviceAddress,
        /// Its session.
        session: SessionId,
    },
    /// To enrol a device of the account, and, if that is how one logged in, to set its password. Nothing else.
    Enrolment {
        /// The account.
        account: AccountId,
        /// How one logged in.
        by: LoginMeans,
    },
}

/// How one logged in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LoginMeans {
    /// By name and password.
    Password,
    /// By name and recovery code.
    RecoveryCode,
    /// By a passkey, whose owner its authenticator has asked.
    Passkey,
    /// By a code that an old device showed. That says nothing of what its reader knows, and so allows the least.
    #[default]
    DeviceLink,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// This server did not issue it.
    #[error("not a token of this server")]
    Invalid,
    /// It was good once: refresh it.
    #[error("the token has expired")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: AccountId,
    iat: u64,
    exp: u64,
    #[serde(flatten)]
    scope: Scope,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "kebab-case")]
enum Scope {
    Device {
        device: DeviceId,
        session: Binary,
    },
    Enrolment {
        #[serde(default)]
        by: LoginMeans,
    },
}

/// Issues and checks access tokens.
pub(crate) struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    clock: Arc<dyn Clock>,
}

impl AccessTokens {
    /// With this Ed25519 seed (RFC 8032, section 5.1.5).
    pub(crate) fn new(seed: &[u8; 32], clock: Arc<dyn Clock>) -> Self {
        let public_key = ed25519_dalek::SigningKey::from_bytes(seed).verifying_key();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library looks at the machine's clock; `check` looks at ours.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_ed_der(&pkcs8(seed)),
            decoding: DecodingKey::from_ed_der(public_key.as_bytes()),
            validation,
            clock,
        }
    }

    /// A token for this.
    pub(crate) fn issue(&self, grant: Grant) -> Result<Token, jsonwebtoken::errors::Error> {
        let (account, scope, seconds) = match grant {
            Grant::Device { address, session } => {
                let scope = Scope::Device {
                    device: address.device,
                    session: session.0.to_vec().into(),
                };
                (address.account, scope, DEVICE_TOKEN_SECONDS)
            }
            Grant::Enrolment { account, by } => (account, Scope::Enrolment { by }, ENROLMENT_TOKEN_SECONDS),
        };
        let now = seconds_of(self.clock.now());
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: account,
            iat: now,
            exp: now + u64::from(seconds),
            scope,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.encoding).map(Token::new)
    }

    /// What a token allows, if it is one of ours and still good.
    pub(crate) fn check(&self, token: &str) -> Result<Grant, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Invalid);
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        if claims.exp <= seconds_of(self.clock.now()) {
            return Err(TokenError::Expired);
        }
        match claims.scope {
            Scope::Device { device, session } => Ok(Grant::Device {
                address: DeviceAddress {
                    account: claims.sub,
                    device,
                },
                session: SessionId(session.as_slice().try_into().map_err(|_| TokenError::Invalid)?),
            }),
            Scope::Enrolment { by } => Ok(Grant::Enrolment {
                account: claims.sub,
                by,
            }),
        }
    }
}

const fn seconds_of(time: Timestamp) -> u64 {
    time.0 / 1000
}

/// The seed as a PKCS #8 private key (RFC 8410, section 7), the form that the library takes.
fn pkcs8(seed: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    const PREFIX: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ];
    Zeroizing::new([&PREFIX[..], seed].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct ManualClock(AtomicU64);

    impl Clock for ManualClock {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    fn tokens(seed: u8) -> (AccessTokens, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock(AtomicU64::new(1_000_000_000)));
        (AccessTokens::new(&[seed; 32], clock.clone()), clock)
    }

    fn grant() -> Grant {
        Grant::Device {
            address: DeviceAddress {
                account: AccountId::from_bytes([1; 16]),
                device: DeviceId::from_bytes([2; 16]),
            },
            session: SessionId([3; 16]),
        }
    }

    #[test]
    fn a_token_says_what_was_granted() {
        let (tokens, _) = tokens(9);
        let enrolment = |by| Grant::Enrolment {
            account: AccountId::from_bytes([1; 16]),
            by,
        };
        for grant in [
            grant(),
            enrolment(LoginMeans::Password),
            enrolment(LoginMeans::RecoveryCode),
            enrolment(LoginMeans::Passkey),
            enrolment(LoginMeans::DeviceLink),
        ] {
            assert_eq!(tokens.check(tokens.issue(grant).unwrap().reveal()), Ok(grant));
        }
    }

    #[test]
    fn a_token_dies_after_its_time() {
        let (tokens, clock) = tokens(9);
        let token = tokens.issue(grant()).unwrap();
        clock
            .0
            .fetch_add(u64::from(DEVICE_TOKEN_SECONDS) * 1000 - 1, Ordering::Relaxed);
        assert!(tokens.check(token.reveal()).is_ok());
        clock.0.fetch_add(1, Ordering::Relaxed);
        assert_eq!(tokens.check(token.reveal()), Err(TokenError::Expired));
    }

    #[test]
    fn tokens_of_another_key_algorithm_issuer_or_audience_are_refused() {
        let (tokens, _) = tokens(9);
        let (others, _) = self::tokens(8);
        assert_eq!(
            tokens.check(others.issue(grant()).unwrap().reveal()),
            Err(TokenError::Invalid)
        );

        let claims = |iss: &str, aud: &str| {
            serde_json::json!({
                "iss": iss, "aud": aud, "sub": AccountId::from_bytes([1; 16]), "iat": 0, "exp": u64::MAX,
                "scope": "enrolment",
            })
        };
        let sign =
            |claims| jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &tokens.encoding).unwrap();
        assert!(tokens.check(&sign(claims(ISSUER, AUDIENCE))).is_ok());
        assert_eq!(
            tokens.check(&sign(claims("other", AUDIENCE))),
            Err(TokenError::Invalid)
        );
        assert_eq!(
            tokens.check(&sign(claims(ISSUER, "other"))),
            Err(TokenError::Invalid)
        );

        // The public key as an HMAC secret, the classic confusion, and no signature at all.
        let public = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key();
        let hmac = jsonwebtoken::encode(
            &Header::new(Algorithm::HS256),
            &claims(ISSUER, AUDIENCE),
            &EncodingKey::from_secret(public.as_bytes()),
        )
        .unwrap();
        assert_eq!(tokens.check(&hmac), Err(TokenError::Invalid));
        let signed = sign(claims(ISSUER, AUDIENCE));
        let payload = signed.split('.').nth(1).unwrap();
        let none = format!(
            "{}.{payload}.",
            sotto_protocol::binary::encode(br#"{"alg":"none","typ":"JWT"}"#)
        );
        assert_eq!(tokens.check(&none), Err(TokenError::Invalid));
    }

    #[test]
    fn anything_else_is_refused() {
        let (tokens, _) = tokens(9);
        let token = tokens.issue(grant()).unwrap().reveal().to_owned();
        for length in 0..token.len() {
            assert_eq!(tokens.check(&token[..length]), Err(TokenError::Invalid));
        }
        assert_eq!(
            tokens.check(&"a".repeat(TOKEN_BYTES_MAX + 1)),
            Err(TokenError::Invalid)
        );
    }
}
