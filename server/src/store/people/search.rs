//! The search, over what a database can look up: of people, by their names, and of communities, by their titles.
//!
//! A text may be in half of all profiles or in two. Who has a common one is met soon by whoever goes through people in their order, and an
//! index of grams would lead to far too many; for a rare one it is the other way round. Nobody knows beforehand which it is: so a search
//! goes through some people. If they do not fill the page, and those who were met do not let expect that it will be full soon, it asks the
//! index, which then leads to few.

use super::grams::{Field, grams_to_look_up};
use super::near::{Area, Inhabitants, by_distance};
use super::{Near, Rank, folded};
use crate::store::StoreError;
use std::collections::{BTreeSet, HashMap};

/// So many people are gone through at first.
const READ: u32 = 8_000;
/// So many, if by those who were met it is likely that they fill the page.
const READ_ON: u32 = 100_000;
/// So many are looked at one by one, of those to whom the index leads.
const CANDIDATES: usize = 10_000;

/// The end of the range of names that begin with a text: no name has this character, which is none.
pub(in crate::store) fn end_of_prefix(text: &str) -> String {
    format!("{text}\u{10FFFF}")
}

/// A page that is wanted of a search. One that says neither a text nor a place finds nobody.
#[derive(Clone, Debug)]
pub(in crate::store) struct Wanted {
    pub(in crate::store) text: Option<String>,
    pub(in crate::store) near: Option<Near>,
    pub(in crate::store) limit: u16,
    pub(in crate::store) after: Option<Position>,
}

/// Where a page ended: after this key of those who are at the same place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Position {
    pub(in crate::store) place: Place,
    pub(in crate::store) key: String,
}

/// Where somebody is in the order of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Place {
    Rank(Rank),
    Km(u16),
}

impl Place {
    /// How far it is, in kilometres, in a search near a place.
    pub(in crate::store) const fn km(self) -> Option<u16> {
        match self {
            Self::Rank(_) => None,
            Self::Km(km) => Some(km),
        }
    }
}

/// A page of a search: those who were found, each with their place in the order.
#[derive(Debug)]
pub(in crate::store) struct Page<F> {
    pub(in crate::store) found: Vec<(F, Place)>,
    pub(in crate::store) next: Option<Position>,
}

/// What a database can look up of those who can be found, each by a key of its own. Keys are in the order of their bytes. Nobody's key tells
/// what their texts are, if there are many: who goes through some of them has seen a fair sample.
pub(in crate::store) trait SearchIndex: Send {
    /// What is shown of whom.
    type Found: Send;

