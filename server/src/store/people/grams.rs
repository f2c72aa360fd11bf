//! Grams: the pieces of one, two and three characters that a text is made of. Whoever contains a text has all of its grams, so that
//! an index of them leads to few whose texts need to be read. Where somebody is has a gram, too: of all who contain a text, it leads to those
//! who are near.
//!
//! They are made here and not by the databases' own means, which know less: `pg_trgm` takes for a character what the database's
//! locale takes for a letter, and neither it nor FTS5's trigrams find a text of two characters, as many names in Chinese are.

use sotto_protocol::CoarseLocation;
use std::collections::BTreeSet;

/// The longest gram.
const LONGEST: usize = 3;
/// So many grams of a query are looked up: a text that has these has the others too, but for few.
const LOOKED_UP: usize = 8;
/// How wide and how high a region is. Within the furthest that can be looked for there are some dozens of them.
const REGION_DEGREES: f64 = 2.0;

/// Which of somebody's texts a gram is of: what is common in one may be rare in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Field {
    Name,
    DisplayName,
    Words,
}

impl Field {
    pub(in crate::store) const ALL: [Self; 3] = [Self::Name, Self::DisplayName, Self::Words];
}

/// All grams of a text.
pub(in crate::store) fn grams_of(field: Field, text: &str) -> BTreeSet<i32> {
    (1..=LONGEST)
        .flat_map(|length| pieces(field, text, length))
        .collect()
}

/// Grams that every text has which contains this one. None if it is empty.
pub(in crate::store) fn grams_to_look_up(field: Field, text: &str) -> BTreeSet<i32> {
    let length = text.chars().take(LONGEST).count();
    let all: Vec<i32> = pieces(field, text, length).collect();
    // Spread over the text: those that overlap say the least new.
    let step = all.len().div_ceil(LOOKED_UP).max(1);
    let last = all.last().copied();
    all.into_iter().step_by(step).chain(last).collect()
}

/// The pieces of so many characters, as numbers. Two may have the same number: what is found is held against the text.
fn pieces(field: Field, text: &str, length: usize) -> impl Iterator<Item = i32> {
    let begins = text.char_indices().map(|(at, _)| at);
    let ends = text
        .char_indices()
        .map(|(at, _)| at)
        .skip(length)
        .chain([text.len()]);
    begins
        .zip(ends)
        .filter(move |_| length > 0)
        .filter_map(|(begin, end)| text.get(begin..end))
        .filter(move |piece| piece.chars().count() == length)
        .map(move |piece| hash_of_piece(field, piece))
}

/// The gram of the region that a point of the grid is in: of two degrees by two.
pub(in crate::store) fn gram_of_region(point: CoarseLocation) -> i32 {
    let index = |degrees: f64| (degrees / REGION_DEGREES).floor().to_string();
    let region = format!("{} {}", index(point.latitude()), index(point.longitude()));
    hash(b'r', &region)
}

fn hash_of_piece(field: Field, piece: &str) -> i32 {
    let field = match field {
        Field::Name => b'n',
        Field::DisplayName => b'd',
        Field::Words => b'w',
    };
    hash(field, piece)
}

/// FNV-1a. It is kept in databases: it never changes.
fn hash(of: u8, text: &str) -> i32 {
    let hash = [of]
        .into_iter()
        .chain(text.bytes())
        .fold(0x811C_9DC5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_contains_a_text_has_the_grams_that_are_looked_up() {
        let text = "zoë müller 東京タワー 🦀 and a good deal more of what people say about themselves";
        let has = grams_of(Field::Words, text);
        let begins: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for (number, &begin) in begins.iter().enumerate() {
            for &end in begins[number + 1..].iter().chain([&text.len()]) {
                let grams = grams_to_look_up(Field::Words, &text[begin..end]);
                assert!((1..=LOOKED_UP + 1).contains(&grams.len()));
                assert!(grams.is_subset(&has), "{}", &text[begin..end]);
            }
        }
        assert!(grams_to_look_up(Field::Words, "").is_empty());
    }

    #[test]
    fn a_short_text_has_a_gram_of_its_own_length_and_of_its_field() {
        assert_eq!(grams_to_look_up(Field::Words, "東").len(), 1);
        assert_eq!(grams_to_look_up(Field::Words, "東京").len(), 1);
        assert!(grams_to_look_up(Field::Name, "ab").is_disjoint(&grams_of(Field::Words, "ab")));
    }

    #[test]
    fn the_numbers_of_grams_never_change() {
        assert_eq!(hash_of_piece(Field::Name, "ann"), -1_304_676_676);
        assert_eq!(hash_of_piece(Field::Words, "東京"), 1_767_390_668);
        let munich = gram_of_region(CoarseLocation::near(48.1, 11.6).unwrap());
        assert_eq!(munich, -1_051_673_660);
        let south_west = CoarseLocation::near(-0.1, -0.1).unwrap();
        let north_east = CoarseLocation::near(0.0, 0.0).unwrap();
        assert_ne!(gram_of_region(south_west), gram_of_region(north_east));
    }
}
