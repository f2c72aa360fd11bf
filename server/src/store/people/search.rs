//! The search, over what a database can look up: of people, by their names, and of communities, by their titles.
//!
//! A text may be in half of all profiles or in two. Who has a common one is met soon by whoever goes through people in the order of their
//! names, and an index of grams would lead to far too many; for a rare one it is the other way round. Nobody knows beforehand which
//! it is: so a search goes through some people by name, and if that does not fill the page, asks the index, which then leads to
//! few.

use super::entry::Entry;
use super::grams::{Field, grams_to_look_up};
use super::{Near, Rank, folded};
use crate::store::StoreError;
use sotto_protocol::CoarseLocation;
use std::collections::{BTreeSet, HashMap};

/// So many people are gone through by name, for a text in names, before the index is asked.
const NAMES_READ: u32 = 4_000;
/// The same for a text in what people say: there is more to read.
const WORDS_READ: u32 = 2_000;
/// So many people are gone through by distance before the index is asked.
const NEIGHBOURS_READ: usize = 1_000;
/// Points of the grid that are asked about at first, and at most, whether anybody is there.
const POINTS: (usize, usize) = (64, 4_096);

/// People by name, in the range between these names. Neither end is among them.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct NameRange<'a> {
    pub(in crate::store) above: &'a str,
    pub(in crate::store) below: Option<&'a str>,
}

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

/// Where a page ended: after this name of those who are at the same place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Position {
    pub(in crate::store) place: Place,
    pub(in crate::store) name: String,
}

/// Where somebody is in the order of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Place {
    Rank(Rank),
    Km(u16),
}

/// A page of a search: those who were found, each with their distance if a place was given.
#[derive(Debug)]
pub(in crate::store) struct Page<F> {
    pub(in crate::store) found: Vec<(F, Option<u16>)>,
    pub(in crate::store) next: Option<Position>,
}

/// What a database can look up of those who can be found, each by a name of its own. Names are in the order of their bytes.
pub(in crate::store) trait SearchIndex: Send {
    /// What is shown of whom.
    type Found: Send;

