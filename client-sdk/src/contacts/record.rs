//! What the store keeps of a contact.

use super::{Contact, IdentityStatus, Person};
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, AccountName, IdentityKey};

/// An account whose identity key is known.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ContactRecord {
    /// The account.
    pub(crate) account: AccountId,
    /// What its profile said, once it was read: until then the identity key is only what a group said.
    pub(crate) profile: Option<Profile>,
    /// The identity key that is trusted.
    pub(crate) identity_key: IdentityKey,
    /// Another one that was shown and is not accepted.
    pub(crate) changed_to: Option<IdentityKey>,
    /// The newest version seen of the device list that the identity key signs; 0 before the first.
    pub(crate) list_version: u64,
    /// Whether its name has gone to another account that was accepted.
    pub(crate) former: bool,
}

/// The part of a profile that is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: AccountName,
    pub(crate) display_name: String,
}

impl ContactRecord {
    /// An account that was met just now.
    pub(crate) const fn new(account: AccountId, identity_key: IdentityKey) -> Self {
        Self {
            account,
            profile: None,
            identity_key,
            changed_to: None,
            list_version: 0,
            former: false,
        }
    }

    /// How the contact is shown to the application.
    pub(crate) fn to_contact(&self, is_verified: bool) -> Contact {
        let profile = self.profile.as_ref();
        Contact {
            account: self.account,
            name: profile.map(|profile| profile.name.clone()),
            display_name: profile
                .map(|profile| profile.display_name.clone())
                .unwrap_or_default(),
            identity_key: self.identity_key,
            changed_to: self.changed_to,
            is_verified,
        }
    }

    /// The contact as a person; `None` until its profile was read.
    pub(crate) fn to_person(&self) -> Option<Person> {
        let profile = self.profile.as_ref()?;
        Some(Person {
            account: self.account,
            name: profile.name.clone(),
            display_name: profile.display_name.clone(),
            identity: if self.changed_to.is_some() {
                IdentityStatus::Changed
            } else {
                IdentityStatus::Known
            },
        })
    }
}
