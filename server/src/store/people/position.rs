//! Where in the results of a search for people a page ended.

use super::Rank;
use super::number::Number;
use super::search::{Place, Position};
use sotto_protocol::AccountName;
use std::fmt;
use std::str::FromStr;

/// Where in the results of a search a page ended. Its text form is what clients hand back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPosition(pub(in crate::store) Position);

impl SearchPosition {
    /// Whether it is one of a search near a place.
    #[must_use]
    pub const fn is_distant(&self) -> bool {
        self.0.place.km().is_some()
    }
}

/// The text is no position that this server gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in a search")]
pub struct InvalidSearchPosition;

/// `b~` and the name of one whose name begins with the text; `d~`, `n~` and `w~` for the other ranks, or the distance as in `17~`, and the
/// key.
impl fmt::Display for SearchPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.0.key;
        match self.0.place {
            Place::Rank(Rank::Beginning) => write!(f, "b~{key}"),
            Place::Rank(Rank::DisplayName) => write!(f, "d~{key}"),
            Place::Rank(Rank::Name) => write!(f, "n~{key}"),
            Place::Rank(Rank::Words) => write!(f, "w~{key}"),
            Place::Km(km) => write!(f, "{km}~{key}"),
        }
    }
}

impl FromStr for SearchPosition {
    type Err = InvalidSearchPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, key) = text.split_once('~').ok_or(InvalidSearchPosition)?;
        let place = match place {
            "b" => Place::Rank(Rank::Beginning),
            "d" => Place::Rank(Rank::DisplayName),
            "n" => Place::Rank(Rank::Name),
            "w" => Place::Rank(Rank::Words),
            km => Place::Km(km.parse().map_err(|_| InvalidSearchPosition)?),
        };
        let is_right = match place {
            Place::Rank(Rank::Beginning) => key.parse::<AccountName>().is_ok(),
            Place::Rank(_) | Place::Km(_) => Number::of_key(key).is_some(),
        };
        if is_right {
            let key = key.to_owned();
            Ok(Self(Position { place, key }))
        } else {
            Err(InvalidSearchPosition)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written_and_no_other_text() {
        let number = Number(300).key();
        for (place, key) in [
            (Place::Rank(Rank::Beginning), "anna"),
            (Place::Rank(Rank::Words), &number),
            (Place::Km(17), &number),
        ] {
            let key = key.to_owned();
            let position = SearchPosition(Position { place, key });
            assert_eq!(position.to_string().parse(), Ok(position));
        }
        for text in [
            "",
            "anna",
            "b~",
            "x~anna",
            "d~anna",
            "17~anna",
            &format!("b~{number}"),
            &format!("-1~{number}"),
            &format!("70000~{number}"),
            "d~!12c",
            "d~!+00000000000012c",
            "d~!ffffffffffffffff",
        ] {
            let parsed: Result<SearchPosition, _> = text.parse();
            assert_eq!(parsed, Err(InvalidSearchPosition), "{text}");
        }
    }
}
