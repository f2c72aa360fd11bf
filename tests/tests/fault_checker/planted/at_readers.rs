//! What a reader can have been shown wrongly.

use super::*;

pub(super) fn one_reader_gets_two_pushed_entries_in_the_other_order(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let device = dice.below(history.devices.len());
    let mut of_one_chat: Vec<&mut SeenEntry> = Vec::new();
    let mut of = None;
    for (_, event) in &mut history.devices[device].events {
        if let Event::Pushed { chat, entry } = event
            && entry.seq != Seq::ZERO
            && *of.get_or_insert(*chat) == *chat
        {
            of_one_chat.push(entry);
        }
    }
    let first = dice.below(of_one_chat.len().checked_sub(1)?);
    let [one, other] = of_one_chat.get_mut(first..first + 2)? else {
        return None;
    };
    swap(one, other);
    Some(())
}

pub(super) fn one_reader_gets_two_entries_of_a_page_in_the_other_order(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let found = event_mut(
        history,
        dice,
        |event| matches!(event, Event::Answered { page, .. } if page.entries.len() > 1),
    )?;
    let Event::Answered { page, .. } = found else {
        return None;
    };
    let [one, other, ..] = &mut page.entries[..] else {
        return None;
    };
    swap(one, other);
    Some(())
}

pub(super) fn a_page_leaves_out_an_entry(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let found = event_mut(
        history,
        dice,
        |event| matches!(event, Event::Answered { page, .. } if page.entries.len() > 1),
    )?;
    let Event::Answered { page, .. } = found else {
        return None;
    };
    page.entries.remove(dice.below(page.entries.len() - 1));
    Some(())
}

pub(super) fn a_page_is_empty_too_soon(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (page, _) = paged(history, dice, |_| true)?;
    page.entries.clear();
    Some(())
}

pub(super) fn a_pushed_payload_is_another(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    pushed(history, dice, is_live)?.payload = other_payload(dice);
    Some(())
}

pub(super) fn a_payload_in_a_page_is_another(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (page, position) = paged(history, dice, is_live)?;
    page.entries[position].payload = other_payload(dice);
    Some(())
}

pub(super) fn a_fleeting_payload_is_another(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    pushed(history, dice, |entry| entry.seq == Seq::ZERO)?.payload = other_payload(dice);
    Some(())
}

pub(super) fn a_reader_is_shown_another_time(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    pushed(history, dice, is_live)?.at.0 += 1;
    Some(())
}

pub(super) fn a_stranger_is_pushed(history: &mut History, _: &mut StoredLogs, dice: &mut Dice) -> Option<()> {
    pushed(history, dice, |_| true)?.message = MessageId::from_bytes(dice.bytes());
    Some(())
}

/// Positions that were acknowledged, with the moment.
fn known_before(history: &History, of: ChatId, before: Moment) -> Seq {
    let mut known = Seq::ZERO;
    for device in &history.devices {
        for (position, (moment, event)) in device.events.iter().enumerate() {
            if *moment >= before || !is_accepted(event) {
                continue;
            }
            let index = history
                .devices
                .iter()
                .position(|other| other.address == device.address)
                .unwrap_or_default();
            if let Some((submission, _, Some(seq))) = acknowledged(history, index, position)
                && submission.chat == of
            {
                known = known.max(seq);
            }
        }
    }
    known
}

pub(super) fn a_page_does_not_know_the_latest(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (device, position) = event(history, dice, |event| matches!(event, Event::Answered { .. }))?;
    let Event::Answered { request, .. } = history.devices[device].events[position].1 else {
        return None;
    };
    let (asked, of) = history.devices[device]
        .events
        .iter()
        .find_map(|(moment, event)| match event {
            Event::Asked {
                request: other, chat, ..
            } if *other == request => Some((*moment, *chat)),
            _ => None,
        })?;
    let known = known_before(history, of, asked);
    let stale = Seq(known.0.checked_sub(1)?);
    if let Event::Answered { page, .. } = &mut history.devices[device].events[position].1 {
        page.last = stale;
        page.entries.retain(|entry| entry.seq <= stale);
    }
    Some(())
}

/// A cursor that was sent while the device was being greeted, in a chat of which something had been acknowledged before.
fn greeted(history: &History, dice: &mut Dice) -> Option<(usize, usize, Seq)> {
    let (device, position) = event(history, dice, |event| matches!(event, Event::Cursor { .. }))?;
    let events = &history.devices[device].events;
    let Event::Cursor { chat: of, .. } = events[position].1 else {
        return None;
    };
    let since = events[..position]
        .iter()
        .rev()
        .find_map(|(moment, event)| matches!(event, Event::Connecting { .. }).then_some(*moment))?;
    let known = known_before(history, of, since);
    (said(&events[..position], of).unwrap_or_default() < known).then_some((device, position, known))
}