    /// The first who have [`Rank::Beginning`] for the text, by name; names are keys, too.
    fn names_beginning_with(
        &mut self,
        text: &str,
        above: &str,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Of the first `read` people above a key, those who have the rank for the text.
    fn read_in_order(
        &mut self,
        rank: Rank,
        text: &str,
        above: &str,
        read: u32,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// The first above a key, of people who have all of these grams and the rank for the text. `None` if more than `at_most` would have to be
    /// looked at one by one.
    fn with_grams(
        &mut self,
        rank: Rank,
        text: &str,
        grams: &BTreeSet<i32>,
        above: &str,
        limit: usize,
        at_most: usize,
    ) -> impl Future<Output = Result<Option<Vec<String>>, StoreError>> + Send;

    /// On which of these points of the grid anybody is.
    fn inhabited(&mut self, cells: &[i32]) -> impl Future<Output = Result<Vec<i32>, StoreError>> + Send;

    /// Of the first `read` people above a key on each of these points: those of whose texts any contains this one, or all if none is given.
    fn inhabitants(
        &mut self,
        cells: &[i32],
        text: Option<&str>,
        above: &str,
        read: usize,
    ) -> impl Future<Output = Result<Vec<Inhabitants>, StoreError>> + Send;

    /// The people in this area who have all grams of any of these sets, and of whose texts any contains this one: each's point, and key.
    /// `None` if more than `at_most` have the grams, whatever their texts.
    fn inhabitants_with(
        &mut self,
        area: &Area,
        grams: &[BTreeSet<i32>; 3],
        text: &str,
        at_most: usize,
    ) -> impl Future<Output = Result<Option<Vec<(i32, String)>>, StoreError>> + Send;

    /// What is shown of those with these keys, each with the key.
    fn shown(
        &mut self,
        keys: &[String],
    ) -> impl Future<Output = Result<Vec<(String, Self::Found)>, StoreError>> + Send;
}

/// A page of a search.
pub(in crate::store) async fn search<I: SearchIndex>(
    index: &mut I,
    wanted: Wanted,
) -> Result<Page<I::Found>, StoreError> {
    let limit = usize::from(wanted.limit);
    let text = wanted.text.as_deref().map(folded);
    // PostgreSQL has no text with this character, and nobody's texts have it.
    if text
        .as_ref()
        .is_some_and(|text| text.is_empty() || text.contains('\0'))
    {
        return found(index, Vec::new(), limit).await;
    }
    let after = wanted.after.map(|position| (position.place, position.key));
    match (text, wanted.near, after) {
        (Some(text), None, None) => by_text(index, &text, Rank::Beginning, "", limit).await,
        (Some(text), None, Some((Place::Rank(rank), key))) => by_text(index, &text, rank, &key, limit).await,
        (text, Some(near), None) => around(index, text.as_deref(), near, (0, ""), limit).await,
        (text, Some(near), Some((Place::Km(km), key))) => {
            around(index, text.as_deref(), near, (km, &key), limit).await
        }
        (None, None, _) | (Some(_), None, Some(_)) | (_, Some(_), Some(_)) => {
            found(index, Vec::new(), limit).await
        }
    }
}

/// A page of all that there are, in the order of their names.
pub(in crate::store) async fn all<I: SearchIndex>(
    index: &mut I,
    after: Option<&Position>,
    limit: usize,
) -> Result<Page<I::Found>, StoreError> {
    let after = after.map_or("", |position| position.key.as_str());
    let names = index.names_beginning_with("", after, limit + 1).await?;
    let people = names
        .into_iter()
        .map(|name| (Place::Rank(Rank::Beginning), name))
        .collect();
    found(index, people, limit).await
}

/// The page, of one more than it may have if there is a next.
async fn found<I: SearchIndex>(
    index: &mut I,
    mut people: Vec<(Place, String)>,
    limit: usize,
) -> Result<Page<I::Found>, StoreError> {
    let more = people.len() > limit;
    people.truncate(limit);
    let keys: Vec<String> = people.iter().map(|(_, key)| key.clone()).collect();
    let shown = match keys.as_slice() {
        [] => Vec::new(),
        keys => index.shown(keys).await?,
    };
    let mut by_key: HashMap<String, I::Found> = shown.into_iter().collect();
    let next = people.last().filter(|_| more).map(|(place, key)| Position {
        place: *place,
        key: key.clone(),
    });
    // Who has gone meanwhile is left out.
    let found = people
        .into_iter()
        .filter_map(|(place, key)| Some((by_key.remove(&key)?, place)));
    Ok(Page {
        found: found.collect(),
        next,
    })
}

async fn by_text<I: SearchIndex>(
    index: &mut I,
    text: &str,
    from: Rank,
    after: &str,
    limit: usize,
) -> Result<Page<I::Found>, StoreError> {
    let mut people = Vec::new();
    for rank in Rank::ALL.into_iter().filter(|&rank| rank >= from) {
        let missing = (limit + 1).saturating_sub(people.len());
        if missing == 0 {
            break;
        }
        let after = if rank == from { after } else { "" };
        let names = of_rank(index, rank, text, after, missing).await?;
        people.extend(names.into_iter().map(|name| (Place::Rank(rank), name)));
    }
    found(index, people, limit).await
}

async fn of_rank<I: SearchIndex>(
    index: &mut I,
    rank: Rank,
    text: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    let field = match rank {
        Rank::Beginning => return index.names_beginning_with(text, after, limit).await,
        Rank::DisplayName => Field::DisplayName,
        Rank::Name => Field::Name,
        Rank::Words => Field::Words,
    };
    let mut keys = index.read_in_order(rank, text, after, READ, limit).await?;
    let is_common = (READ as usize * limit)
        .checked_div(keys.len())
        .is_some_and(|read| read <= READ_ON as usize);
    if keys.len() < limit && is_common {
        keys = index.read_in_order(rank, text, after, READ_ON, limit).await?;
    }
    if keys.len() >= limit {
        return Ok(keys);
    }
    let grams = grams_to_look_up(field, text);
    let few = index.with_grams(rank, text, &grams, after, limit, CANDIDATES);
    if let Some(keys) = few.await? {
        return Ok(keys);
    }
    // Many have the pieces of the text, and hardly anybody has it whole.
    let keys = index.read_in_order(rank, text, after, READ_ON, limit).await?;
    if keys.len() >= limit {
        return Ok(keys);
    }
    let all = index.with_grams(rank, text, &grams, after, limit, usize::MAX);
    Ok(all.await?.unwrap_or_default())
}

async fn around<I: SearchIndex>(
    index: &mut I,
    text: Option<&str>,
    near: Near,
    after: (u16, &str),
    limit: usize,
) -> Result<Page<I::Found>, StoreError> {
    let mut points = near.location.around(near.within_km);
    points.retain(|&(km, _)| km >= after.0);
    let people = by_distance(index, text, &points, after, limit + 1).await?;
    found(index, people, limit).await
}
