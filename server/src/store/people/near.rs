//! The search around a place: by distance, then in their order.
//!
//! With a text, some who live next to the place are gone through. If they do not fill the page, the index is asked who has the text in the
//! regions around; if that leads to too many, it goes on from neighbour to neighbour.

use super::grams::{Field, gram_of_region, grams_to_look_up};
use super::search::{Place, SearchIndex};
use crate::store::StoreError;
use sotto_protocol::CoarseLocation;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many neighbours are gone through at first.
const NEIGHBOURS: usize = 2_000;
/// So many are looked at one by one, of those to whom the index leads.
const CANDIDATES: usize = 2_000;
/// Are they more, so many more neighbours are gone through.
const MORE_NEIGHBOURS: usize = 10_000;
/// Of one point so many at least: to ask costs more than to read a few.
const READ_AT_ONCE: usize = 64;
/// Points of the grid that are asked about at first, and at most, whether anybody is there.
const POINTS: (usize, usize) = (64, 4_096);

/// What all the points around a place have in common. Others may have it, too.
pub(in crate::store) struct Area {
    /// The first of them by its number, and the last.
    pub(in crate::store) cells: (i32, i32),
    /// The grams of their regions.
    pub(in crate::store) regions: BTreeSet<i32>,
}

impl Area {
    fn of(points: &[Point]) -> Self {
        let cells = || points.iter().map(|(_, point)| point.cell());
        Self {
            cells: (
                cells().min().unwrap_or_default(),
                cells().max().unwrap_or_default(),
            ),
            regions: points.iter().map(|&(_, point)| gram_of_region(point)).collect(),
        }
    }
}

/// Who is on one point of the grid, as far as it was read.
pub(in crate::store) struct Inhabitants {
    /// The point's number.
    pub(in crate::store) cell: i32,
    /// How many people were read.
    pub(in crate::store) read: usize,
    /// The key of the last of them.
    pub(in crate::store) last: Option<String>,
    /// The keys of those who have the text.
    pub(in crate::store) fitting: Vec<String>,
}

/// A point of the grid, and how far it is, in kilometres.
type Point = (u16, CoarseLocation);

/// The keys of the first people around a place after a place in their order, `wanted` or more if there are so many; who has the text, if
/// one is given.
pub(super) async fn by_distance<I: SearchIndex>(
    index: &mut I,
    text: Option<&str>,
    points: &[Point],
    after: (u16, &str),
    wanted: usize,
) -> Result<Vec<(Place, String)>, StoreError> {
    let people = match text {
        None => {
            let mut walk = Walk::new(points, after, usize::MAX);
            walk.go(index, None, wanted).await?;
            walk.people
        }
        Some(text) => with_text(index, text, points, after, wanted).await?,
    };
    Ok(people.into_iter().map(|(km, key)| (Place::Km(km), key)).collect())
}

async fn with_text<I: SearchIndex>(
    index: &mut I,
    text: &str,
    points: &[Point],
    after: (u16, &str),
    wanted: usize,
) -> Result<Vec<(u16, String)>, StoreError> {
    let mut walk = Walk::new(points, after, NEIGHBOURS);
    if walk.go(index, Some(text), wanted).await? {
        return Ok(walk.people);
    }
    let area = Area::of(points);
    let grams = Field::ALL.map(|field| grams_to_look_up(field, text));
    let few = index.inhabitants_with(&area, &grams, text, CANDIDATES).await?;
    let found = if let Some(few) = few {
        few
    } else {
        walk.left = MORE_NEIGHBOURS;
        if walk.go(index, Some(text), wanted).await? {
            return Ok(walk.people);
        }
        let all = index.inhabitants_with(&area, &grams, text, usize::MAX);
        all.await?.unwrap_or_default()
    };
    let distances: HashMap<i32, u16> = points.iter().map(|&(km, point)| (point.cell(), km)).collect();
    // Who is found by two texts is found twice.
    let people: BTreeSet<(u16, String)> = found
        .into_iter()
        .filter_map(|(cell, key)| Some((*distances.get(&cell)?, key)))
        .filter(|(km, key)| (*km, key.as_str()) > after)
        .collect();
    Ok(people.into_iter().collect())
}

/// Goes from point to point, the nearest first, and on each in their order.
struct Walk<'a> {
    /// Not yet passed.
    points: &'a [Point],
    /// Up to here all have been met.
    after: (u16, String),
    /// So many more may be read.
    left: usize,
    people: Vec<(u16, String)>,
}