/// How far the device said that it has read.
fn said(events: &[(Moment, Event)], of: ChatId) -> Option<Seq> {
    let said = events.iter().filter_map(|(_, event)| match event {
        Event::Acknowledged { chat, seq } if *chat == of => Some(*seq),
        _ => None,
    });
    said.max()
}

pub(super) fn a_greeting_does_not_know_the_latest(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (device, position, known) = greeted(history, dice)?;
    if let Event::Cursor { last, .. } = &mut history.devices[device].events[position].1 {
        *last = Seq(known.0 - 1);
    }
    Some(())
}

pub(super) fn a_greeting_leaves_out_a_chat(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (device, position, known) = greeted(history, dice)?;
    let (before, rest) = history.devices[device].events.split_at(position);
    let Event::Cursor { chat: of, .. } = rest[0].1 else {
        return None;
    };
    if said(before, of)? >= known {
        return None;
    }
    history.devices[device].events.remove(position);
    Some(())
}

pub(super) fn a_cursor_is_ahead_of_its_device(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    match event_mut(history, dice, |event| matches!(event, Event::Cursor { .. }))? {
        Event::Cursor {
            acknowledged, last, ..
        } => *acknowledged = Some(Seq(last.0 + 1)),
        _ => return None,
    }
    Some(())
}

pub(super) fn a_reader_saw_what_is_not_there(
    history: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (device, position) = event(
        history,
        dice,
        |event| matches!(event, Event::Pushed { entry, .. } if is_live(entry)),
    )?;
    let events = &mut history.devices[device].events;
    let (moment, Event::Pushed { chat, mut entry }) = events[position].clone() else {
        return None;
    };
    entry.seq = Seq(stored.chats.get(&chat)?.len() as u64 + 1);
    events.push((moment, Event::Pushed { chat, entry }));
    Some(())
}

pub(super) fn a_fleeting_message_comes_twice(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (device, position) = event(
        history,
        dice,
        |event| matches!(event, Event::Pushed { entry, .. } if entry.seq == Seq::ZERO),
    )?;
    let events = &mut history.devices[device].events;
    let again = events[position].clone();
    events.push(again);
    Some(())
}

pub(super) fn a_timed_entry_is_still_in_a_page(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let copy = history.clone();
    let over = |entry: &SeenEntry| entry.kind == EntryKind::Deleted;
    let (device, position) = event(
        history,
        dice,
        |event| matches!(event, Event::Answered { page, .. } if page.entries.iter().any(over)),
    )?;
    let Event::Answered {
        request: answered,
        page,
    } = &mut history.devices[device].events[position].1
    else {
        return None;
    };
    let answered = *answered;
    let entry = page.entries.iter_mut().find(|entry| over(entry))?;
    entry.kind = EntryKind::Application;
    entry.payload = sent(&copy, entry.from, entry.message)?;
    // Long over when it was asked for.
    for (_, event) in &mut history.devices[device].events {
        if let Event::Asked { request, wall, .. } = event
            && *request == answered
        {
            wall.0 += 5_000;
        }
    }
    Some(())
}

pub(super) fn a_kept_entry_is_shown_as_erased(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (page, position) = paged(history, dice, is_kept)?;
    erase(&mut page.entries[position]);
    Some(())
}

pub(super) fn a_reader_never_gets_an_entry(
    history: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let device = dice.below(history.devices.len());
    let address = history.devices[device].address;
    let chats: Vec<ChatId> = stored.chats.keys().copied().collect();
    let of = *dice.pick(&chats);
    let others: Vec<Seq> = stored
        .chats
        .get(&of)?
        .iter()
        .filter(|entry| entry.from != address)
        .map(|entry| entry.seq)
        .collect();
    if others.is_empty() {
        return None;
    }
    let withheld = *dice.pick(&others);
    let log = &stored.chats[&of];
    let message = log[usize::try_from(withheld.0).ok()? - 1].message;
    history.devices[device]
        .events
        .retain_mut(|(_, event)| match event {
            Event::Pushed { entry, .. } => entry.message != message,
            Event::Answered { page, .. } => {
                page.entries.retain(|entry| entry.message != message);
                true
            }
            _ => true,
        });
    Some(())
}
