//! Refresh tokens: random bytes of which the store keeps hashes alone.

use crate::store::{RefreshTokenHashes, TokenHash};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use sotto_protocol::binary;
use sotto_protocol::rest::auth::Token;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FAMILY_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
const TEXT_BYTES: usize = (FAMILY_BYTES + SECRET_BYTES) / 3 * 4;

/// The text is no refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token")]
pub(crate) struct MalformedRefreshToken;

/// A refresh token: base64url of the session's family (16 random bytes) and a secret (32 random bytes) that is new
/// with each rotation.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct RefreshToken {
    family: [u8; FAMILY_BYTES],
    secret: [u8; SECRET_BYTES],
}

impl RefreshToken {
    /// The first token of a session.
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut token = Self {
            family: [0; FAMILY_BYTES],
            secret: [0; SECRET_BYTES],
        };
        rng.fill_bytes(&mut token.family);
        rng.fill_bytes(&mut token.secret);
        token
    }

    /// The token to follow this one.
    pub(crate) fn successor(&self, rng: &mut impl CryptoRng) -> Self {
        let mut successor = Self::generate(rng);
        successor.family = self.family;
        successor
    }

    /// Reads a client's token.
    pub(crate) fn read(token: &Token) -> Result<Self, MalformedRefreshToken> {
        if token.reveal().len() != TEXT_BYTES {
            return Err(MalformedRefreshToken);
        }
        let bytes = decode(token.reveal()).ok_or(MalformedRefreshToken)?;
        let (family, secret) = bytes.split_first_chunk().ok_or(MalformedRefreshToken)?;
        Ok(Self {
            family: *family,
            secret: secret.try_into().map_err(|_| MalformedRefreshToken)?,
        })
    }

    /// The token for the client.
    pub(crate) fn to_token(&self) -> Token {
        let bytes = Zeroizing::new([&self.family[..], &self.secret].concat());
        Token::new(binary::encode(&bytes))
    }

    /// The token for the store.
    pub(crate) fn hashes(&self) -> RefreshTokenHashes {
        RefreshTokenHashes {
            family: TokenHash(Sha256::digest(self.family).into()),
            secret: TokenHash(Sha256::digest(self.secret).into()),
        }
    }
}

fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let binary: binary::Binary = serde_json::from_value(text.into()).ok()?;
    Some(Zeroizing::new(binary.0.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_comes_back_has_the_same_hashes() {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let token = RefreshToken::generate(&mut rng);
        assert_eq!(
            RefreshToken::read(&token.to_token()).unwrap().hashes(),
            token.hashes()
        );
    }

    #[test]
    fn a_successor_is_of_the_same_family_with_another_secret() {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let token = RefreshToken::generate(&mut rng);
        let successor = token.successor(&mut rng);
        assert_eq!(successor.hashes().family, token.hashes().family);
        assert_ne!(successor.hashes().secret, token.hashes().secret);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            String::new(),
            "a".repeat(63),
            "a".repeat(65),
            "=".repeat(64),
            "é".repeat(32),
        ] {
            assert!(RefreshToken::read(&Token::new(text)).is_err());
        }
    }
}
