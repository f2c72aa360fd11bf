//! What a Commit would change.

use super::{ChatRules, Invited};
use crate::{AccountId, DeviceAddress, DeviceCredential, IdentityKey, Suite};

/// A device in a chat, or about to be, as the rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The device.
    pub address: DeviceAddress,
    /// The identity key that its credential shows. `None` to the server, which does not read credentials: then it counts as
    /// the right one.
    pub identity_key: Option<IdentityKey>,
}

impl Member {
    /// The device's account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.address.account
    }

    /// Whether it may be a device of an account with this identity key.
    pub(super) fn shows(&self, identity_key: IdentityKey) -> bool {
        self.identity_key.is_none_or(|shown| shown == identity_key)
    }

    /// Whether two devices of one account show one identity key.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        other.identity_key.is_none_or(|shown| self.shows(shown))
    }
}

impl From<&DeviceCredential> for Member {
    fn from(credential: &DeviceCredential) -> Self {
        Self {
            address: credential.address(),
            identity_key: Some(credential.identity_key),
        }
    }
}

/// A device whose identity key is not known.
impl From<DeviceAddress> for Member {
    fn from(address: DeviceAddress) -> Self {
        Self {
            address,
            identity_key: None,
        }
    }
}

/// Who commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A member.
    Member(Member),
    /// A device that joins by this very Commit (RFC 9420, section 12.4.3.2).
    Joiner(Member),
}

/// A change to a chat, as a Commit makes it.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The chat's suite, which says how many devices it can have.
    pub suite: Suite,
    /// Who makes it.
    pub by: Actor,
    /// The members before it.
    pub members: &'a [Member],
    /// Devices added; of an external Commit, not the joiner itself.
    pub added: &'a [Member],
    /// Members removed.
    pub removed: &'a [Member],
    /// Which of the added devices which accounts have approved, beside whoever commits.
    pub approvals: &'a [(DeviceAddress, AccountId)],
    /// The accounts of which a device in the group has said that they leave.
    pub departed: &'a [AccountId],
    /// The invitation by which a joiner comes in, if it shows one.
    pub invited: Option<Invited>,
    /// The rules after it.
    pub rules: &'a ChatRules,
}

impl Change<'_> {
    /// Whether devices come in by it. One that takes the place of its own earlier leaf is in already.
    pub(super) fn brings_devices(&self) -> bool {
        match self.by {
            Actor::Member(_) => !self.added.is_empty(),
            Actor::Joiner(joiner) => !self
                .removed
                .iter()
                .any(|removed| removed.address == joiner.address),
        }
    }

    /// How many devices there are after it.
    pub(super) fn devices_after(&self) -> usize {
        let joiner = match self.by {
            Actor::Member(_) => 0,
            Actor::Joiner(_) => 1,
        };
        self.staying().count() + self.added.len() + joiner
    }

    /// The members that stay.
    pub(super) fn staying(&self) -> impl Iterator<Item = Member> {
        let removed: std::collections::BTreeSet<_> =
            self.removed.iter().map(|member| member.address).collect();
        self.members
            .iter()
            .copied()
            .filter(move |member| !removed.contains(&member.address))
    }
}
