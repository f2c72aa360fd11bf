//! How people are found: by a text, near a place, or both. What is the same for every database stands here; each of them
//! implements [`search::SearchIndex`]. Communities are found in the same way.

pub(super) mod entry;
pub(super) mod grams;
pub(super) mod near;
pub(super) mod number;
mod position;
pub(super) mod search;

pub(super) use entry::{Entry, folded, shown_about};
pub use position::{InvalidSearchPosition, SearchPosition};

use super::StoreError;
use search::{SearchIndex, Wanted};
use sotto_protocol::CoarseLocation;
use sotto_protocol::rest::user::FoundUser;

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

/// Results of a search: listed accounts alone. By a text, they come in the order of [`Rank`]; near a place, by distance. Of those who are at
/// the same place in this order, whoever became one of the people first is on an earlier page (but those whose names begin with a text are in
/// the order of their names), and each page has them by name.
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
    let wanted = Wanted {
        text: wanted.text,
        near: wanted.near,
        limit: wanted.limit,
        after: wanted.after.map(|position| position.0),
    };
    let mut page = search::search(index, wanted).await?;
    page.found
        .sort_by(|(user, place), (other, its)| (place, &user.name).cmp(&(its, &other.name)));
    let accounts = page.found.into_iter().map(|(user, place)| FoundUser {
        distance_km: place.km(),
        ..user
    });
    Ok(FoundAccounts {
        accounts: accounts.collect(),
        next: page.next.map(SearchPosition),
    })
}