impl<'a> Walk<'a> {
    fn new(points: &'a [Point], after: (u16, &str), left: usize) -> Self {
        Self {
            points,
            after: (after.0, after.1.to_owned()),
            left,
            people: Vec::new(),
        }
    }

    /// Meets as many as are wanted, or everybody: `false` if it may read no further before that. It can go on later.
    async fn go<I: SearchIndex>(
        &mut self,
        index: &mut I,
        text: Option<&str>,
        wanted: usize,
    ) -> Result<bool, StoreError> {
        let passed = self.points.partition_point(|&(km, _)| km < self.after.0);
        self.points = self.points.get(passed..).unwrap_or_default();
        let mut asked = POINTS.0;
        while self.people.len() < wanted && !self.points.is_empty() {
            let (some, others) = self.points.split_at(whole_distances(self.points, asked));
            asked = (asked * 2).min(POINTS.1);
            let cells: Vec<i32> = some.iter().map(|(_, point)| point.cell()).collect();
            let inhabited: BTreeSet<i32> = index.inhabited(&cells).await?.into_iter().collect();
            let inhabited: Vec<Point> = some
                .iter()
                .filter(|(_, point)| inhabited.contains(&point.cell()))
                .copied()
                .collect();
            if !self.pass(index, &inhabited, text, wanted).await? {
                return Ok(false);
            }
            self.points = others;
        }
        Ok(true)
    }

    async fn pass<I: SearchIndex>(
        &mut self,
        index: &mut I,
        inhabited: &[Point],
        text: Option<&str>,
        wanted: usize,
    ) -> Result<bool, StoreError> {
        let mut rest = inhabited;
        // A city may be on the first of them, or one person on each.
        let mut together = 1;
        while self.people.len() < wanted && !rest.is_empty() {
            if self.left == 0 {
                return Ok(false);
            }
            // Those at the distance up to which all were met are asked for alone: only of them some have had their turn.
            let begun = !self.after.1.is_empty() && rest.first().is_some_and(|&(km, _)| km == self.after.0);
            let (some, others) = rest.split_at(whole_distances(rest, if begun { 1 } else { together }));
            let above = if begun { self.after.1.as_str() } else { "" };
            let read = match text {
                None => wanted - self.people.len(),
                Some(_) => (self.left / some.len().max(1)).max(READ_AT_ONCE),
            };
            let cells: Vec<i32> = some.iter().map(|(_, point)| point.cell()).collect();
            let met = index.inhabitants(&cells, text, above, read).await?;
            self.left = self.left.saturating_sub(met.iter().map(|here| here.read).sum());
            match self.meet(some, met, read) {
                None => {
                    rest = others;
                    together *= 4;
                    if let Some(&(next, _)) = rest.first() {
                        self.after = (next, String::new());
                    }
                }
                Some(km) => {
                    let passed = rest.partition_point(|&(other, _)| other < km);
                    rest = rest.get(passed..).unwrap_or_default();
                }
            }
        }
        Ok(true)
    }

    /// Takes in who was met, in their order, up to where one point has more than were read. Returns the distance of that one.
    fn meet(&mut self, points: &[Point], met: Vec<Inhabitants>, read: usize) -> Option<u16> {
        let distances: HashMap<i32, u16> = points.iter().map(|&(km, point)| (point.cell(), km)).collect();
        let mut by_distance: BTreeMap<u16, Vec<Inhabitants>> = BTreeMap::new();
        for here in met {
            if let Some(&km) = distances.get(&here.cell) {
                by_distance.entry(km).or_default().push(here);
            }
        }
        for (km, here) in by_distance {
            let full = here.iter().filter(|here| here.read >= read);
            let end = full.filter_map(|here| here.last.clone()).min();
            let mut keys: Vec<String> = here.into_iter().flat_map(|here| here.fitting).collect();
            keys.retain(|key| end.as_ref().is_none_or(|end| key <= end));
            keys.sort_unstable();
            self.people.extend(keys.into_iter().map(|key| (km, key)));
            if let Some(end) = end {
                self.after = (km, end);
                return Some(km);
            }
        }
        None
    }
}

/// How many of the first points are so many, and all at their distances.
fn whole_distances(points: &[Point], count: usize) -> usize {
    let Some(&(last, _)) = points.get(count.saturating_sub(1)) else {
        return points.len();
    };
    points.partition_point(|&(km, _)| km <= last)
}

