//! The recovery code: 24 words (BIP-39, English) that open the vault when the password is lost.

use crate::signature::sign;
use crate::{Label, Secret};
use bip39::{Language, Mnemonic};
use core::fmt;
use core::str::FromStr;
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use sotto_protocol::{AccountName, LoginChallenge, LoginKey, Signature};
use zeroize::{Zeroize, Zeroizing};

/// 256 random bits, shown as 24 words of which the last carries an 8-bit checksum. Shown once and written down on paper:
/// no device keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(pub(crate) Secret<32>);

/// The text is no recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryCodeError {
    /// Words are missing or too many.
    #[error("a recovery code has 24 words, not {0}")]
    WordCount(usize),
    /// A word is not in the list.
    #[error("word {position} of the recovery code is not in the list of words")]
    UnknownWord {
        /// Which, from 1.
        position: usize,
    },
    /// All words are in the list, but one is wrong or two are swapped.
    #[error("one of the recovery code's words is wrong, or two are swapped")]
    Checksum,
}

/// Words of a recovery code.
pub const WORDS: usize = 24;

impl RecoveryCode {
    /// A new code.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::generate(rng))
    }

    /// The words, separated by spaces: to be shown, and for nothing else.
    #[must_use]
    #[allow(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "BIP-39 has words for any 32 bytes"
    )]
    pub fn words(&self) -> Zeroizing<String> {
        let mnemonic = Mnemonic::from_entropy_in(Language::English, self.0.expose())
            .expect("32 bytes are an entropy that BIP-39 allows");
        // Room for the longest words, so that growing leaves no copy behind.
        let mut words = Zeroizing::new(String::with_capacity(WORDS * (LONGEST_WORD + 1)));
        for word in mnemonic.words() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
        words
    }

    /// The public half of the key that logs in by this code, for the server.
    #[must_use]
    pub fn login_key(&self) -> LoginKey {
        LoginKey::from_bytes(self.signing_key().verifying_key().to_bytes())
    }

    /// Shows the server that one has the code, and nothing of the code.
    #[must_use]
    pub fn prove(&self, name: &AccountName, challenge: LoginChallenge) -> Signature {
        let signed = challenge.by_recovery_code(name);
        sign(&self.signing_key(), Label::RecoveryLogin, &signed)
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(Label::RecoveryLogin.derive(&self.0).expose())
    }

    /// Seals the account's root.
    pub(crate) fn sealing_key(&self) -> Secret<32> {
        Label::VaultByRecoveryCode.derive(&self.0)
    }
}

const LONGEST_WORD: usize = 8;

/// Case and the amount of white space do not matter.
impl FromStr for RecoveryCode {
    type Err = RecoveryCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let count = text.split_whitespace().count();
        if count != WORDS {
            return Err(RecoveryCodeError::WordCount(count));
        }
        let text = Zeroizing::new(text.to_ascii_lowercase());
        let mnemonic =
            Mnemonic::parse_in_normalized(Language::English, &text).map_err(|error| match error {
                bip39::Error::BadWordCount(count) => RecoveryCodeError::WordCount(count),
                bip39::Error::UnknownWord(index) => RecoveryCodeError::UnknownWord { position: index + 1 },
                bip39::Error::InvalidChecksum
                | bip39::Error::BadEntropyBitCount(_)
                | bip39::Error::AmbiguousLanguages(_) => RecoveryCodeError::Checksum,
            })?;
        let (mut entropy, length) = mnemonic.to_entropy_array();
        let secret = entropy
            .get(..length)
            .ok_or(RecoveryCodeError::Checksum)
            .and_then(|entropy| Secret::try_from(entropy).map_err(|_| RecoveryCodeError::Checksum));
        entropy.zeroize();
        secret.map(Self)
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode")
    }
}
