//! What an account's devices have decided, each by itself, about each of many things: a state that merges to the same in whatever
//! order the devices hear of each other.

use core::cmp::Reverse;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What was decided last about each thing, by a logical clock. Of two decisions that were made without knowing of each other the
/// greater one holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "K: Ord + Deserialize<'de>, V: Deserialize<'de>"))]
pub(crate) struct Decisions<K, V> {
    entries: BTreeMap<K, Stamped<V>>,
}

/// A decision and its logical time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Stamped<V> {
    time: u64,
    decided: V,
}

impl<K, V> Default for Decisions<K, V> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Copy, V: Ord + Clone> Decisions<K, V> {
    /// What was decided, if anything was.
    pub(crate) fn of(&self, thing: K) -> Option<&V> {
        self.entries.get(&thing).map(|stamped| &stamped.decided)
    }

    /// Everything that was decided.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.entries
            .iter()
            .map(|(&thing, stamped)| (thing, &stamped.decided))
    }

    /// Everything that was decided, with its logical time, the latest first.
    pub(crate) fn by_time(&self) -> Vec<(u64, K, &V)> {
        let mut latest: Vec<(u64, K, &V)> = self
            .entries
            .iter()
            .map(|(&thing, stamped)| (stamped.time, thing, &stamped.decided))
            .collect();
        latest.sort_unstable_by_key(|&(time, thing, _)| Reverse((time, thing)));
        latest
    }

    /// Decides, later than all that is known here. `false` if that was decided already.
    pub(crate) fn decide(&mut self, thing: K, decided: V) -> bool {
        if self.of(thing) == Some(&decided) {
            return false;
        }
        let latest = self.entries.values().map(|stamped| stamped.time).max();
        let time = latest.unwrap_or(0).saturating_add(1);
        self.entries.insert(thing, Stamped { time, decided });
        true
    }

    /// Takes in what another device has decided. Says about what something else holds now.
    pub(crate) fn take_in(&mut self, other: &Self) -> Vec<K> {
        let mut changed = Vec::new();
        for (&thing, theirs) in &other.entries {
            match self.entries.entry(thing) {
                Entry::Vacant(place) => {
                    place.insert(theirs.clone());
                    changed.push(thing);
                }
                Entry::Occupied(mut own) => {
                    if *theirs > *own.get() {
                        let before = own.insert(theirs.clone());
                        if before.decided != theirs.decided {
                            changed.push(thing);
                        }
                    }
                }
            }
        }
        changed
    }

    /// The same decisions at the same times, the latest first as `part` has them, up to the first that it has not.
    pub(crate) fn latest_first(&self, mut part: impl FnMut(&V) -> Option<V>) -> Self {
        let entries = self.by_time().into_iter().map_while(|(time, thing, decided)| {
            let decided = part(decided)?;
            Some((thing, Stamped { time, decided }))
        });
        Self {
            entries: entries.collect(),
        }
    }

    /// Forgets decisions until there are `most`: of those that are worth least the oldest. Every device forgets the same ones.
    pub(crate) fn keep<W: Ord>(&mut self, most: usize, worth: impl Fn(&V) -> W) {
        let superfluous = self.entries.len().saturating_sub(most);
        if superfluous == 0 {
            return;
        }
        let mut things: Vec<(W, u64, K)> = self
            .entries
            .iter()
            .map(|(&thing, stamped)| (worth(&stamped.decided), stamped.time, thing))
            .collect();
        things.sort_unstable();
        for (_, _, thing) in things.into_iter().take(superfluous) {
            self.entries.remove(&thing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decisions() -> impl Strategy<Value = Decisions<u8, u8>> {
        proptest::collection::vec((0..6_u8, 0..3_u8), 0..20).prop_map(|made| {
            let mut decisions = Decisions::default();
            for (thing, decided) in made {
                decisions.decide(thing, decided);
            }
            decisions
        })
    }

    fn merged(one: &Decisions<u8, u8>, other: &Decisions<u8, u8>) -> Decisions<u8, u8> {
        let mut merged = one.clone();
        merged.take_in(other);
        merged
    }

    proptest! {
        #[test]
        fn merging_has_one_outcome_in_whatever_order_and_however_often(
            one in decisions(),
            other in decisions(),
            third in decisions(),
        ) {
            let both = merged(&one, &other);
            prop_assert_eq!(&both, &merged(&other, &one));
            prop_assert_eq!(merged(&both, &third), merged(&one, &merged(&other, &third)));
            prop_assert_eq!(&merged(&both, &other), &both);
        }

        #[test]
        fn what_is_decided_after_a_merge_holds(one in decisions(), other in decisions(), now in 0..3_u8) {
            let mut both = merged(&one, &other);
            both.decide(1, now);
            for merged in [merged(&both, &one), merged(&other, &both)] {
                prop_assert_eq!(merged.of(1), Some(&now));
            }
        }

        #[test]
        fn a_merge_says_exactly_about_what_something_else_holds(one in decisions(), other in decisions()) {
            let mut both = one.clone();
            let changed = both.take_in(&other);
            for thing in 0..6 {
                prop_assert_eq!(changed.contains(&thing), both.of(thing) != one.of(thing));
            }
        }

        #[test]
        fn devices_that_know_the_same_forget_the_same(one in decisions(), other in decisions(), most in 0..6_usize) {
            let (mut here, mut there) = (merged(&one, &other), merged(&other, &one));
            here.keep(most, |&decided| decided);
            there.keep(most, |&decided| decided);
            prop_assert!(here.iter().count() <= most);
            prop_assert_eq!(here, there);
        }
    }

    #[test]
    fn what_is_worth_most_and_is_newest_is_kept() {
        let mut decisions = Decisions::default();
        for (thing, decided) in [(1, true), (2, false), (3, false), (4, true)] {
            decisions.decide(thing, decided);
        }
        decisions.keep(3, |&decided| decided);
        assert_eq!(decisions.of(2), None);
        decisions.keep(1, |&decided| decided);
        assert_eq!(decisions.iter().collect::<Vec<_>>(), [(4, &true)]);
    }
}
