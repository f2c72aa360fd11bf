//! Who is known at the OpenID provider: which account is linked with whom there.

use super::StoreError;
use core::array::TryFromSliceError;
use sotto_protocol::{AccountId, Timestamp};

/// Somebody as the provider knows them: the hash of its name and theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OidcSubject(pub [u8; 32]);

impl TryFrom<&[u8]> for OidcSubject {
    type Error = TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

/// What is known of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownSubject {
    /// The account that is linked, if one is.
    pub account: Option<AccountId>,
    /// Whether the provider has stood in the place of an invite for an account once.
    pub has_registered: bool,
}

/// A link that a new account begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOidcLink {
    /// With whom.
    pub subject: OidcSubject,
    /// Whether it stands in the place of an invite.
    pub registers: bool,
}

/// What became of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linking {
    /// The account and the subject are linked.
    Linked,
    /// One of the two is linked with another.
    Taken,
    /// There is no such account.
    AccountNotFound,
}

/// Links between accounts and what they are called at the OpenID provider. An account has one at most, and so has a subject. A registration
/// makes one by [`super::AccountStore::create_account`], in the transaction that creates the account.
///
/// That a subject has registered an account is remembered when the link ends, and when the account does: else it would make as many as it
/// likes.
pub trait OidcStore: Send + Sync + 'static {
    /// What is known of a subject, if anything.
    fn oidc_subject(
        &self,
        subject: OidcSubject,
    ) -> impl Future<Output = Result<Option<KnownSubject>, StoreError>> + Send;

    /// Since when the account is linked, and with whom; `None` if it is not.
    fn oidc_link(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<(OidcSubject, Timestamp)>, StoreError>> + Send;

    /// Links an account that is not linked with a subject that is not. What is linked already stays so.
    fn link_oidc(
        &self,
        account: AccountId,
        subject: OidcSubject,
        at: Timestamp,
    ) -> impl Future<Output = Result<Linking, StoreError>> + Send;

    /// Ends the account's link. `false` if there was none.
    fn unlink_oidc(&self, account: AccountId) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
