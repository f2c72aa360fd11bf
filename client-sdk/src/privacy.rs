//! What an account's devices tell others of what goes on at them.

use crate::sync::SharedRecord;
use serde::{Deserialize, Serialize};

/// What this account's devices tell others. Whoever does not tell is not told either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "four switches, as they are shown")]
pub struct Privacy {
    /// That messages have arrived.
    pub delivery_receipts: bool,
    /// That messages were read.
    pub read_receipts: bool,
    /// That something is being written.
    pub typing: bool,
    /// That somebody is there, and when somebody was: only to those with whom there is a direct chat.
    pub presence: bool,
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            delivery_receipts: true,
            read_receipts: true,
            typing: true,
            presence: true,
        }
    }
}

/// What was decided last, by whichever device. A state that merges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PrivacyRecord {
    /// How often it was decided.
    time: u64,
    privacy: Privacy,
}

impl PrivacyRecord {
    pub(crate) const fn privacy(&self) -> Privacy {
        self.privacy
    }

    /// Decides anew, later than all that is known here. `false` if that was decided already.
    pub(crate) fn decide(&mut self, privacy: Privacy) -> bool {
        let differs = self.privacy != privacy;
        if differs {
            *self = Self {
                time: self.time.saturating_add(1),
                privacy,
            };
        }
        differs
    }
}

impl SharedRecord for PrivacyRecord {
    const NAME: &'static str = "privacy";

    /// The later decision holds; of two that were made without knowing of each other, the one that tells less.
    fn merge(&mut self, other: &Self) {
        if other.time > self.time {
            *self = *other;
        } else if other.time == self.time {
            let (ours, theirs) = (self.privacy, other.privacy);
            self.privacy = Privacy {
                delivery_receipts: ours.delivery_receipts && theirs.delivery_receipts,
                read_receipts: ours.read_receipts && theirs.read_receipts,
                typing: ours.typing && theirs.typing,
                presence: ours.presence && theirs.presence,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record() -> impl Strategy<Value = PrivacyRecord> {
        (0..4_u64, any::<[bool; 4]>()).prop_map(|(time, tells)| PrivacyRecord {
            time,
            privacy: Privacy {
                delivery_receipts: tells[0],
                read_receipts: tells[1],
                typing: tells[2],
                presence: tells[3],
            },
        })
    }

    proptest! {
        #[test]
        fn devices_that_decided_apart_come_to_the_same_in_any_order(a in record(), b in record(), c in record()) {
            let merged = |records: &[PrivacyRecord]| {
                let mut all = records[0];
                for other in records {
                    all.merge(other);
                }
                all
            };
            prop_assert_eq!(merged(&[a, b, c]), merged(&[c, a, b]));
            prop_assert_eq!(merged(&[a, b, c]), merged(&[b, a, c, a]));
        }

        #[test]
        fn what_is_shared_survives(record in record()) {
            prop_assert_eq!(PrivacyRecord::decode(&record.encode().unwrap()), Some(record));
        }
    }

    #[test]
    fn a_later_decision_holds_also_if_it_tells_more() {
        let mut here = PrivacyRecord::default();
        let quiet = Privacy {
            typing: false,
            ..Privacy::default()
        };
        assert!(here.decide(quiet) && !here.decide(quiet));
        let mut there = here;
        assert!(there.decide(Privacy::default()));
        here.merge(&there);
        assert_eq!(here.privacy(), Privacy::default());
    }
}
