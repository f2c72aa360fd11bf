//! Safety numbers: what two people compare, to know that the server gave each the other's true identity key.

use crate::Label;
use crate::digits::{digit_groups, write_groups};
use core::fmt;
use sha2::{Digest, Sha512};
use sotto_protocol::{AccountId, IdentityKey};

/// 60 digits, the same on both sides.
///
/// Each party gives 30 digits: six groups, each five bytes of `SHA-512(label ‖ 0x00 ‖ account id ‖ identity key)` as a
/// big-endian number modulo 100,000. The smaller half stands first. To pass for another, a key would have to meet its 30
/// digits: 2^99 tries.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SafetyNumber([u32; 2 * GROUPS_OF_A_PARTY]);

const GROUPS_OF_A_PARTY: usize = 6;

impl SafetyNumber {
    /// The number of two accounts, in either order.
    #[must_use]
    pub fn of(one: (AccountId, IdentityKey), other: (AccountId, IdentityKey)) -> Self {
        let (one, other) = (half(one), half(other));
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        let mut groups = [0; 2 * GROUPS_OF_A_PARTY];
        for (group, digits) in groups.iter_mut().zip(first.into_iter().chain(second)) {
            *group = digits;
        }
        Self(groups)
    }

    /// The twelve groups of five digits, each below 100,000.
    #[must_use]
    pub const fn groups(&self) -> &[u32; 2 * GROUPS_OF_A_PARTY] {
        &self.0
    }
}

fn half(party: (AccountId, IdentityKey)) -> [u32; GROUPS_OF_A_PARTY] {
    digit_groups(&fingerprint(party))
}

/// `SHA-512(label ‖ 0x00 ‖ account id ‖ identity key)`.
pub(crate) fn fingerprint((account, identity_key): (AccountId, IdentityKey)) -> [u8; 64] {
    let mut party = account.as_bytes().to_vec();
    party.extend_from_slice(identity_key.as_bytes());
    Sha512::digest(Label::SafetyNumber.prefix(&party)).into()
}

/// Twelve groups of five digits, separated by spaces.
impl fmt::Display for SafetyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_groups(f, &self.0)
    }
}

impl fmt::Debug for SafetyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SafetyNumber")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn party(account: u8, key: u8) -> (AccountId, IdentityKey) {
        (
            AccountId::from_bytes([account; 16]),
            IdentityKey::from_bytes([key; 32]),
        )
    }

    #[test]
    fn another_key_or_account_on_either_side_makes_another_number() {
        let number = SafetyNumber::of(party(1, 2), party(3, 4));
        for (one, other) in [
            (party(1, 9), party(3, 4)),
            (party(9, 2), party(3, 4)),
            (party(1, 2), party(3, 9)),
            (party(1, 2), party(9, 4)),
        ] {
            assert_ne!(SafetyNumber::of(one, other), number);
        }
    }

    proptest! {
        #[test]
        fn both_sides_see_the_same_sixty_digits(a: [u8; 16], b: [u8; 32], c: [u8; 16], d: [u8; 32]) {
            let one = (AccountId::from_bytes(a), IdentityKey::from_bytes(b));
            let other = (AccountId::from_bytes(c), IdentityKey::from_bytes(d));
            let number = SafetyNumber::of(one, other).to_string();
            prop_assert_eq!(&number, &SafetyNumber::of(other, one).to_string());
            let groups: Vec<_> = number.split(' ').collect();
            prop_assert_eq!(groups.len(), 12);
            for group in groups {
                prop_assert!(group.len() == 5 && group.bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
