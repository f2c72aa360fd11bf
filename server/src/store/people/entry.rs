//! What somebody is found by.

use super::grams::{Field, gram_of_region, grams_of};
use sotto_protocol::CoarseLocation;
use sotto_protocol::limits::ABOUT_SHOWN_BYTES;
use sotto_protocol::rest::user::User;
use std::collections::BTreeSet;

/// Between what somebody says about themselves and where they are: no text that is searched for has it.
const BETWEEN: char = '\u{1F}';

/// What a listed account is found by, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Entry {
    /// Its name, which is in lower case.
    pub(in crate::store) name: String,
    /// How it wants to be called.
    pub(in crate::store) display_name: String,
    /// What it says about itself, and where it is.
    pub(in crate::store) words: String,
    /// The number of its place on the grid.
    pub(in crate::store) cell: Option<i32>,
}

impl Entry {
    /// Of this profile; `None` if it is not listed.
    pub(in crate::store) fn of(user: &User) -> Option<Self> {
        user.listed.then(|| Self {
            name: user.name.to_string(),
            display_name: folded(&user.display_name),
            words: folded(&format!("{}{BETWEEN}{}", user.about, user.place)),
            cell: user.location.map(CoarseLocation::cell),
        })
    }

    /// The grams of all its texts, and of the region where it is.
    pub(in crate::store) fn grams(&self) -> BTreeSet<i32> {
        [
            (Field::Name, &self.name),
            (Field::DisplayName, &self.display_name),
            (Field::Words, &self.words),
        ]
        .into_iter()
        .flat_map(|(field, text)| grams_of(field, text))
        .chain(self.cell.and_then(CoarseLocation::from_cell).map(gram_of_region))
        .collect()
    }
}

/// What texts and queries are compared as: in lower case by Unicode's rules, which are the same whatever a database knows of them.
pub(in crate::store) fn folded(text: &str) -> String {
    // At the end of a word a capital sigma becomes another letter than within one, and the end of a query is no end of a word.
    text.to_lowercase().replace('ς', "σ")
}

/// What a search shows of what somebody says about themselves.
pub(in crate::store) fn shown_about(mut about: String) -> String {
    about.truncate(about.floor_char_boundary(ABOUT_SHOWN_BYTES));
    about
}
