//! Where in the results of a search for communities a page ended.

use crate::store::Rank;
use crate::store::people::search::{Place, Position};
use sotto_protocol::{CommunityId, binary, limits};
use std::fmt;
use std::str::FromStr;

/// Bytes of a community's place in the order: folding makes a title up to three times as long.
const KEY_BYTES: usize = 3 * limits::COMMUNITY_TITLE_BYTES + 2 * CommunityId::LENGTH;

/// Where in the results of a search a page ended. Its text form is what clients hand back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommunityPosition(pub(in crate::store) Position);

impl CommunityPosition {
    /// Whether it is one of a search near a place.
    #[must_use]
    pub const fn is_distant(&self) -> bool {
        self.0.place.km().is_some()
    }
}

/// The text is no position that this server gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in a search")]
pub struct InvalidCommunityPosition;

/// As those of people, with the place in the order as base64url.
impl fmt::Display for CommunityPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.place {
            Place::Rank(rank) => f.write_str(match rank {
                Rank::Beginning => "b",
                Rank::DisplayName => "d",
                Rank::Name => "n",
                Rank::Words => "w",
            }),
            Place::Km(km) => write!(f, "{km}"),
        }?;
        write!(f, "~{}", binary::encode(self.0.key.as_bytes()))
    }
}

impl FromStr for CommunityPosition {
    type Err = InvalidCommunityPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, key) = text.split_once('~').ok_or(InvalidCommunityPosition)?;
        if key.len() > KEY_BYTES.div_ceil(3) * 4 {
            return Err(InvalidCommunityPosition);
        }
        let place = match place {
            "b" => Place::Rank(Rank::Beginning),
            "d" => Place::Rank(Rank::DisplayName),
            "n" => Place::Rank(Rank::Name),
            "w" => Place::Rank(Rank::Words),
            km => Place::Km(km.parse().map_err(|_| InvalidCommunityPosition)?),
        };
        let key = binary::decode(key)
            .and_then(|bytes| String::from_utf8(bytes).ok())
            // PostgreSQL has no text with this character.
            .filter(|key| !key.is_empty() && !key.contains('\0'))
            .ok_or(InvalidCommunityPosition)?;
        Ok(Self(Position { place, key }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written_and_no_other_text() {
        for place in [Place::Rank(Rank::Words), Place::Km(17)] {
            let position = CommunityPosition(Position {
                place,
                key: "zoë\u{1}\u{10}".to_owned(),
            });
            assert_eq!(position.to_string().parse(), Ok(position));
        }
        for text in [
            "",
            "~",
            "b~",
            "x~YQ",
            "b~AA",
            "-1~YQ",
            "b~_w",
            "b",
            &format!("b~{}", "YWFh".repeat(200)),
        ] {
            let parsed: Result<CommunityPosition, _> = text.parse();
            assert_eq!(parsed, Err(InvalidCommunityPosition), "{text}");
        }
    }
}
