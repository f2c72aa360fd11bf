//! Which submissions of a batch are in the log already, and where it has to be read to tell.

use super::chat_state::{ChatState, LoadedChats};
use super::tag::{Tag, TagKey};
use crate::store::{Appended, Submission};
use sotto_protocol::{DeviceAddress, MessageId, Seq, Timestamp, limits};
use std::collections::HashMap;

/// Entries that one batch reads at most to tell what its senders have not read: some ten milliseconds. Hardly any batch reads a
/// hundredth of it, unless somebody means harm; others then wait a little longer, and not for all that is asked.
const BATCH_ENTRIES: u64 = 100 * limits::UNREAD_ENTRIES;

/// An entry that was found to be the same message as a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Earlier {
    pub(in crate::store) seq: Seq,
    pub(in crate::store) at: Timestamp,
}

/// What the log says of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Lookup {
    /// It is there.
    Found(Earlier),
    /// It is not there, after what its sender has read.
    NotFound,
    /// The sender has read too little for the log to be searched.
    Behind,
}

/// A part of a chat's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Stretch {
    /// The chat's key in the database.
    pub(in crate::store) chat: i64,
    /// The entry before the first.
    pub(in crate::store) after: Seq,
    /// The last entry.
    pub(in crate::store) up_to: Seq,
}

/// An entry that may be a submission.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Candidate {
    /// The chat's key in the database.
    pub(in crate::store) chat: i64,
    pub(in crate::store) from: DeviceAddress,
    pub(in crate::store) message: MessageId,
    pub(in crate::store) entry: Earlier,
}

/// Where one submission is looked for.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In this chat, after this entry.
    After(i64, Seq),
    /// Further back than the log is searched, or more than is read for one batch.
    TooFarBack,
    /// Nowhere: it is fleeting, or nothing is decided of its chat.
    Nowhere,
}

/// The search for the submissions of a batch. Of each chat it reads one stretch at most, whatever the number of submissions,
/// and those entries of the tail that have a submission's tag.
#[derive(Debug)]
pub(in crate::store) struct Search {
    /// In the order of the submissions.
    pub(in crate::store) tags: Vec<Tag>,
    places: Vec<Place>,
    /// What has to be read: entries in these stretches
    pub(in crate::store) stretches: Vec<Stretch>,
    /// that have one of these tags.
    pub(in crate::store) wanted: Vec<Tag>,
}

impl Search {
    /// `is_held` says of which chats anything is decided now. `doubtful` are the outcomes that the submissions had if an earlier
    /// attempt took place; empty if there was none. What may have been accepted then is looked for without bound: its sender
    /// is not to hear that it is behind.
    pub(in crate::store) fn new(
        tag_key: &TagKey,
        submissions: &[Submission],
        chats: &LoadedChats,
        is_held: impl Fn(&ChatState) -> bool,
        doubtful: &[Appended],
    ) -> Self {
        let mut search = Self {
            tags: Vec::with_capacity(submissions.len()),
            places: Vec::with_capacity(submissions.len()),
            stretches: Vec::new(),
            wanted: Vec::new(),
        };
        let mut budget = BATCH_ENTRIES;
        let mut unread: Vec<Seq> = chats
            .states
            .iter()
            .map(|state| state.tail.known_after())
            .collect();
        for (index, (submission, place)) in submissions.iter().zip(&chats.of_submission).enumerate() {
            let tag = tag_key.tag(submission.from, submission.message);
            search.tags.push(tag);
            let state = place.and_then(|place| Some((chats.states.get(place)?, unread.get_mut(place)?)));
            let Some((state, unread)) =
                state.filter(|(state, _)| is_held(state) && !submission.is_fleeting())
            else {
                search.places.push(Place::Nowhere);
                continue;
            };
            let is_doubtful = matches!(doubtful.get(index), Some(Appended::Accepted { .. }));
            let Some(after) = searched_after(submission.after, state.tail.last(), is_doubtful) else {
                search.places.push(Place::TooFarBack);
                continue;
            };
            let more = unread.0.saturating_sub(after.0);
            if more > budget && !is_doubtful {
                search.places.push(Place::TooFarBack);
                continue;
            }
            budget = budget.saturating_sub(more);
            search.places.push(Place::After(state.key, after));
            *unread = after.min(*unread);
            let known = search.stretches.len();
            let in_tail = state.tail.with_tag(tag).filter(|seq| *seq > after);
            search.stretches.extend(in_tail.map(|seq| Stretch {
                chat: state.key,
                after: Seq(seq.0.saturating_sub(1)),
                up_to: seq,
            }));
            if after < state.tail.known_after() || search.stretches.len() > known {
                search.wanted.push(tag);
            }
        }
        for (state, after) in chats.states.iter().zip(unread) {
            let up_to = state.tail.known_after();
            if after < up_to {
                let chat = state.key;
                search.stretches.push(Stretch { chat, after, up_to });
            }
        }
        search
    }

