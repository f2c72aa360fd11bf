//! Chats between given accounts: direct chats and notes to oneself.

use super::change::{Actor, Change, Member};
use super::{ChatRules, RuleViolation};
use crate::{AccountId, DeviceCredential, IdentityKey, limits};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An account, with the identity key that its devices have to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The account.
    pub account: AccountId,
    /// Its identity key when it came in. It outlives no change of identity: after one, the account comes in anew.
    pub identity_key: IdentityKey,
}

impl Party {
    pub(super) fn owns(&self, device: &Member) -> bool {
        self.account == device.account() && device.shows(self.identity_key)
    }
}

/// Of the account that the credential claims.
impl From<&DeviceCredential> for Party {
    fn from(credential: &DeviceCredential) -> Self {
        Self {
            account: credential.account,
            identity_key: credential.identity_key,
        }
    }
}

/// The rules of a direct chat: its two parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectRules {
    /// In the order of their accounts.
    parties: [Party; 2],
}

impl DirectRules {
    /// The rules of a chat between these two.
    pub fn new(one: Party, other: Party) -> Result<Self, RuleViolation> {
        let mut parties = [one, other];
        parties.sort_unstable();
        if one.account == other.account || one.identity_key == other.identity_key {
            return Err(RuleViolation::SameParty);
        }
        Ok(Self { parties })
    }

    /// The two accounts, in the order of their ids.
    #[must_use]
    pub const fn parties(&self) -> &[Party; 2] {
        &self.parties
    }

    pub(super) fn check_members(&self, members: &[Member]) -> Result<(), RuleViolation> {
        check_members_of(&self.parties, members)
    }
}

/// Whether these may be the members of a chat of these parties.
pub(super) fn check_members_of(parties: &[Party], members: &[Member]) -> Result<(), RuleViolation> {
    for member in members {
        if !parties.iter().any(|party| party.owns(member)) {
            return Err(RuleViolation::Stranger {
                account: member.account(),
            });
        }
    }
    check_devices(members)
}

/// No device twice, and of no account too many.
pub(super) fn check_devices(members: &[Member]) -> Result<(), RuleViolation> {
    let mut devices = BTreeSet::new();
    let mut of_account = BTreeMap::<AccountId, usize>::new();
    for member in members {
        if !devices.insert(member.address) {
            return Err(RuleViolation::DeviceTwice);
        }
        let count = of_account.entry(member.account()).or_default();
        *count += 1;
        if *count > limits::DEVICES_PER_ACCOUNT {
            return Err(RuleViolation::TooManyDevices);
        }
    }
    Ok(())
}

/// What a device may do that joins alone: add none, and remove at most its own earlier leaf.
pub(super) fn check_joiner_alone(joiner: &Member, change: &Change<'_>) -> Result<(), RuleViolation> {
    if !change.added.is_empty() {
        return Err(RuleViolation::JoinerAdds);
    }
    if change
        .removed
        .iter()
        .any(|removed| removed.address != joiner.address)
    {
        return Err(RuleViolation::JoinerRemoves);
    }
    Ok(())
}

/// Whether the change may be made in a chat of these parties, whose rules are for good.
pub(super) fn check(parties: &[Party], rules: &ChatRules, change: &Change<'_>) -> Result<(), RuleViolation> {
    if change.rules != rules {
        return Err(RuleViolation::RulesChanged);
    }
    let joiner = match change.by {
        Actor::Member(committer) => {
            let others = change
                .removed
                .iter()
                .find(|removed| removed.account() != committer.account());
            if let Some(removed) = others {
                return Err(RuleViolation::RemovesOthers {
                    account: removed.account(),
                });
            }
            None
        }
        Actor::Joiner(joiner) => {
            check_joiner_alone(&joiner, change)?;
            Some(joiner)
        }
    };
    let after: Vec<Member> = change
        .staying()
        .chain(change.added.iter().copied())
        .chain(joiner)
        .collect();
    check_members_of(parties, &after)
}
