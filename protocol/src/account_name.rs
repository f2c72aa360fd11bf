//! Account names.

use core::fmt;
use serde::{Deserialize, Serialize};

/// An account's unique name: 2 to 32 of `a–z`, `0–9`, `.`, `_`, `-`, beginning with a letter and not ending in a
/// dot. One way to write each name: nothing that looks alike, no case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(String);

/// The text is no account name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name has 2 to 32 lower-case letters a–z, digits, dots, dashes or underscores, begins with a letter and does not end with a dot"
)]
pub struct InvalidAccountName;

impl AccountName {
    /// Shortest name, in bytes.
    pub const LENGTH_MIN: usize = 2;
    /// Longest name, in bytes.
    pub const LENGTH_MAX: usize = 32;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountName {
    type Error = InvalidAccountName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = (Self::LENGTH_MIN..=Self::LENGTH_MAX).contains(&text.len());
        let begins_with_letter = text.starts_with(|c: char| c.is_ascii_lowercase());
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        if fits && begins_with_letter && !text.ends_with('.') && text.chars().all(allowed) {
            Ok(Self(text))
        } else {
            Err(InvalidAccountName)
        }
    }
}

impl core::str::FromStr for AccountName {
    type Err = InvalidAccountName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name says who somebody is: logs carry ids instead.
impl fmt::Debug for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountName(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_accepted() {
        for name in ["al", "alice", "alice.b-c_d9", "a234567890123456789012345678901z"] {
            assert!(name.parse::<AccountName>().is_ok(), "{name}");
        }
    }

    #[test]
    fn names_that_could_be_mistaken_or_break_a_path_are_refused() {
        for name in [
            "",
            "a",
            "Alice",
            "ålice",
            "1alice",
            ".a",
            "alice.",
            "a/b",
            "a b",
            "a\0b",
            "a2345678901234567890123456789012z",
        ] {
            assert_eq!(name.parse::<AccountName>(), Err(InvalidAccountName), "{name:?}");
        }
    }

    #[test]
    fn a_name_is_not_in_its_debug_output() {
        let name: AccountName = "alice".parse().unwrap();
        assert!(!format!("{name:?}").contains("alice"));
    }
}
