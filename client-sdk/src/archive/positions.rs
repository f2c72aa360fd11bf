//! Sets of positions in a chat's log.

use core::ops::RangeInclusive;
use rangemap::RangeInclusiveSet;
use serde::{Deserialize, Serialize};

/// A set of positions, stored as ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Positions(RangeInclusiveSet<u64>);

impl Positions {
    /// Those of a range.
    pub(crate) fn of(range: RangeInclusive<u64>) -> Self {
        let mut positions = Self::default();
        positions.add(range);
        positions
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, position: u64) -> bool {
        self.0.contains(&position)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0
            .iter()
            .map(|range| (range.end() - range.start()).saturating_add(1))
            .fold(0, u64::saturating_add)
    }

    /// The greatest; 0 if there is none.
    pub(crate) fn last(&self) -> u64 {
        self.0.last().map_or(0, |range| *range.end())
    }

    pub(crate) fn ranges(&self) -> impl Iterator<Item = RangeInclusive<u64>> {
        self.0.iter().cloned()
    }

    /// Adds a range; nothing, if it is upside down.
    pub(crate) fn add(&mut self, range: RangeInclusive<u64>) {
        if !range.is_empty() {
            self.0.insert(range);
        }
    }

    pub(crate) fn add_all(&mut self, others: &Self) {
        self.0.extend(others.ranges());
    }

    /// Takes a range out.
    pub(crate) fn remove(&mut self, range: RangeInclusive<u64>) {
        if !range.is_empty() {
            self.0.remove(range);
        }
    }

    pub(crate) fn remove_all(&mut self, others: &Self) {
        for range in others.ranges() {
            self.0.remove(range);
        }
    }

    /// Whether any of a range is among them.
    pub(crate) fn has_any(&self, range: RangeInclusive<u64>) -> bool {
        !range.is_empty() && self.0.overlaps(&range)
    }

    /// These, without `others`.
    pub(crate) fn without(&self, others: &Self) -> Self {
        let mut rest = self.clone();
        rest.remove_all(others);
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn ranges() -> impl Strategy<Value = Vec<(bool, u64, u64)>> {
        proptest::collection::vec((any::<bool>(), 0..60_u64, 0..20_u64), 0..12)
    }

    fn built(steps: &[(bool, u64, u64)]) -> (Positions, BTreeSet<u64>) {
        let (mut positions, mut plain) = (Positions::default(), BTreeSet::new());
        for &(adds, from, length) in steps {
            let range = from..=from + length;
            if adds {
                positions.add(range.clone());
                plain.extend(range);
            } else {
                positions.remove(range.clone());
                plain.retain(|position| !range.contains(position));
            }
        }
        (positions, plain)
    }

    proptest! {
        #[test]
        fn they_are_what_a_plain_set_is(one in ranges(), other in ranges()) {
            let ((one, plain_one), (other, plain_other)) = (built(&one), built(&other));
            let all = |positions: &Positions| positions.ranges().flatten().collect::<BTreeSet<u64>>();
            prop_assert_eq!(&all(&one), &plain_one);
            prop_assert_eq!(one.is_empty(), plain_one.is_empty());
            prop_assert_eq!(one.count(), plain_one.len() as u64);
            prop_assert_eq!(one.last(), plain_one.last().copied().unwrap_or(0));
            for range in other.ranges() {
                prop_assert_eq!(one.has_any(range.clone()), plain_one.range(range).next().is_some());
            }
            let rest: BTreeSet<u64> = plain_one.difference(&plain_other).copied().collect();
            prop_assert_eq!(all(&one.without(&other)), rest);
            let mut both = one.clone();
            both.add_all(&other);
            prop_assert_eq!(all(&both), &plain_one | &plain_other);
            for position in 0..90 {
                prop_assert_eq!(one.contains(position), plain_one.contains(&position));
            }
            let bytes = postcard::to_allocvec(&one).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Positions>(&bytes).unwrap(), one);
        }
    }
}
