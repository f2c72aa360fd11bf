//! How people are found: by a text, near a place, or both. What is the same for every database stands here; each of them
//! implements [`search::SearchIndex`]. Communities are found in the same way.

pub(super) mod entry;
pub(super) mod grams;
pub(super) mod search;

pub(super) use entry::{Entry, folded, shown_about};

use super::StoreError;
use search::{Place, Position, SearchIndex, Wanted};
use sotto_protocol::rest::user::FoundUser;
use sotto_protocol::{AccountName, CoarseLocation};
use std::fmt;
use std::str::FromStr;

/// A page of a search. One that says neither a text nor a place finds nobody.
#[derive(Clone, Debug)]
pub struct SearchAccounts {
    /// What to look for, without regard to case. Nothing in it has a special meaning.
    pub text: Option<String>,
    /// Where to look.
    pub near: Option<Near>,
    /// At most so many results.
    pub limit: u16,
    /// Where the page begins; `None` for the first. One of another kind of search finds nobody.
    pub after: Option<SearchPosition>,
}

/// Around a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    /// The place.
    pub location: CoarseLocation,
    /// How far around it.
    pub within_km: u16,
}

/// How well somebody fits a text: who fits best comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The name begins with it.
    Beginning,
    /// The display name contains it.
    DisplayName,
    /// The name contains it.
    Name,
    /// What they say about themselves contains it, or where they say that they are.
    Words,
}

impl Rank {
    const ALL: [Self; 4] = [Self::Beginning, Self::DisplayName, Self::Name, Self::Words];
}

/// Where in the results of a search a page ended. Its text form is what clients hand back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchPosition {
    /// In a search by a text alone: the last of the page.
    Ranked {
        /// How well it fits.
        rank: Rank,
        /// Its name.
        name: AccountName,
    },
    /// In a search near a place: the last of the page.
    Distant {
        /// How far it is.
        km: u16,
        /// Its name.
        name: AccountName,
    },
}

/// Results of a search: listed accounts alone. By a text, they come in the order of [`Rank`] and each group by name; near a
/// place, by distance and then by name.
#[derive(Clone, Debug)]
pub struct FoundAccounts {
    /// The accounts.
    pub accounts: Vec<FoundUser>,
    /// Where the next page begins, if there may be one.
    pub next: Option<SearchPosition>,
}

/// A page of a search for people.
pub(super) async fn search_people<I: SearchIndex<Found = FoundUser>>(
    index: &mut I,
    wanted: SearchAccounts,
) -> Result<FoundAccounts, StoreError> {
    let after = wanted.after.map(|position| match position {
        SearchPosition::Ranked { rank, name } => Position {
            place: Place::Rank(rank),
            name: name.to_string(),
        },
        SearchPosition::Distant { km, name } => Position {
            place: Place::Km(km),
            name: name.to_string(),
        },
    });
    let wanted = Wanted {
        text: wanted.text,
        near: wanted.near,
        limit: wanted.limit,
        after,
    };
    let page = search::search(index, wanted).await?;
    let next = page.next.map(|Position { place, name }| {
        let name = AccountName::try_from(name).map_err(|_| StoreError::Unreadable { what: "name" })?;
        Ok::<_, StoreError>(match place {
            Place::Rank(rank) => SearchPosition::Ranked { rank, name },
            Place::Km(km) => SearchPosition::Distant { km, name },
        })
    });
    let accounts = page
        .found
        .into_iter()
        .map(|(user, distance_km)| FoundUser { distance_km, ..user });
    Ok(FoundAccounts {
        accounts: accounts.collect(),
        next: next.transpose()?,
    })
}

/// The text is no position that this server gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in a search")]
pub struct InvalidSearchPosition;

/// `b~name`, `d~name`, `n~name` and `w~name` for the ranks; `17~name` for a distance.
impl fmt::Display for SearchPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ranked { rank, name } => {
                let rank = match rank {
                    Rank::Beginning => 'b',
                    Rank::DisplayName => 'd',
                    Rank::Name => 'n',
                    Rank::Words => 'w',
                };
                write!(f, "{rank}~{name}")
            }
            Self::Distant { km, name } => write!(f, "{km}~{name}"),
        }
    }
}

impl FromStr for SearchPosition {
    type Err = InvalidSearchPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, name) = text.split_once('~').ok_or(InvalidSearchPosition)?;
        let name = name.parse().map_err(|_| InvalidSearchPosition)?;
        let rank = match place {
            "b" => Rank::Beginning,
            "d" => Rank::DisplayName,
            "n" => Rank::Name,
            "w" => Rank::Words,
            km => {
                let km = km.parse().map_err(|_| InvalidSearchPosition)?;
                return Ok(Self::Distant { km, name });
            }
        };
        Ok(Self::Ranked { rank, name })
    }
}
