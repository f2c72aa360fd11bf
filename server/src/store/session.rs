//! Sessions of devices, their refresh tokens, and logins that were used up.

use super::StoreError;
use sotto_protocol::{AccountId, Ban, DeviceAddress, Timestamp};
use std::fmt;

/// A session: what an access token belongs to. Random.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 16]);

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(")?;
        for byte in self.0.iter().take(4) {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

/// SHA-256 of one part of a refresh token. The token itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A refresh token as the store sees it.
///
/// A token has two random parts: the *family*, which stays for the whole session, and the *secret*, new with
/// each rotation. Whoever presents a family with a secret that is not the latest holds a token of this session
/// that was replaced before: so every reuse is seen, however old, and no replaced token has to be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshTokenHashes {
    /// SHA-256 of the family: at least 16 random bytes.
    pub family: TokenHash,
    /// SHA-256 of the secret: at least 32 random bytes.
    pub secret: TokenHash,
}

/// A session to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Its first refresh token.
    pub refresh: RefreshTokenHashes,
    /// When the session ends if it is not refreshed before.
    pub expires_at: Timestamp,
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The device that it is of.
    pub device: DeviceAddress,
    /// Whether its account is a bot.
    pub is_bot: bool,
    /// When it ends if it is not refreshed before.
    pub expires_at: Timestamp,
}

/// What became of a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The successor is the session's refresh token now.
    Rotated(Session),
    /// No session has this token, or its time is over.
    Unknown,
    /// The token had been replaced and its successor used: it is in two hands. The session has ended.
    Reused(Session),
    /// The account is banned: the token stays the session's, and is good again when that is over.
    Banned(Ban),
}

/// Sessions.
pub trait SessionStore: Send + Sync + 'static {
    /// Uses a login up: `true` the first time, `false` ever after. Remembered until `expires_at`, after which the
    /// login is refused for its age.
    fn spend_login(
        &self,
        login: [u8; 16],
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The session, if it has not ended.
    fn session(
        &self,
        id: SessionId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Session>, StoreError>> + Send;

    /// Replaces a refresh token by a successor of the same family.
    ///
    /// The token before the latest is taken too, as long as the latest has not been used: the answer that carried
    /// it may be lost. The latest is then replaced. Any other token of the family ends the session.
    fn rotate_refresh_token(
        &self,
        presented: RefreshTokenHashes,
        successor: TokenHash,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<Rotation, StoreError>> + Send;

    /// Ends a session. `false` if there was none.
    fn end_session(&self, id: SessionId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Ends every session of an account.
    fn end_sessions_of(&self, account: AccountId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets sessions and spent logins whose time is over.
    fn purge_expired_sessions(&self, now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}
