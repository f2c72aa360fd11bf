//! Other accounts: which identity key is known for each, and what becomes of another one.

mod book;
mod record;
mod request;
mod verdicts;

pub(crate) use book::{Contacts, Observation};
pub(crate) use record::ContactRecord;
pub use request::{BlockedAccount, ContactRequest};
pub(crate) use request::{Reception, subject};
pub(crate) use verdicts::{Subject, Verdict, Verdicts};

use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, AccountName, CoarseLocation, IdentityKey, PictureId};

/// Another account, as its profile says and as far as its identity is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub account: AccountId,
    /// Its unique name.
    pub name: AccountName,
    /// How it wants to be called; empty if it has not said.
    pub display_name: String,
    /// What is known of its identity key.
    pub identity: IdentityStatus,
}

/// Who is looked for. One that says neither a text nor a place is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleQuery {
    /// Part of a name, of a display name, or of what people say of themselves and of where they are.
    pub text: Option<String>,
    /// Near this place. The server is told of the point of the grid, and keeps it nowhere.
    pub near: Option<CoarseLocation>,
    /// How near, in kilometres; 50 if it is not said.
    pub within_km: Option<u16>,
}

/// By a text alone.
impl From<&str> for PeopleQuery {
    fn from(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..Self::default()
        }
    }
}

/// Somebody whom a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPerson {
    /// Who it is.
    pub person: Person,
    /// Whether a program speaks for them, and no person.
    pub is_bot: bool,
    /// What they say about themselves, or the beginning of it.
    pub about: String,
    /// Where they say that they are; empty if nowhere.
    pub place: String,
    /// Their picture in the small size, for [`Client::profile_picture`](crate::Client::profile_picture).
    pub picture: Option<PictureId>,
    /// How far they are from the place that the search is about: whole kilometres, and at least 10.
    pub distance_km: Option<u16>,
}

/// One page of a search for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeoplePage {
    /// The accounts found, those who fit best or are nearest first.
    pub people: Vec<FoundPerson>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// What is known of an account's identity key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentityStatus {
    /// Never seen: it will be trusted when a chat begins.
    New,
    /// The one that is known.
    Known,
    /// Another one than is known, or the name has gone to another account: nothing is sent until it is accepted.
    Changed,
}

/// An account that this one has a chat with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The account.
    pub account: AccountId,
    /// Its name, unless it has not been read from the server yet.
    pub name: Option<AccountName>,
    /// How it wants to be called; empty if it has not said.
    pub display_name: String,
    /// The identity key that is trusted.
    pub identity_key: IdentityKey,
    /// Another identity key that it shows now, if it does: accept it, or do not talk to it.
    pub changed_to: Option<IdentityKey>,
    /// Whether the user has compared the identity key with its owner, by safety number or safety code.
    pub is_verified: bool,
}

/// Who is who, for showing messages.
pub(crate) trait Names {
    /// The account's name, if it is known.
    fn name_of(&self, account: AccountId) -> Option<AccountName>;
    /// Whether it is this client's own account.
    fn is_own(&self, account: AccountId) -> bool;
    /// Whether this account blocks it.
    fn is_blocked(&self, account: AccountId) -> bool;
}

/// A profile whose signed device list holds.
pub(crate) struct VerifiedUser {
    /// The profile.
    pub(crate) user: User,
    /// Its device list.
    pub(crate) list: sotto_protocol::DeviceList,
}
