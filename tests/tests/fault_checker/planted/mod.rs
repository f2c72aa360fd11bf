//! Faults to plant, each with the names under which it may be found.

mod at_readers;
mod in_answers;
mod in_the_log;

use sotto_protocol::frame::EntryKind;
use sotto_protocol::{ChatId, DeviceAddress, Epoch, MessageId, ProblemCode, Retention, Seq};
use sotto_tests::faults::checker::Broken;
use sotto_tests::faults::dice::Dice;
use sotto_tests::faults::history::{
    Event, Fingerprint, History, Moment, SeenEntry, SeenPage, StoredLogs, Submission,
};

/// A fault to plant.
pub(crate) struct Plant {
    pub(crate) name: &'static str,
    /// Under one of these it has to be found.
    pub(crate) named: &'static [Broken],
    /// Plants it; `None` if there is no place for it.
    pub(crate) change: fn(&mut History, &mut StoredLogs, &mut Dice) -> Option<()>,
}

macro_rules! plants {
    ($($module:ident::$name:ident => $($broken:ident)|+;)+) => {
        pub(crate) const PLANTS: &[Plant] = &[$(Plant {
            name: stringify!($name),
            named: &[$(Broken::$broken),+],
            change: $module::$name,
        }),+];
    };
}

plants! {
    in_the_log::the_whole_chat_is_lost => Gap;
    in_the_log::the_end_of_the_log_is_lost => AcknowledgedIsMissing | SeenIsMissing;
    in_the_log::an_entry_in_the_middle_is_lost => Gap;
    in_the_log::an_entry_is_lost_and_the_later_ones_move_up => AcknowledgedIsMissing | OrderDiffers | SeenIsMissing;
    in_answers::an_acknowledged_entry_is_not_in_the_log => AcknowledgedIsMissing;
    in_the_log::an_entry_is_stored_twice => Doubled;
    in_the_log::two_stored_entries_change_places => OrderDiffers | AcknowledgedHasMoved;
    at_readers::one_reader_gets_two_pushed_entries_in_the_other_order => OrderDiffers;
    at_readers::one_reader_gets_two_entries_of_a_page_in_the_other_order => OrderDiffers;
    in_the_log::the_log_leaves_out_a_position => Gap;
    at_readers::a_page_leaves_out_an_entry => Gap;
    at_readers::a_page_is_empty_too_soon => Gap;
    in_the_log::a_stored_payload_is_another => WrongPayload;
    at_readers::a_pushed_payload_is_another => WrongPayload;
    at_readers::a_payload_in_a_page_is_another => WrongPayload;
    at_readers::a_fleeting_payload_is_another => WrongPayload;
    at_readers::a_reader_is_shown_another_time => WrongPayload;
    in_the_log::a_stranger_stands_in_the_log => NobodySentIt;
    at_readers::a_stranger_is_pushed => NobodySentIt;
    in_the_log::an_entry_of_one_chat_is_in_another => NobodySentIt;
    in_answers::an_answer_names_another_position => AcknowledgedHasMoved;
    in_answers::an_answer_names_another_time => AcknowledgedHasMoved;
    in_answers::an_answer_names_no_position => AcknowledgedIsMissing;
    in_answers::a_second_answer_names_another_position => AcknowledgedTwice;
    in_answers::an_entry_that_is_there_was_refused => RefusedIsThere;
    in_answers::an_entry_that_is_there_was_over_the_rate => RefusedIsThere;
    in_answers::what_was_acknowledged_is_refused => AcknowledgedThenRefused;
    at_readers::a_page_does_not_know_the_latest => StaleRead;
    at_readers::a_greeting_does_not_know_the_latest => StaleRead;
    at_readers::a_greeting_leaves_out_a_chat => StaleRead;
    at_readers::a_cursor_is_ahead_of_its_device => CursorAhead;
    at_readers::a_reader_saw_what_is_not_there => SeenIsMissing;
    in_answers::a_message_was_made_in_another_epoch => EpochBroken;
    in_the_log::a_message_of_an_old_epoch_is_let_in_after_a_commit => EpochBroken;
    in_answers::a_message_stands_before_one_that_was_there_when_it_was_sent => Overtaken;
    in_the_log::a_fleeting_message_is_stored => FleetingIsStored;
    in_answers::a_fleeting_message_has_a_position => FleetingIsStored;
    at_readers::a_fleeting_message_comes_twice => FleetingDoubled;
    in_the_log::a_timed_entry_is_still_in_the_log => Overdue;
    at_readers::a_timed_entry_is_still_in_a_page => Overdue;
    in_the_log::a_kept_entry_is_erased => ErasedEarly;
    at_readers::a_kept_entry_is_shown_as_erased => ErasedEarly;
    at_readers::a_reader_never_gets_an_entry => NotSettled | Gap;
    in_answers::a_device_never_comes_to_rest => NotSettled;
}

