//! Logins at the server's OpenID provider: it says who somebody is, and opens nothing. The account's root stays sealed by its password, its
//! recovery code and its passkeys, and whoever comes from the provider still shows one of them.
//!
//! What the provider gives is a ticket, which the client holds for ten minutes and shows by itself: to [`Client::register_with`], to every
//! login, and to [`Client::link_oidc`].
//!
//! [`Client::register_with`]: crate::Client::register_with
//! [`Client::link_oidc`]: crate::Client::link_oidc

mod client;
mod returned;

pub(crate) use returned::{Pending, Returned, is_address_of_a_page};

use sotto_protocol::AccountName;
use zeroize::Zeroizing;

/// A login at the provider that has begun.
#[derive(Clone)]
pub struct OidcLogin {
    /// Where the browser is to go.
    pub authorization_url: String,
    /// What [`Client::finish_oidc_login`](crate::Client::finish_oidc_login) needs: to be kept where only this client reads it, since its page may
    /// go away meanwhile.
    pub pending: Zeroizing<String>,
}

/// Who has logged in at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcIdentity {
    /// The account that is linked, if one is: the one to log in to.
    pub account: Option<AccountName>,
    /// How a new account might be called.
    pub suggested_name: Option<AccountName>,
    /// Whether a new account needs no invite, also where nobody else may make one.
    pub registration: bool,
}
