//! Who may do what in a chat: the same rules for the device that commits and for every device that receives.
//!
//! Pure functions over credentials whose identity signatures have been checked; nothing of MLS is named here.

use crate::device::CredentialError;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, DeviceAddress, DeviceCredential, IdentityKey, limits};
use std::collections::{BTreeMap, BTreeSet};

/// One of the two accounts of a direct chat, with the identity key that its devices have to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Party {
    /// The account.
    pub account: AccountId,
    /// Its identity key when the chat was created. A chat outlives no change of identity: after one, a new chat begins.
    pub identity_key: IdentityKey,
}

impl Party {
    fn owns(&self, device: &DeviceCredential) -> bool {
        self.account == device.account && self.identity_key == device.identity_key
    }
}

/// The rules of a direct chat: its two parties, as they stand in the GroupContext, so that no member can have others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DirectChat {
    /// In the order of their accounts.
    parties: [Party; 2],
}

/// A change to a chat's members, as a Commit makes it.
pub(crate) struct Change<'a> {
    pub(crate) by: Actor<'a>,
    /// The members before it.
    pub(crate) members: &'a [DeviceCredential],
    /// Devices added; of an external Commit, not the joiner itself.
    pub(crate) added: &'a [DeviceCredential],
    pub(crate) removed: &'a [DeviceCredential],
}

/// Who commits.
#[derive(Clone, Copy)]
pub(crate) enum Actor<'a> {
    /// A member.
    Member(&'a DeviceCredential),
    /// A device that joins by this very Commit (RFC 9420, section 12.4.3.2).
    Joiner(&'a DeviceCredential),
}

/// A rule that was broken. Nothing of the Commit, Welcome or GroupInfo that broke it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// A direct chat is between two accounts with two identity keys.
    #[error("the two parties of a direct chat are the same")]
    SameParty,
    /// The group is no direct chat by our rules: its GroupContext has other extensions, or such as cannot be read.
    #[error("the group's context is not a direct chat's")]
    NoDirectChat,
    /// The GroupContext's extensions would change.
    #[error("the rules of a direct chat cannot be changed")]
    RulesChanged,
    /// A member's credential does not prove what it claims.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A leaf holds no credential of a version that is known here.
    #[error("a member's credential cannot be read")]
    MalformedCredential,
    /// A leaf's signature key is not the device key of its credential.
    #[error("a member's signature key is not the one in its credential")]
    SignatureKey,
    /// An update would replace the credential of a leaf.
    #[error("a member's credential cannot be replaced")]
    CredentialReplaced,
    /// A device of neither party, or one that shows another identity key than its party's.
    #[error("{account} is no party of this chat, or shows another identity key")]
    Stranger {
        /// The account that the device claims.
        account: AccountId,
    },
    /// A device of the other account would be removed.
    #[error("only an account's own devices can remove its devices")]
    RemovesOthers,
    /// A joining device would remove another than itself.
    #[error("a joining device can remove its own earlier leaf alone")]
    JoinerRemoves,
    /// A device would be in the group twice.
    #[error("a device is in the group already")]
    DeviceTwice,
    /// An account would have more devices than it can.
    #[error("an account has at most {} devices", limits::DEVICES_PER_ACCOUNT)]
    TooManyDevices,
    /// A Proposal of a kind that this chat does not take (a reinitialisation, a pre-shared key, an Update, an extension, and the
    /// like), or one that is not inside the Commit.
    #[error("a Proposal of a kind that this chat does not take")]
    Proposal,
}

const VERSION: u8 = 1;

impl DirectChat {
    pub(crate) fn new(one: Party, other: Party) -> Result<Self, NotAllowed> {
        let mut parties = [one, other];
        parties.sort_unstable();
        if one.account == other.account || one.identity_key == other.identity_key {
            return Err(NotAllowed::SameParty);
        }
        Ok(Self { parties })
    }

    pub(crate) const fn parties(&self) -> &[Party; 2] {
        &self.parties
    }