/// A chat with at least so many entries.
fn log<'a>(stored: &'a mut StoredLogs, dice: &mut Dice, least: usize) -> Option<&'a mut Vec<SeenEntry>> {
    let chats: Vec<ChatId> = stored
        .chats
        .iter()
        .filter(|(_, log)| log.len() >= least)
        .map(|(&chat, _)| chat)
        .collect();
    if chats.is_empty() {
        return None;
    }
    stored.chats.get_mut(dice.pick(&chats))
}

/// An entry of any chat for which this holds.
fn stored_entry<'a>(
    stored: &'a mut StoredLogs,
    dice: &mut Dice,
    is: impl Fn(&SeenEntry) -> bool,
) -> Option<&'a mut SeenEntry> {
    let mut entries: Vec<&mut SeenEntry> = stored
        .chats
        .values_mut()
        .flatten()
        .filter(|entry| is(entry))
        .collect();
    if entries.is_empty() {
        return None;
    }
    Some(entries.swap_remove(dice.below(entries.len())))
}

/// Device and position of an event for which this holds.
fn event(history: &History, dice: &mut Dice, is: impl Fn(&Event) -> bool) -> Option<(usize, usize)> {
    let mut found = Vec::new();
    for (device, events) in history.devices.iter().enumerate() {
        for (position, (_, event)) in events.events.iter().enumerate() {
            if is(event) {
                found.push((device, position));
            }
        }
    }
    (!found.is_empty()).then(|| *dice.pick(&found))
}

fn event_mut<'a>(
    history: &'a mut History,
    dice: &mut Dice,
    is: impl Fn(&Event) -> bool,
) -> Option<&'a mut Event> {
    let (device, position) = event(history, dice, is)?;
    Some(&mut history.devices[device].events[position].1)
}

/// A page with an entry for which this holds, and the entry.
fn paged<'a>(
    history: &'a mut History,
    dice: &mut Dice,
    is: impl Fn(&SeenEntry) -> bool,
) -> Option<(&'a mut SeenPage, usize)> {
    let found = event_mut(
        history,
        dice,
        |event| matches!(event, Event::Answered { page, .. } if page.entries.iter().any(&is)),
    )?;
    let Event::Answered { page, .. } = found else {
        return None;
    };
    let position = page.entries.iter().position(is)?;
    Some((page, position))
}

fn pushed<'a>(
    history: &'a mut History,
    dice: &mut Dice,
    is: impl Fn(&SeenEntry) -> bool,
) -> Option<&'a mut SeenEntry> {
    let found = event_mut(
        history,
        dice,
        |event| matches!(event, Event::Pushed { entry, .. } if is(entry)),
    )?;
    match found {
        Event::Pushed { entry, .. } => Some(entry),
        _ => None,
    }
}

/// The message that was acknowledged by this event, with its chat and position.
fn acknowledged(
    history: &History,
    device: usize,
    position: usize,
) -> Option<(Submission, DeviceAddress, Option<Seq>)> {
    let events = &history.devices[device].events;
    let Event::Accepted { request, seq, .. } = events[position].1 else {
        return None;
    };
    let submission = events.iter().find_map(|(_, event)| match event {
        Event::Submitted(submission) if submission.request == request => Some(*submission),
        _ => None,
    })?;
    Some((submission, history.devices[device].address, seq))
}

fn is_accepted(event: &Event) -> bool {
    matches!(event, Event::Accepted { seq: Some(_), .. })
}

fn other_payload(dice: &mut Dice) -> Fingerprint {
    Fingerprint::of(&dice.fill(40))
}

fn is_live(entry: &SeenEntry) -> bool {
    entry.seq != Seq::ZERO && entry.kind != EntryKind::Deleted
}

/// Swaps everything but the positions.
fn swap(one: &mut SeenEntry, other: &mut SeenEntry) {
    std::mem::swap(one, other);
    std::mem::swap(&mut one.seq, &mut other.seq);
}

/// What the sender of an entry sent.
fn sent(history: &History, from: DeviceAddress, message: MessageId) -> Option<Fingerprint> {
    let device = history.devices.iter().find(|device| device.address == from)?;
    device.events.iter().find_map(|(_, event)| match event {
        Event::Submitted(submission) if submission.message == message => Some(submission.payload),
        _ => None,
    })
}

fn erase(entry: &mut SeenEntry) {
    entry.kind = EntryKind::Deleted;
    entry.payload = Fingerprint::of(b"");
}

fn is_kept(entry: &SeenEntry) -> bool {
    entry.kind == EntryKind::Application && entry.retention == Retention::Keep
}