    /// The first names above one that begin with a text.
    fn names_beginning_with(
        &mut self,
        text: &str,
        above: &str,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Of the first `read` people in this range, the names of those who have the rank for the text.
    fn read_names(
        &mut self,
        rank: Rank,
        text: &str,
        range: NameRange<'_>,
        read: u32,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// The first names above one, of people who have all of these grams and the rank for the text.
    fn names_with(
        &mut self,
        rank: Rank,
        text: &str,
        grams: &BTreeSet<i32>,
        above: &str,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// On which of these points of the grid anybody is.
    fn inhabited(&mut self, cells: &[i32]) -> impl Future<Output = Result<Vec<i32>, StoreError>> + Send;

    /// On each of these points the first people by name, above one.
    fn inhabitants(
        &mut self,
        cells: &[i32],
        above: &str,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Entry>, StoreError>> + Send;

    /// People in this range of points, who have all grams of any of these sets.
    fn inhabitants_with(
        &mut self,
        cells: (i32, i32),
        grams: &[BTreeSet<i32>],
    ) -> impl Future<Output = Result<Vec<Entry>, StoreError>> + Send;

    /// What is shown of those with these names, each with the name.
    fn shown(
        &mut self,
        names: &[String],
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
    let after = wanted.after.map(|position| (position.place, position.name));
    match (text, wanted.near, after) {
        (Some(text), None, None) => by_text(index, &text, Rank::Beginning, "", limit).await,
        (Some(text), None, Some((Place::Rank(rank), name))) => {
            by_text(index, &text, rank, &name, limit).await
        }
        (text, Some(near), None) => by_distance(index, text.as_deref(), near, (0, ""), limit).await,
        (text, Some(near), Some((Place::Km(km), name))) => {
            by_distance(index, text.as_deref(), near, (km, &name), limit).await
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
    let after = after.map_or("", |position| position.name.as_str());
    let names = index.names_beginning_with("", after, limit + 1).await?;
    let people = names
        .into_iter()
        .map(|name| (Place::Rank(Rank::Beginning), name))
        .collect();
    found(index, people, limit).await
}

/// The page, of one name more than it may have if there is a next.
async fn found<I: SearchIndex>(
    index: &mut I,
    mut people: Vec<(Place, String)>,
    limit: usize,
) -> Result<Page<I::Found>, StoreError> {
    let more = people.len() > limit;
    people.truncate(limit);
    let names: Vec<String> = people.iter().map(|(_, name)| name.clone()).collect();
    let shown = match names.as_slice() {
        [] => Vec::new(),
        names => index.shown(names).await?,
    };
    let mut by_name: HashMap<String, I::Found> = shown.into_iter().collect();
    let next = people.last().filter(|_| more).map(|(place, name)| Position {
        place: *place,
        name: name.clone(),
    });
    // Who has gone meanwhile is left out.
    let found = people.into_iter().filter_map(|(place, name)| {
        let distance = match place {
            Place::Rank(_) => None,
            Place::Km(km) => Some(km),
        };
        Some((by_name.remove(&name)?, distance))
    });
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
    let (field, read) = match rank {
        Rank::Beginning => return index.names_beginning_with(text, after, limit).await,
        Rank::DisplayName => (Field::DisplayName, NAMES_READ),
        Rank::Name => (Field::Name, NAMES_READ),
        Rank::Words => (Field::Words, WORDS_READ),
    };
    // Those who begin with it have had their turn, and may be many.
    let end = end_of_prefix(text);
    let ranges = [
        NameRange {
            above: after,
            below: Some(text),
        },
        NameRange {
            above: after.max(&end),
            below: None,
        },
    ];
    let mut names: Vec<String> = Vec::new();
    for range in ranges {
        let missing = limit.saturating_sub(names.len());
        if missing > 0 {
            names.extend(index.read_names(rank, text, range, read, missing).await?);
        }
    }
    if names.len() < limit {
        let grams = grams_to_look_up(field, text);
        names = index.names_with(rank, text, &grams, after, limit).await?;
    }
    Ok(names)
}

async fn by_distance<I: SearchIndex>(
    index: &mut I,
    text: Option<&str>,
    near: Near,
    after: (u16, &str),
    limit: usize,
) -> Result<Page<I::Found>, StoreError> {
    let mut points = near.location.around(near.within_km);
    points.retain(|&(km, _)| km >= after.0);
    let people = match text {
        None => {
            let nearest = nearest(index, &points, after, limit + 1).await?;
            names_of(nearest.into_iter(), limit)
        }
        Some(text) => {
            let neighbours = nearest(index, &points, after, NEIGHBOURS_READ).await?;
            let all_read = neighbours.len() < NEIGHBOURS_READ;
            let fitting = neighbours.into_iter().filter(|(_, person)| person.contains(text));
            let people = names_of(fitting, limit);
            if all_read || people.len() > limit {
                people
            } else {
                let fitting = fitting_near(index, text, &points, after).await?;
                names_of(fitting.into_iter(), limit)
            }
        }
    };
    found(index, people, limit).await
}

/// The names of the first of them, one more than a page has.
fn names_of(people: impl Iterator<Item = (u16, Entry)>, limit: usize) -> Vec<(Place, String)> {
    people
        .take(limit + 1)
        .map(|(km, person)| (Place::Km(km), person.name))
        .collect()
}

/// The first people on these points, which are in the order of their distance, after a place in that order: by distance, then by
/// name.
async fn nearest<I: SearchIndex>(
    index: &mut I,
    points: &[(u16, CoarseLocation)],
    after: (u16, &str),
    count: usize,
) -> Result<Vec<(u16, Entry)>, StoreError> {
    let mut people = Vec::new();
    let mut rest = points;
    let mut asked = POINTS.0;
    while people.len() < count && !rest.is_empty() {
        let (some, others) = rest.split_at(whole_distances(rest, asked));
        rest = others;
        asked = (asked * 2).min(POINTS.1);
        let cells: Vec<i32> = some.iter().map(|(_, point)| point.cell()).collect();
        let inhabited: BTreeSet<i32> = index.inhabited(&cells).await?.into_iter().collect();
        let inhabited: Vec<(u16, CoarseLocation)> = some
            .iter()
            .filter(|(_, point)| inhabited.contains(&point.cell()))
            .copied()
            .collect();
        // A city may be on the first of them, or one person on each.
        let mut rest = inhabited.as_slice();
        let mut together = 1;
        while people.len() < count && !rest.is_empty() {
            // Those at the distance where the page before ended are asked for alone: only of them some have had their turn.
            let begun = rest.first().is_some_and(|&(km, _)| km == after.0);
            let (some, others) = rest.split_at(whole_distances(rest, if begun { 1 } else { together }));
            rest = others;
            together *= 4;
            people.extend(on_points(index, some, begun.then_some(after), count - people.len()).await?);
        }
    }
    people.truncate(count);
    Ok(people)
}

/// How many of the first points are so many, and all at their distances.
fn whole_distances(points: &[(u16, CoarseLocation)], count: usize) -> usize {
    let Some(&(last, _)) = points.get(count.saturating_sub(1)) else {
        return points.len();
    };
    points.partition_point(|&(km, _)| km <= last)
}

async fn on_points<I: SearchIndex>(
    index: &mut I,
    points: &[(u16, CoarseLocation)],
    after: Option<(u16, &str)>,
    count: usize,
) -> Result<Vec<(u16, Entry)>, StoreError> {
    let distances: HashMap<i32, u16> = points.iter().map(|&(km, point)| (point.cell(), km)).collect();
    let cells: Vec<i32> = points.iter().map(|(_, point)| point.cell()).collect();
    let above = after.map_or("", |(_, name)| name);
    let mut people = with_distances(index.inhabitants(&cells, above, count).await?, &distances);
    people.truncate(count);
    Ok(people)
}

/// In the order of distance and name.
fn with_distances(people: Vec<Entry>, distances: &HashMap<i32, u16>) -> Vec<(u16, Entry)> {
    let mut people: Vec<(u16, Entry)> = people
        .into_iter()
        .filter_map(|person| Some((*distances.get(&person.cell?)?, person)))
        .collect();
    people
        .sort_unstable_by(|(km, person), (other_km, other)| (km, &person.name).cmp(&(other_km, &other.name)));
    people
}

/// All people on these points whom the text fits, after a place in the order.
async fn fitting_near<I: SearchIndex>(
    index: &mut I,
    text: &str,
    points: &[(u16, CoarseLocation)],
    after: (u16, &str),
) -> Result<Vec<(u16, Entry)>, StoreError> {
    let distances: HashMap<i32, u16> = points.iter().map(|&(km, point)| (point.cell(), km)).collect();
    let cells = (
        distances.keys().min().copied().unwrap_or_default(),
        distances.keys().max().copied().unwrap_or_default(),
    );
    let grams = Field::ALL.map(|field| grams_to_look_up(field, text));
    let mut people = with_distances(index.inhabitants_with(cells, &grams).await?, &distances);
    // Who is found by two of the texts is found twice.
    people.dedup_by(|(_, person), (_, other)| person.name == other.name);
    people.retain(|(km, person)| (*km, person.name.as_str()) > after && person.contains(text));
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_one_distance_stay_together() {
        let point = CoarseLocation::near(0.0, 0.0).unwrap();
        let points: Vec<_> = [10, 10, 11, 11, 11, 12].map(|km| (km, point)).into();
        for (count, whole) in [(1, 2), (2, 2), (3, 5), (5, 5), (6, 6), (7, 6)] {
            assert_eq!(whole_distances(&points, count), whole, "{count}");
        }
        assert_eq!(whole_distances(&[], 1), 0);
    }
}
