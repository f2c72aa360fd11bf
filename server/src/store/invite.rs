//! Invites: what lets a newcomer create an account where only the invited may.

use super::StoreError;
use sotto_protocol::rest::admin::Invite;
use sotto_protocol::{InviteId, Timestamp};
use std::fmt;

/// SHA-256 of an invite code. The code itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct InviteHash(pub [u8; 32]);

impl fmt::Debug for InviteHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteHash(…)")
    }
}

/// An invite to keep.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// What it is known by to who made it.
    pub invite: InviteId,
    /// What it is known by to who uses it.
    pub hash: InviteHash,
    /// How many accounts may be created with it.
    pub uses: u32,
    /// What it is for, in its maker's words.
    pub note: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Invites. They are made and ended by [`super::AdminStore::perform`]. A use is taken by [`super::AccountStore::create_account`], in the transaction that creates the account.
pub trait InviteStore: Send + Sync + 'static {
    /// All that are kept, the latest first: those that are used up or over, too, until they are forgotten.
    fn invites(&self) -> impl Future<Output = Result<Vec<Invite>, StoreError>> + Send;

    /// Forgets invites that ended at this time or before it.
    fn purge_invites(&self, before: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}