    /// What the candidates, all entries that had to be read, say of each submission.
    pub(in crate::store) fn conclude(
        &self,
        submissions: &[Submission],
        candidates: Vec<Candidate>,
    ) -> Vec<Lookup> {
        let mut found: HashMap<(i64, DeviceAddress, MessageId), Vec<Earlier>> = HashMap::new();
        for Candidate {
            chat,
            from,
            message,
            entry,
        } in candidates
        {
            found.entry((chat, from, message)).or_default().push(entry);
        }
        let lookup = |(submission, place): (&Submission, &Place)| match *place {
            Place::Nowhere => Lookup::NotFound,
            Place::TooFarBack => Lookup::Behind,
            Place::After(chat, after) => found
                .get(&(chat, submission.from, submission.message))
                .and_then(|entries| {
                    let after = entries.iter().filter(|entry| entry.seq > after);
                    after.min_by_key(|entry| entry.seq)
                })
                .map_or(Lookup::NotFound, |entry| Lookup::Found(*entry)),
        };
        submissions.iter().zip(&self.places).map(lookup).collect()
    }
}

/// After which entry a message is looked for, if its sender has read up to `after` and the log ends with `last`.
fn searched_after(after: Seq, last: Seq, without_bound: bool) -> Option<Seq> {
    let furthest = Seq(last.0.saturating_sub(limits::UNREAD_ENTRIES));
    if after > last {
        // The sender has read a longer log than this: of this one it says nothing.
        Some(furthest)
    } else {
        (after >= furthest || without_bound).then_some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::fixture::{ALICE, NOW, chat, says};
    use crate::store::sequencer::{Members, Tail};
    use sotto_protocol::{Epoch, Suite};

    const KEY: i64 = 7;

    fn key() -> TagKey {
        vec![9; 16].try_into().unwrap()
    }

    /// A chat whose log ends with messages 1 to `last`, of whose tags those after `known_after` are known.
    fn chats(submissions: &[Submission], known_after: u64, last: u64) -> LoadedChats {
        let mut tail = Tail::at(Seq(known_after));
        for number in known_after + 1..=last {
            let message = says(chat(1), ALICE.device(1), u32::try_from(number).unwrap());
            tail.push(key().tag(message.from, message.message));
        }
        let state = ChatState {
            chat: chat(1),
            key: KEY,
            suite: Suite::default(),
            rules: None,
            epoch: Epoch(1),
            tail,
            members: Members::new(Vec::new()),
            silenced: Vec::new(),
            members_version: 0,
            refused: crate::store::objection::Refused::default(),
        };
        LoadedChats::new(submissions, vec![state], [(chat(1), Some(0))].into())
    }

    fn message(number: u32, after: u64) -> Submission {
        says(chat(1), ALICE.device(1), number).after(after)
    }

    fn stretches(search: &Search) -> Vec<(u64, u64)> {
        let stretches = search.stretches.iter();
        stretches
            .map(|stretch| (stretch.after.0, stretch.up_to.0))
            .collect()
    }

    #[test]
    fn of_a_chat_that_its_senders_have_read_nothing_is_read() {
        let submissions = [message(21, 20), message(22, 20), message(23, 15)];
        let search = Search::new(&key(), &submissions, &chats(&submissions, 10, 20), |_| true, &[]);
        assert_eq!(stretches(&search), []);
        assert!(search.wanted.is_empty());
        assert_eq!(search.conclude(&submissions, Vec::new()), [Lookup::NotFound; 3]);
    }

    #[test]
    fn an_entry_with_the_tag_is_read_and_what_is_not_known_in_one_stretch() {
        let submissions = [
            message(15, 14),
            message(15, 15),
            message(40, 7),
            message(41, 3),
            message(42, 12),
        ];
        let search = Search::new(&key(), &submissions, &chats(&submissions, 10, 20), |_| true, &[]);
        assert_eq!(stretches(&search), [(14, 15), (3, 10)]);
        assert_eq!(search.wanted, [0, 2, 3].map(|place: usize| search.tags[place]));
    }

    #[test]
    fn nothing_is_read_for_what_is_fleeting_or_not_decided_now() {
        let fleeting = [message(1, 0).kept(sotto_protocol::Retention::Never)];
        let search = Search::new(&key(), &fleeting, &chats(&fleeting, 10, 20), |_| true, &[]);
        assert_eq!(stretches(&search), []);
        let kept = [message(1, 0)];
        let search = Search::new(&key(), &kept, &chats(&kept, 10, 20), |_| false, &[]);
        assert_eq!(stretches(&search), []);
    }

    #[test]
    fn the_first_unread_entry_that_is_the_same_message_is_found() {
        let submissions = [message(1, 0), message(1, 4), message(1, 9), message(2, 0)];
        let search = Search::new(&key(), &submissions, &chats(&submissions, 10, 10), |_| true, &[]);
        let candidate = |number, seq| Candidate {
            chat: KEY,
            from: ALICE.device(1),
            message: message(number, 0).message,
            entry: Earlier {
                seq: Seq(seq),
                at: NOW,
            },
        };
        // Another message may have the tag of one that is looked for, and another chat the message.
        let candidates = vec![
            candidate(1, 9),
            candidate(1, 4),
            candidate(3, 7),
            Candidate {
                chat: KEY + 1,
                ..candidate(2, 8)
            },
        ];
        let found = |seq| Lookup::Found(candidate(1, seq).entry);
        assert_eq!(
            search.conclude(&submissions, candidates),
            [found(4), found(9), Lookup::NotFound, Lookup::NotFound]
        );
    }

    #[test]
    fn a_batch_reads_no_more_than_it_may() {
        let numbers = 0..120_u8;
        let states = numbers.clone().map(|number| ChatState {
            chat: chat(number),
            key: i64::from(number),
            ..chats(&[], 2_000, 2_000).states.remove(0)
        });
        let submissions: Vec<Submission> = numbers
            .clone()
            .map(|number| says(chat(number), ALICE.device(1), 1).after(1_000))
            .chain([
                message(2, 1_500),
                says(chat(119), ALICE.device(1), 2).after(2_000),
            ])
            .collect();
        let places = numbers.map(|number| (chat(number), Some(usize::from(number))));
        let loaded = LoadedChats::new(&submissions, states.collect(), places.collect());
        let search = Search::new(&key(), &submissions, &loaded, |_| true, &[]);
        let read: u64 = search
            .stretches
            .iter()
            .map(|stretch| stretch.up_to.0 - stretch.after.0)
            .sum();
        assert_eq!(read, BATCH_ENTRIES);
        let lookups = search.conclude(&submissions, Vec::new());
        assert_eq!(lookups[..100], [Lookup::NotFound; 100]);
        assert_eq!(lookups[100..120], [Lookup::Behind; 20]);
        // What is read anyway, and what needs no reading.
        assert_eq!(lookups[120..], [Lookup::NotFound; 2]);
    }

    #[test]
    fn what_may_have_been_accepted_before_is_looked_for_without_bound() {
        let submissions = [message(1, 0), message(2, 0)];
        let accepted = Appended::Accepted {
            seq: Some(Seq(1)),
            members: [].into(),
            removed: Vec::new(),
            group: None,
        };
        let refused = Appended::Refused(sotto_protocol::ProblemCode::Behind.into());
        let doubtful = [accepted, refused];
        let search = Search::new(
            &key(),
            &submissions,
            &chats(&submissions, 5_000, 5_000),
            |_| true,
            &doubtful,
        );
        assert_eq!(stretches(&search), [(0, 5_000)]);
        let lookups = search.conclude(&submissions, Vec::new());
        assert_eq!(lookups, [Lookup::NotFound, Lookup::Behind]);
    }

    #[test]
    fn a_log_is_searched_after_what_was_read_and_not_far() {
        let last = Seq(5_000);
        let searched = |after| searched_after(Seq(after), last, false).map(|Seq(seq)| seq);
        assert_eq!(searched(5_000), Some(5_000));
        assert_eq!(searched(4_999), Some(4_999));
        assert_eq!(searched(4_000), Some(4_000));
        assert_eq!(searched(3_999), None);
        assert_eq!(searched(0), None);
        assert_eq!(searched(5_001), Some(4_000));
        assert_eq!(searched(u64::MAX), Some(4_000));
        assert_eq!(searched_after(Seq(7), last, true), Some(Seq(7)));
        assert_eq!(searched_after(Seq::ZERO, Seq(1_000), false), Some(Seq::ZERO));
        assert_eq!(searched_after(Seq(9), Seq::ZERO, false), Some(Seq::ZERO));
    }
}
