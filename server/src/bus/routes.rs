//! Which accounts have devices on which other node.

use super::lock;
use super::node::Slot;
use hashbrown::HashTable;
use sotto_protocol::AccountId;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Mutex;

/// Locks: entries are routed while devices come and go.
const PARTS: usize = 64;

/// A set with multiplicity of (account, node): one element for each connected device, eight bytes and one of the table's
/// own, at a load between 7/16 and 7/8: 10 to 20 bytes a device.
///
/// Of an account it keeps 48 bits of a keyed hash. Two accounts that share them get each other's entries routed to one
/// node too many, which ignores what is for none of its devices.
pub(super) struct Routes {
    hasher: RandomState,
    parts: Vec<Mutex<HashTable<Element>>>,
}

/// The account's 48 bits above the node's 16.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Element(u64);

impl Element {
    fn new(fingerprint: u64, slot: Slot) -> Self {
        Self(fingerprint << 16 | u64::from(slot.0))
    }

    fn fingerprint(self) -> u64 {
        self.0 >> 16
    }

    #[allow(clippy::cast_possible_truncation, reason = "the lower 16 bits are meant")]
    fn slot(self) -> Slot {
        Slot(self.0 as u16)
    }

    /// The table looks at the upper seven bits and at the lower ones.
    fn hash(self) -> u64 {
        self.fingerprint() << 16 ^ self.fingerprint()
    }
}

impl Routes {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
        }
    }

    /// A device of the account has connected there.
    pub(super) fn add(&self, account: AccountId, slot: Slot) {
        let element = Element::new(self.fingerprint(account), slot);
        lock(self.part(element)).insert_unique(element.hash(), element, |element| element.hash());
    }

    /// A device of the account is gone from there.
    pub(super) fn remove(&self, account: AccountId, slot: Slot) {
        let element = Element::new(self.fingerprint(account), slot);
        let mut part = lock(self.part(element));
        if let Ok(found) = part.find_entry(element.hash(), |other| *other == element) {
            found.remove();
        }
    }

    /// Calls `found` with each node that has a device of the account; more than once if it has several.
    pub(super) fn each(&self, account: AccountId, mut found: impl FnMut(Slot)) {
        let element = Element::new(self.fingerprint(account), Slot(0));
        let part = lock(self.part(element));
        part.iter_hash(element.hash())
            .filter(|other| other.fingerprint() == element.fingerprint())
            .for_each(|other| found(other.slot()));
    }

    /// Forgets a node.
    pub(super) fn forget(&self, slot: Slot) {
        for part in &self.parts {
            let mut part = lock(part);
            part.retain(|element| element.slot() != slot);
            if part.len() < part.capacity() / 4 {
                part.shrink_to_fit(|element| element.hash());
            }
        }
    }

    #[cfg(test)]
    fn devices(&self) -> usize {
        self.parts.iter().map(|part| lock(part).len()).sum()
    }

    fn fingerprint(&self, account: AccountId) -> u64 {
        self.hasher.hash_one(account.as_bytes()) >> 16
    }

    #[allow(clippy::indexing_slicing, reason = "a remainder of the length is within it")]
    fn part(&self, element: Element) -> &Mutex<HashTable<Element>> {
        // Bits that neither end of the table's hash uses.
        let bits = usize::try_from(element.fingerprint() >> 20).unwrap_or_default();
        &self.parts[bits % self.parts.len()]
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.parts.iter().map(|part| lock(part).allocation_size()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn account(number: u64) -> AccountId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        AccountId::from_bytes(bytes)
    }

    fn nodes(routes: &Routes, account: AccountId) -> BTreeSet<u16> {
        let mut nodes = BTreeSet::new();
        routes.each(account, |slot| {
            nodes.insert(slot.0);
        });
        nodes
    }

    #[test]
    fn an_account_is_where_its_devices_are_until_the_last_is_gone() {
        let routes = Routes::new();
        let alice = account(1);
        routes.add(alice, Slot(3));
        routes.add(alice, Slot(3));
        routes.add(alice, Slot(u16::MAX));
        assert_eq!(nodes(&routes, alice), BTreeSet::from([3, u16::MAX]));
        assert_eq!(nodes(&routes, account(2)), BTreeSet::new());
        routes.remove(alice, Slot(3));
        assert_eq!(nodes(&routes, alice), BTreeSet::from([3, u16::MAX]));
        routes.remove(alice, Slot(3));
        routes.remove(alice, Slot(3));
        assert_eq!(nodes(&routes, alice), BTreeSet::from([u16::MAX]));
        routes.forget(Slot(u16::MAX));
        assert_eq!(nodes(&routes, alice), BTreeSet::new());
        assert_eq!(routes.devices(), 0);
    }

    #[test]
    fn a_device_costs_at_most_21_bytes() {
        let routes = Routes::new();
        let devices = 300_000;
        for number in 0..devices {
            routes.add(account(number), Slot(1));
        }
        let each = routes.bytes() / usize::try_from(devices).unwrap();
        assert!((9..=21).contains(&each), "{each}");
        routes.forget(Slot(1));
        assert!(routes.bytes() < 1024 * 1024);
    }
}