#[cfg(test)]
mod tests {
    use super::super::Rank;
    use super::*;
    use futures_util::FutureExt as _;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn points_at_one_distance_stay_together() {
        let point = CoarseLocation::near(0.0, 0.0).unwrap();
        let points: Vec<_> = [10, 10, 11, 11, 11, 12].map(|km| (km, point)).into();
        for (count, whole) in [(1, 2), (2, 2), (3, 5), (5, 5), (6, 6), (7, 6)] {
            assert_eq!(whole_distances(&points, count), whole, "{count}");
        }
        assert_eq!(whole_distances(&[], 1), 0);
    }

    /// People on points, and whether they have the text.
    struct Town(BTreeMap<(i32, String), bool>);

    impl SearchIndex for Town {
        type Found = ();

        async fn inhabited(&mut self, cells: &[i32]) -> Result<Vec<i32>, StoreError> {
            let lives = |cell: i32| self.0.keys().any(|&(other, _)| other == cell);
            Ok(cells.iter().copied().filter(|&cell| lives(cell)).collect())
        }

        async fn inhabitants(
            &mut self,
            cells: &[i32],
            text: Option<&str>,
            above: &str,
            read: usize,
        ) -> Result<Vec<Inhabitants>, StoreError> {
            let on = |cell: i32| {
                let there = self
                    .0
                    .iter()
                    .filter(|((other, name), _)| *other == cell && **name > *above);
                let met: Vec<_> = there.take(read).collect();
                let fitting = met.iter().filter(|(_, fits)| **fits || text.is_none());
                Inhabitants {
                    cell,
                    read: met.len(),
                    last: met.last().map(|((_, name), _)| name.clone()),
                    fitting: fitting.map(|((_, name), _)| name.clone()).collect(),
                }
            };
            Ok(cells.iter().copied().map(on).collect())
        }

        async fn names_beginning_with(
            &mut self,
            _: &str,
            _: &str,
            _: usize,
        ) -> Result<Vec<String>, StoreError> {
            unreachable!("no walk asks that")
        }

        async fn read_in_order(
            &mut self,
            _: Rank,
            _: &str,
            _: &str,
            _: u32,
            _: usize,
        ) -> Result<Vec<String>, StoreError> {
            unreachable!("no walk asks that")
        }

        async fn with_grams(
            &mut self,
            _: Rank,
            _: &str,
            _: &BTreeSet<i32>,
            _: &str,
            _: usize,
            _: usize,
        ) -> Result<Option<Vec<String>>, StoreError> {
            unreachable!("no walk asks that")
        }

        async fn inhabitants_with(
            &mut self,
            _: &Area,
            _: &[BTreeSet<i32>; 3],
            _: &str,
            _: usize,
        ) -> Result<Option<Vec<(i32, String)>>, StoreError> {
            unreachable!("no walk asks that")
        }

        async fn shown(&mut self, _: &[String]) -> Result<Vec<(String, ())>, StoreError> {
            unreachable!("no walk asks that")
        }
    }

    proptest! {
        #[test]
        fn a_walk_meets_in_order_whom_it_may_and_leaves_nobody_out(
            lives in vec((0_usize..8, any::<bool>()), 0..600),
            wanted in 1_usize..60,
            left in 0_usize..600,
            with_text in any::<bool>(),
            goes_on in any::<bool>(),
        ) {
            let mut points = CoarseLocation::near(60.0, 20.0).unwrap().around(30);
            points.truncate(8);
            let mut all = BTreeSet::new();
            let mut town = Town(BTreeMap::new());
            for (number, (point, fits)) in lives.into_iter().enumerate() {
                let (km, point) = points[point % points.len()];
                let name = format!("{:03}", number * 7 % 600);
                if fits || !with_text {
                    all.insert((km, name.clone()));
                }
                town.0.insert((point.cell(), name), fits);
            }
            let text = with_text.then_some("text");
            let mut met = Vec::new();
            loop {
                let last = met.last().cloned().unwrap_or((0, String::new()));
                let mut walk = Walk::new(&points, (last.0, &last.1), if with_text { left } else { usize::MAX });
                let mut whole = walk.go(&mut town, text, wanted).now_or_never().unwrap().unwrap();
                if !whole && goes_on {
                    walk.left = left;
                    whole = walk.go(&mut town, text, wanted).now_or_never().unwrap().unwrap();
                }
                let page = walk.people;
                prop_assert!(whole || with_text);
                prop_assert!(page.iter().eq(all.iter().filter(|one| **one > last).take(page.len())));
                if whole {
                    prop_assert!(page.len() >= wanted || met.len() + page.len() == all.len());
                }
                if page.is_empty() {
                    break;
                }
                met.extend(page.into_iter().take(wanted));
            }
        }
    }
}
