//! What was decided about strangers: whose messages are welcome and whose are not. A state that merges: two devices that
//! decided apart come to the same, whoever writes first.

use crate::sync::SharedRecord;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, ChatId};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Verdicts that are kept: what comes to some 55 KiB. Beyond, the oldest go that say the least.
const MOST: usize = 2_400;

/// Whom or what a verdict is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Subject {
    /// An account, and the direct chat with it.
    Account(AccountId),
    /// A group that somebody brought this account into.
    Group(ChatId),
}

/// What was decided. Of two that were decided without knowing of each other, the later one in this order holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Verdict {
    Accepted,
    Declined,
    Blocked,
}

/// A verdict and its logical time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Stamped {
    time: u64,
    verdict: Verdict,
}

/// All verdicts of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdicts {
    entries: BTreeMap<Subject, Stamped>,
}

/// As the devices share them.
#[derive(Serialize, Deserialize)]
enum Encoded {
    V1(Verdicts),
}

impl Verdicts {
    /// What was decided, if anything was.
    pub(crate) fn of(&self, subject: Subject) -> Option<Verdict> {
        self.entries.get(&subject).map(|stamped| stamped.verdict)
    }

    /// The accounts that are blocked.
    pub(crate) fn blocked(&self) -> impl Iterator<Item = AccountId> {
        self.entries
            .iter()
            .filter_map(|(subject, stamped)| match subject {
                Subject::Account(account) if stamped.verdict == Verdict::Blocked => Some(*account),
                Subject::Account(_) | Subject::Group(_) => None,
            })
    }

    /// Decides, later than all that is known here. `false` if that was decided already.
    pub(crate) fn decide(&mut self, subject: Subject, verdict: Verdict) -> bool {
        if self.of(subject) == Some(verdict) {
            return false;
        }
        let latest = self.entries.values().map(|stamped| stamped.time).max();
        let time = latest.unwrap_or(0).saturating_add(1);
        self.entries.insert(subject, Stamped { time, verdict });
        self.prune();
        true
    }

    /// Takes in what another device has decided. Says about whom or what something else holds now.
    pub(crate) fn take_in(&mut self, other: &Self) -> Vec<Subject> {
        let mut changed = Vec::new();
        for (&subject, &theirs) in &other.entries {
            match self.entries.entry(subject) {
                Entry::Vacant(place) => {
                    place.insert(theirs);
                    changed.push(subject);
                }
                Entry::Occupied(mut own) => {
                    let before = *own.get();
                    if theirs > before {
                        own.insert(theirs);
                        if theirs.verdict != before.verdict {
                            changed.push(subject);
                        }
                    }
                }
            }
        }
        self.prune();
        changed
    }

    fn prune(&mut self) {
        while self.entries.len() > MOST {
            let least = self
                .entries
                .iter()
                .min_by_key(|(_, stamped)| (stamped.verdict, stamped.time));
            let Some((&subject, _)) = least else {
                return;
            };
            self.entries.remove(&subject);
        }
    }
}

impl SharedRecord for Verdicts {
    const NAME: &'static str = "verdicts";

    fn encode(&self) -> Option<Vec<u8>> {
        postcard::to_allocvec(&Encoded::V1(self.clone())).ok()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (Encoded::V1(verdicts), rest) = postcard::take_from_bytes(bytes).ok()?;
        rest.is_empty().then_some(verdicts)
    }

    fn merge(&mut self, other: &Self) {
        self.take_in(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANNA: Subject = Subject::Account(AccountId::from_bytes([1; 16]));
    const GROUP: Subject = Subject::Group(ChatId::from_bytes([1; 16]));

    fn verdict() -> impl Strategy<Value = Verdict> {
        prop_oneof![
            Just(Verdict::Accepted),
            Just(Verdict::Declined),
            Just(Verdict::Blocked)
        ]
    }

    fn verdicts() -> impl Strategy<Value = Verdicts> {
        let decision = (0..6_u8, any::<bool>(), verdict());
        proptest::collection::vec(decision, 0..20).prop_map(|decisions| {
            let mut verdicts = Verdicts::default();
            for (number, is_group, verdict) in decisions {
                let subject = if is_group {
                    Subject::Group(ChatId::from_bytes([number; 16]))
                } else {
                    Subject::Account(AccountId::from_bytes([number; 16]))
                };
                verdicts.decide(subject, verdict);
            }
            verdicts
        })
    }

    fn merged(one: &Verdicts, other: &Verdicts) -> Verdicts {
        let mut merged = one.clone();
        merged.merge(other);
        merged
    }

    proptest! {
        #[test]
        fn merging_has_one_outcome_in_whatever_order_and_however_often(
            one in verdicts(),
            other in verdicts(),
            third in verdicts(),
        ) {
            let both = merged(&one, &other);
            prop_assert_eq!(&both, &merged(&other, &one));
            prop_assert_eq!(merged(&both, &third), merged(&one, &merged(&other, &third)));
            prop_assert_eq!(&merged(&both, &other), &both);
        }

        #[test]
        fn what_is_decided_after_a_merge_holds(one in verdicts(), other in verdicts(), now in verdict()) {
            let mut both = merged(&one, &other);
            both.decide(ANNA, now);
            prop_assert_eq!(merged(&both, &one).of(ANNA), Some(now));
            prop_assert_eq!(merged(&other, &both).of(ANNA), Some(now));
        }

        #[test]
        fn verdicts_survive_encoding(verdicts in verdicts()) {
            let bytes = verdicts.encode().unwrap();
            prop_assert_eq!(Verdicts::decode(&bytes), Some(verdicts));
            prop_assert_eq!(Verdicts::decode(&[&bytes[..], &[0]].concat()), None);
        }

        #[test]
        fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Verdicts::decode(&bytes);
        }
    }

    #[test]
    fn a_merge_says_what_holds_now_that_did_not_before() {
        let mut one = Verdicts::default();
        one.decide(ANNA, Verdict::Accepted);
        let mut other = one.clone();
        other.decide(ANNA, Verdict::Blocked);
        other.decide(GROUP, Verdict::Declined);
        assert_eq!(one.take_in(&other), [ANNA, GROUP]);
        assert_eq!(one.take_in(&other), []);
        assert_eq!(one.of(ANNA), Some(Verdict::Blocked));
        assert_eq!(one.blocked().count(), 1);
    }

    #[test]
    fn too_many_verdicts_give_up_the_oldest_acceptances_and_fit_into_a_record() {
        let subject = |number: u32| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            Subject::Account(AccountId::from_bytes(bytes))
        };
        let mut verdicts = Verdicts::default();
        verdicts.decide(ANNA, Verdict::Blocked);
        for number in 0..3_000 {
            verdicts.decide(subject(number), Verdict::Accepted);
        }
        assert_eq!(verdicts.entries.len(), MOST);
        assert_eq!(verdicts.of(ANNA), Some(Verdict::Blocked));
        assert_eq!(verdicts.of(subject(0)), None);
        assert_eq!(verdicts.of(subject(2_999)), Some(Verdict::Accepted));
        let bytes = verdicts.encode().unwrap().len();
        assert!(bytes < 56 * 1024, "{bytes}");
    }
}
