//! Who is in a chat, by the leaves of its MLS tree.

use sotto_protocol::chat_rules::Member;
use sotto_protocol::{AccountId, DeviceAddress};
use std::sync::Arc;

/// A device that has a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Leaf {
    pub(in crate::store) address: DeviceAddress,
    /// Its key in the database.
    pub(in crate::store) key: i64,
    /// Whether it is in the chat, or only its leaf waits for a Commit that removes it.
    pub(in crate::store) is_active: bool,
    /// Whether its account is a party of the chat.
    pub(in crate::store) is_party: bool,
}

/// The devices in a chat with their keys in the database, sorted by address.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Members {
    addresses: Arc<[DeviceAddress]>,
    keys: Vec<i64>,
    /// Leaves of devices that are not in the chat any more: hardly ever there are some.
    silent: Vec<Leaf>,
}

impl Members {
    pub(in crate::store) fn new(mut leaves: Vec<Leaf>) -> Self {
        leaves.sort_unstable_by_key(|leaf| leaf.address);
        leaves.dedup_by_key(|leaf| leaf.address);
        let (active, silent): (Vec<Leaf>, Vec<Leaf>) = leaves.into_iter().partition(|leaf| leaf.is_active);
        Self {
            addresses: active.iter().map(|leaf| leaf.address).collect(),
            keys: active.iter().map(|leaf| leaf.key).collect(),
            silent,
        }
    }

    /// The devices in the chat.
    pub(in crate::store) fn addresses(&self) -> &Arc<[DeviceAddress]> {
        &self.addresses
    }

    /// The key of a device that is in the chat.
    pub(in crate::store) fn key(&self, address: DeviceAddress) -> Option<i64> {
        let place = self.addresses.binary_search(&address).ok()?;
        self.keys.get(place).copied()
    }

    /// The key of a device that has a leaf.
    pub(super) fn leaf_key(&self, address: DeviceAddress) -> Option<i64> {
        let silent = || self.silent.iter().find(|leaf| leaf.address == address);
        self.key(address).or_else(|| Some(silent()?.key))
    }

    /// Every leaf.
    pub(super) fn leaves(&self) -> impl Iterator<Item = Leaf> {
        let active = self.addresses.iter().zip(&self.keys);
        let active = active.map(|(&address, &key)| Leaf {
            address,
            key,
            is_active: true,
            is_party: true,
        });
        active.chain(self.silent.iter().copied())
    }

    /// Every leaf, as the rules see it: identity keys are for the members to judge.
    pub(super) fn for_rules(&self) -> Vec<Member> {
        self.leaves().map(|leaf| Member::from(leaf.address)).collect()
    }

    /// Whether the account has a leaf.
    pub(super) fn has_account(&self, account: AccountId) -> bool {
        self.is_in_chat(account) || self.silent.iter().any(|leaf| leaf.address.account == account)
    }

    /// Whether the account has a leaf and has not left.
    pub(super) fn has_party(&self, account: AccountId) -> bool {
        let mut silent = self.silent.iter();
        self.is_in_chat(account) || silent.any(|leaf| leaf.is_party && leaf.address.account == account)
    }

    /// Whether a device of the account is in the chat.
    pub(super) fn is_in_chat(&self, account: AccountId) -> bool {
        let place = self
            .addresses
            .partition_point(|address| address.account < account);
        self.addresses
            .get(place)
            .is_some_and(|address| address.account == account)
    }

    /// Bytes of memory beside the value itself.
    pub(super) fn weight(&self) -> usize {
        self.keys.len() * 40 + self.silent.len() * size_of::<Leaf>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::fixture::{ALICE, BOB, EVE};

    fn leaf(address: DeviceAddress, key: i64, is_active: bool, is_party: bool) -> Leaf {
        Leaf {
            address,
            key,
            is_active,
            is_party,
        }
    }

    #[test]
    fn a_leaf_without_its_device_is_known_and_gets_nothing() {
        let members = Members::new(vec![
            leaf(BOB.device(2), 4, false, true),
            leaf(BOB.device(1), 3, true, true),
            leaf(ALICE.device(1), 1, false, false),
        ]);
        assert_eq!(**members.addresses(), [BOB.device(1)]);
        assert_eq!(members.key(BOB.device(2)), None);
        assert_eq!(members.leaf_key(BOB.device(2)), Some(4));
        assert_eq!(members.leaf_key(BOB.device(1)), Some(3));
        assert_eq!(members.leaf_key(EVE.device(1)), None);
        assert_eq!(members.leaves().count(), 3);
        for (person, has_leaf, is_party) in [(ALICE, true, false), (BOB, true, true), (EVE, false, false)] {
            assert_eq!(members.has_account(person.account()), has_leaf);
            assert_eq!(members.has_party(person.account()), is_party);
        }
    }
}
