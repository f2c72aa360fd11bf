//! The token of a bot: all that its program needs to be it.

use crate::{Label, Secret};
use core::fmt;
use core::str::FromStr;
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use sotto_protocol::{AccountName, BotTokenHash, binary, bot};
use zeroize::Zeroizing;

/// What a token begins with, so that one that has got into public is recognised.
const PREFIX: &str = "sotto-bot:";

/// A bot's name and 256 random bits. What registers the bot and what opens it are derived from them apart from each other: the server is
/// shown the one, once, and learns nothing of the other.
#[derive(Clone, PartialEq, Eq)]
pub struct BotToken {
    name: AccountName,
    secret: Secret<32>,
}

/// The text is no bot's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is no bot token: one begins with {PREFIX}")]
pub struct NotABotToken;

impl BotToken {
    /// A new token for a bot of this name.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng, name: AccountName) -> Self {
        Self {
            name,
            secret: Secret::generate(rng),
        }
    }

    /// The bot's name.
    #[must_use]
    pub const fn name(&self) -> &AccountName {
        &self.name
    }

    /// What the server is given by whoever makes the bot: SHA-256 of [`Self::admission`].
    #[must_use]
    pub fn hash(&self) -> BotTokenHash {
        BotTokenHash::from_bytes(Sha256::digest(self.admission().expose()).into())
    }

    /// What registers the bot: `HKDF-SHA-256(secret, "sotto.v1 bot admission")`.
    #[must_use]
    pub fn admission(&self) -> Secret<{ bot::ADMISSION_BYTES }> {
        Label::BotAdmission.derive(&self.secret)
    }

    /// The bot's password: base64url of `HKDF-SHA-256(secret, "sotto.v1 bot password")`.
    #[must_use]
    pub fn password(&self) -> Zeroizing<String> {
        Zeroizing::new(binary::encode(Label::BotPassword.derive(&self.secret).expose()))
    }

    /// The token as its program is given it: `sotto-bot:NAME:SECRET`, the secret as base64url. To be shown once, and kept as a password.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(binary::encode(self.secret.expose()));
        // Room for all of it at once: growing would leave a copy behind.
        let length = PREFIX.len() + self.name.as_str().len() + 1 + secret.len();
        let mut text = Zeroizing::new(String::with_capacity(length));
        for part in [PREFIX, self.name.as_str(), ":", secret.as_str()] {
            text.push_str(part);
        }
        text
    }
}

impl FromStr for BotToken {
    type Err = NotABotToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Bounded before anything is decoded.
        if text.len() > 128 {
            return Err(NotABotToken);
        }
        let (name, secret) = text
            .trim()
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once(':'))
            .ok_or(NotABotToken)?;
        let secret = Zeroizing::new(binary::decode(secret).ok_or(NotABotToken)?);
        Ok(Self {
            name: name.parse().map_err(|_| NotABotToken)?,
            secret: Secret::try_from(secret.as_slice()).map_err(|_| NotABotToken)?,
        })
    }
}

impl fmt::Debug for BotToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BotToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> BotToken {
        BotToken {
            name: "weather.bot".parse().unwrap(),
            secret: Secret::from_bytes([7; 32]),
        }
    }

    #[test]
    fn a_token_is_read_as_it_was_written_and_nothing_else_is_one() {
        let text = token().to_text();
        assert_eq!(text.parse::<BotToken>(), Ok(token()));
        assert_eq!(format!(" {}\n", *text).parse::<BotToken>(), Ok(token()));
        for wrong in [
            "",
            "sotto-bot:",
            "sotto-bot:weather",
            "sotto-bot:weather:",
            "sotto-bot:weather:AAAA",
            "sotto-bot:No Name:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
            &format!("x{}", *text),
        ] {
            assert_eq!(wrong.parse::<BotToken>(), Err(NotABotToken), "{wrong}");
        }
    }

    #[test]
    fn what_the_server_is_shown_is_not_what_opens_the_bot() {
        let token = token();
        assert_ne!(binary::encode(token.admission().expose()), *token.password());
        assert_eq!(format!("{token:?}"), "BotToken");
        let other: BotToken = token.to_text().replace("weather.bot", "news").parse().unwrap();
        assert_eq!(other.hash(), token.hash());
    }
}
