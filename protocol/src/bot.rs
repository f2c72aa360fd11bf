//! Bots: accounts that a program speaks for.

use crate::fixed_bytes::fixed_bytes;

/// Bytes of what a bot's token shows to the server, once, to register its account: `HKDF-SHA-256(token, "sotto.v1 bot admission")`.
pub const ADMISSION_BYTES: usize = 32;

fixed_bytes! {
    /// What a server knows of a bot's token: SHA-256 of the admission that is derived from it. It leads to nothing else of the token.
    BotTokenHash[32];
}
