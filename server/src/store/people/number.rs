//! In which order people are gone through: as they came.

/// The number that somebody was given when they became one of the people who can be found. It tells nothing of their texts, so that who goes
/// through some of them has seen a fair sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct Number(pub(in crate::store) i64);

/// What a key begins with: no name has this character.
const MARK: char = '!';
/// Digits of a key.
const DIGITS: usize = 16;

impl Number {
    /// Its key to a search. Keys are in the order of their numbers.
    pub(in crate::store) fn key(self) -> String {
        format!("{MARK}{:016x}", self.0)
    }

    /// The number of this key, if it is one.
    pub(in crate::store) fn of_key(key: &str) -> Option<Self> {
        let digits = key.strip_prefix(MARK)?;
        let is_written_so = digits.len() == DIGITS
            && digits
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let number = i64::from_str_radix(digits, 16).ok()?;
        is_written_so.then_some(Self(number))
    }

    /// The number after which to go on: before the first if there is no key.
    pub(in crate::store) fn above(key: &str) -> i64 {
        Self::of_key(key).map_or(0, |number| number.0)
    }
}
