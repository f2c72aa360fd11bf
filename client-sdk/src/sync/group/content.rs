//! What members' clients say to each other beside messages: profiles, departures.

use super::super::inbox::{Stamp, Work};
use super::super::open_chat::Turn;
use super::super::outbox::{Outgoing, enqueue};
use super::super::{Engine, Input, OpenChat, up_to};
use crate::chats::{GroupRecord, Stage};
use crate::events::Event;
use crate::groups::StoredChange;
use crate::messages::{MessageRecord, QueuedBody, StoredBody, StoredState};
use crate::platform::Platform;
use crate::store::Changes;
use core::time::Duration;
use sotto_crypto_core::ToldGroupProfile;
use sotto_protocol::frame::Entry;
use sotto_protocol::{ChatId, Departure, DeviceAddress, DeviceCredential, MessageId, Timestamp};

/// Bounds of the wait before a device does what any member may do, in milliseconds: so that few do it at once.
const TURN_MS: (u64, u64) = (100, 3_000);
/// Of a large group: how much the upper bound grows with each device, and up to where.
const LARGE_TURN_MS: (u64, u64) = (30, 60_000);
/// Accounts of one notice whose names are read at once. Those of a hundred who are added together are read when they are shown in
/// the list of members: a thousand members do not ask for a thousand names each.
const NAMED_AT_ONCE: usize = 8;

impl<P: Platform> Engine<P> {
    /// A member has told the group's profile.
    pub(crate) fn take_group_profile(
        &mut self,
        chat: &mut OpenChat,
        entry: &Entry,
        from: &DeviceCredential,
        told: ToldGroupProfile,
        work: &mut Work,
    ) {
        let is_known = chat
            .record
            .group()
            .is_some_and(|record| record.profile.as_ref() == Some(&told.profile));
        if is_known || self.take_profile(chat, entry.into(), from, told, work) {
            chat.newcomers_were_told(work);
        }
    }

    /// A member has said that it leaves, or that another has said so.
    pub(crate) fn take_departure(
        &mut self,
        chat: &mut OpenChat,
        from: &DeviceCredential,
        departure: Departure,
        work: &mut Work,
    ) {
        // Whoever repeats another's makes it no less true.
        let holds = chat
            .group
            .as_ref()
            .is_some_and(|group| group.verify_departure(&departure).is_ok());
        if !holds {
            return;
        }
        let is_own = self.me.as_ref().is_some_and(|me| me.account == from.account);
        if is_own && departure.by.account == from.account {
            // Another device of this account has left for it.
            chat.record.stage = Stage::Leaving;
        }
        if let Some(record) = chat.record.group_mut() {
            // One of each account: the same can be signed in any number of ways.
            record
                .departures
                .retain(|known| known.by.account != departure.by.account);
            record.departures.push(departure);
            work.dirty = true;
        }
        self.watch_departures(chat);
    }

    /// Has those who leave taken out of the group, by this device if no other is faster.
    pub(crate) fn watch_departures(&mut self, chat: &mut OpenChat) {
        let waits = chat
            .record
            .group()
            .is_some_and(|record| !record.departures.is_empty());
        if waits && chat.record.stage == Stage::Member && chat.line.departures == Turn::None {
            chat.line.departures = Turn::Waits;
            let wait = self.turn(chat);
            self.later(wait, Input::DeparturesDue(chat.id));
        }
    }

    pub(crate) async fn departures_due(&mut self, id: ChatId) {
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        let still = chat
            .record
            .group()
            .is_some_and(|record| !record.departures.is_empty());
        chat.line.departures = if still { Turn::Due } else { Turn::None };
        if still {
            self.advance(id).await;
        }
    }

    /// A wait of random length before this device does what one of the members is to do for all: the longer the more members
    /// there are, so that hardly ever two do it before they have heard of each other.
    pub(in super::super) fn turn(&mut self, chat: &OpenChat) -> Duration {
        let members = chat
            .group
            .as_ref()
            .map_or(1, |group| group.members().len() as u64);
        let wait = turn_ms(members);
        Duration::from_millis(TURN_MS.0 + up_to(&mut self.rng, wait - TURN_MS.0))
    }

    /// Notes in the chat's history what has changed, at an entry's position.
    pub(crate) fn add_notice(
        &mut self,
        chat: &OpenChat,
        stamp: Stamp,
        from: DeviceAddress,
        changes: Vec<StoredChange>,
        work: &mut Work,
    ) {
        if changes.is_empty() {
            return;
        }
        self.look_up_nameless(from.account);
        for account in changes.iter().filter_map(StoredChange::whom).take(NAMED_AT_ONCE) {
            self.look_up_nameless(*account);
        }
        let own = self.me.as_ref().is_some_and(|me| me.account == from.account);
        let state = if own {
            StoredState::Accepted
        } else {
            StoredState::Received
        };
        let body = StoredBody::GroupChanges(changes);
        let record = MessageRecord::new(stamp.message, from, body, stamp.at, state);
        record.put(chat.id, stamp.seq.0, &mut work.changes);
        let message = record.into_message(chat.id, stamp.seq.0, &self.contacts);
        work.events.push(Event::MessageAdded(message));
    }
}

/// The bound of the wait for a turn among so many devices, in milliseconds.
fn turn_ms(members: u64) -> u64 {
    let (_, shortest_bound) = TURN_MS;
    let (each, most) = LARGE_TURN_MS;
    members.saturating_mul(each).clamp(shortest_bound, most)
}

/// Puts the group's profile, if it is known here, into the outbox.
pub(crate) fn tell_profile(
    chat: &mut OpenChat,
    from: DeviceAddress,
    message: MessageId,
    now: Timestamp,
    changes: &mut Changes,
) {
    let readable = chat.record.group().filter(|record| record.profile().is_some());
    if let Some(profile) = readable.and_then(GroupRecord::told_profile) {
        let body = QueuedBody::GroupProfile(profile);
        enqueue(chat, from, Outgoing::kept(message, body), now, changes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_for_a_turn_grows_with_the_group_within_its_bounds() {
        assert_eq!(turn_ms(2), 3_000);
        assert_eq!(turn_ms(100), 3_000);
        assert_eq!(turn_ms(1_000), 30_000);
        assert_eq!(turn_ms(2_000), 60_000);
        assert_eq!(turn_ms(u64::MAX), 60_000);
    }
}
