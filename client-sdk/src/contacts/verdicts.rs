//! What was decided about strangers: whose messages are welcome and whose are not. A state that merges: two devices that
//! decided apart come to the same, whoever writes first.

use crate::decisions::Decisions;
use crate::sync::SharedRecord;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, ChatId};

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

/// All verdicts of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdicts {
    decisions: Decisions<Subject, Verdict>,
}

impl Verdicts {
    /// What was decided, if anything was.
    pub(crate) fn of(&self, subject: Subject) -> Option<Verdict> {
        self.decisions.of(subject).copied()
    }

    /// The accounts that are blocked.
    pub(crate) fn blocked(&self) -> impl Iterator<Item = AccountId> {
        self.decisions
            .iter()
            .filter_map(|(subject, &verdict)| match subject {
                Subject::Account(account) if verdict == Verdict::Blocked => Some(account),
                Subject::Account(_) | Subject::Group(_) => None,
            })
    }

    /// Decides, later than all that is known here. `false` if that was decided already.
    pub(crate) fn decide(&mut self, subject: Subject, verdict: Verdict) -> bool {
        let differs = self.decisions.decide(subject, verdict);
        self.prune();
        differs
    }

    /// Takes in what another device has decided. Says about whom or what something else holds now.
    pub(crate) fn take_in(&mut self, other: &Self) -> Vec<Subject> {
        let changed = self.decisions.take_in(&other.decisions);
        self.prune();
        changed
    }

    fn prune(&mut self) {
        self.decisions.keep(MOST, |&verdict| verdict);
    }
}

impl SharedRecord for Verdicts {
    const NAME: &'static str = "verdicts";

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

    proptest! {
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
        assert_eq!(verdicts.decisions.iter().count(), MOST);
        assert_eq!(verdicts.of(ANNA), Some(Verdict::Blocked));
        assert_eq!(verdicts.of(subject(0)), None);
        assert_eq!(verdicts.of(subject(2_999)), Some(Verdict::Accepted));
        let bytes = verdicts.encode().unwrap().len();
        assert!(bytes < 56 * 1024, "{bytes}");
    }
}