    /// The content of the GroupContext extension: a version byte and the postcard of the parties in order.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, NotAllowed> {
        postcard::to_extend(&self.parties, vec![VERSION]).map_err(|_| NotAllowed::NoDirectChat)
    }

    /// Only the one encoding that [`Self::encode`] makes.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, NotAllowed> {
        let (&version, fields) = bytes.split_first().ok_or(NotAllowed::NoDirectChat)?;
        let ([one, other], rest) =
            postcard::take_from_bytes::<[Party; 2]>(fields).map_err(|_| NotAllowed::NoDirectChat)?;
        if version != VERSION || !rest.is_empty() {
            return Err(NotAllowed::NoDirectChat);
        }
        let rules = Self::new(one, other)?;
        if rules.parties == [one, other] {
            Ok(rules)
        } else {
            Err(NotAllowed::NoDirectChat)
        }
    }

    /// Whether these may be the members, all of them.
    pub(crate) fn check_members<'a>(
        &self,
        members: impl IntoIterator<Item = &'a DeviceCredential>,
    ) -> Result<(), NotAllowed> {
        let mut devices = BTreeSet::new();
        let mut of_account = BTreeMap::<AccountId, usize>::new();
        for member in members {
            if !self.parties.iter().any(|party| party.owns(member)) {
                return Err(NotAllowed::Stranger {
                    account: member.account,
                });
            }
            if !devices.insert(member.address()) {
                return Err(NotAllowed::DeviceTwice);
            }
            let count = of_account.entry(member.account).or_default();
            *count += 1;
            if *count > limits::DEVICES_PER_ACCOUNT {
                return Err(NotAllowed::TooManyDevices);
            }
        }
        Ok(())
    }

    /// Whether the change may be made by whom it is made.
    pub(crate) fn check(&self, change: &Change<'_>) -> Result<(), NotAllowed> {
        let joiner = match change.by {
            Actor::Member(committer) => {
                if change
                    .removed
                    .iter()
                    .any(|removed| removed.account != committer.account)
                {
                    return Err(NotAllowed::RemovesOthers);
                }
                None
            }
            Actor::Joiner(joiner) => {
                if change
                    .removed
                    .iter()
                    .any(|removed| removed.address() != joiner.address())
                {
                    return Err(NotAllowed::JoinerRemoves);
                }
                if !change.added.is_empty() {
                    return Err(NotAllowed::Proposal);
                }
                Some(joiner)
            }
        };
        let removed: BTreeSet<DeviceAddress> = change.removed.iter().map(DeviceCredential::address).collect();
        let staying = change
            .members
            .iter()
            .filter(|member| !removed.contains(&member.address()));
        self.check_members(staying.chain(change.added).chain(joiner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::{DeviceId, DeviceKey, Signature};

    fn party(number: u8) -> Party {
        Party {
            account: AccountId::from_bytes([number; 16]),
            identity_key: IdentityKey::from_bytes([number; 32]),
        }
    }

    fn device(account: u8, device: u8) -> DeviceCredential {
        DeviceCredential {
            account: party(account).account,
            device: DeviceId::from_bytes([device; 16]),
            device_key: DeviceKey::from_bytes([device; 32]),
            identity_key: party(account).identity_key,
            signature: Signature::from_bytes([0; 64]),
        }
    }

    fn chat() -> DirectChat {
        DirectChat::new(party(1), party(2)).unwrap()
    }

    fn check(
        by: Actor<'_>,
        added: &[DeviceCredential],
        removed: &[DeviceCredential],
    ) -> Result<(), NotAllowed> {
        let members = [device(1, 10), device(1, 11), device(2, 20)];
        chat().check(&Change {
            by,
            members: &members,
            added,
            removed,
        })
    }

    #[test]
    fn a_member_adds_devices_of_either_account() {
        let by = device(1, 10);
        assert_eq!(
            check(Actor::Member(&by), &[device(1, 12), device(2, 21)], &[]),
            Ok(())
        );
    }

    #[test]
    fn a_member_adds_no_stranger_and_no_other_identity() {
        let by = device(1, 10);
        let stranger = Err(NotAllowed::Stranger {
            account: party(3).account,
        });
        assert_eq!(check(Actor::Member(&by), &[device(3, 30)], &[]), stranger);
        let mut replaced = device(2, 21);
        replaced.identity_key = party(3).identity_key;
        let stranger = Err(NotAllowed::Stranger {
            account: party(2).account,
        });
        assert_eq!(check(Actor::Member(&by), &[replaced], &[]), stranger);
    }

    #[test]
    fn a_member_removes_devices_of_its_own_account_alone() {
        let by = device(1, 10);
        assert_eq!(check(Actor::Member(&by), &[], &[device(1, 11)]), Ok(()));
        assert_eq!(
            check(Actor::Member(&by), &[], &[device(2, 20)]),
            Err(NotAllowed::RemovesOthers)
        );
    }

    #[test]
    fn no_device_is_in_the_group_twice_unless_its_old_leaf_goes() {
        let by = device(1, 10);
        assert_eq!(
            check(Actor::Member(&by), &[device(1, 11)], &[]),
            Err(NotAllowed::DeviceTwice)
        );
        assert_eq!(
            check(Actor::Member(&by), &[device(1, 11)], &[device(1, 11)]),
            Ok(())
        );
        let added = [device(2, 21), device(2, 21)];
        assert_eq!(
            check(Actor::Member(&by), &added, &[]),
            Err(NotAllowed::DeviceTwice)
        );
    }

    #[test]
    fn a_joiner_is_of_a_party_and_removes_no_other_leaf_than_its_own() {
        let new = device(2, 21);
        assert_eq!(check(Actor::Joiner(&new), &[], &[]), Ok(()));
        let stranger = device(3, 30);
        assert_eq!(
            check(Actor::Joiner(&stranger), &[], &[]),
            Err(NotAllowed::Stranger {
                account: party(3).account
            })
        );
        let again = device(2, 20);
        assert_eq!(
            check(Actor::Joiner(&again), &[], &[]),
            Err(NotAllowed::DeviceTwice)
        );
        assert_eq!(check(Actor::Joiner(&again), &[], &[device(2, 20)]), Ok(()));
        assert_eq!(
            check(Actor::Joiner(&new), &[], &[device(2, 20)]),
            Err(NotAllowed::JoinerRemoves)
        );
        assert_eq!(
            check(Actor::Joiner(&new), &[device(2, 22)], &[]),
            Err(NotAllowed::Proposal)
        );
    }

    #[test]
    fn an_account_has_no_more_devices_than_it_can() {
        let by = device(1, 10);
        let room = limits::DEVICES_PER_ACCOUNT - 1;
        let mut added: Vec<_> = (0..room)
            .map(|number| device(2, 100 + u8::try_from(number).unwrap()))
            .collect();
        assert_eq!(check(Actor::Member(&by), &added, &[]), Ok(()));
        added.push(device(2, 99));
        assert_eq!(
            check(Actor::Member(&by), &added, &[]),
            Err(NotAllowed::TooManyDevices)
        );
    }

    #[test]
    fn the_parties_are_two() {
        assert_eq!(DirectChat::new(party(1), party(1)), Err(NotAllowed::SameParty));
        let mut same_key = party(2);
        same_key.identity_key = party(1).identity_key;
        assert_eq!(DirectChat::new(party(1), same_key), Err(NotAllowed::SameParty));
    }

    #[test]
    fn the_extension_has_one_encoding() {
        let encoded = chat().encode().unwrap();
        assert_eq!(encoded.len(), 1 + 2 * (16 + 32));
        assert_eq!(DirectChat::decode(&encoded), Ok(chat()));
        assert_eq!(DirectChat::new(party(2), party(1)), Ok(chat()));
        for length in 0..encoded.len() {
            assert_eq!(
                DirectChat::decode(&encoded[..length]),
                Err(NotAllowed::NoDirectChat)
            );
        }
        let mut swapped = encoded.clone();
        swapped[1..].rotate_left(48);
        assert_eq!(DirectChat::decode(&swapped), Err(NotAllowed::NoDirectChat));
        let mut continued = encoded;
        continued.push(0);
        assert_eq!(DirectChat::decode(&continued), Err(NotAllowed::NoDirectChat));
    }
}
