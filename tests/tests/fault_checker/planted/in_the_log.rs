//! What the database can have done wrong.

use super::*;

pub(super) fn the_whole_chat_is_lost(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let chats: Vec<ChatId> = stored.chats.keys().copied().collect();
    stored.chats.remove(dice.pick(&chats)).map(drop)
}

pub(super) fn the_end_of_the_log_is_lost(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let log = log(stored, dice, 2)?;
    let lost = 1 + dice.below(log.len() - 1);
    log.truncate(log.len() - lost);
    Some(())
}

pub(super) fn an_entry_in_the_middle_is_lost(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let log = log(stored, dice, 3)?;
    log.remove(dice.below(log.len() - 1));
    Some(())
}

pub(super) fn an_entry_is_lost_and_the_later_ones_move_up(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let log = log(stored, dice, 3)?;
    let lost = dice.below(log.len());
    log.remove(lost);
    for entry in &mut log[lost..] {
        entry.seq.0 -= 1;
    }
    Some(())
}

pub(super) fn an_entry_is_stored_twice(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let log = log(stored, dice, 1)?;
    let mut entry = *dice.pick(log);
    entry.seq = Seq(log.len() as u64 + 1);
    log.push(entry);
    Some(())
}

pub(super) fn two_stored_entries_change_places(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let log = log(stored, dice, 2)?;
    let first = dice.below(log.len() - 1);
    let (one, other) = log.split_at_mut(first + 1);
    swap(&mut one[first], &mut other[0]);
    Some(())
}

pub(super) fn the_log_leaves_out_a_position(
    history: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let chats: Vec<ChatId> = stored.chats.keys().copied().collect();
    let of = *dice.pick(&chats);
    let log = stored.chats.get_mut(&of)?;
    let from = log.get(dice.below(log.len()))?.seq;
    let move_on = |seq: &mut Seq| seq.0 += u64::from(*seq >= from);
    for entry in log {
        move_on(&mut entry.seq);
    }
    // Everybody agrees.
    for device in &mut history.devices {
        for (_, event) in &mut device.events {
            if let Event::Pushed { chat, entry } = event
                && *chat == of
            {
                move_on(&mut entry.seq);
            }
        }
    }
    Some(())
}

pub(super) fn a_stored_payload_is_another(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    stored_entry(stored, dice, is_live)?.payload = other_payload(dice);
    Some(())
}

pub(super) fn a_stranger_stands_in_the_log(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let log = log(stored, dice, 1)?;
    let mut entry = *dice.pick(log);
    entry.seq = Seq(log.len() as u64 + 1);
    entry.message = MessageId::from_bytes(dice.bytes());
    log.push(entry);
    Some(())
}

pub(super) fn an_entry_of_one_chat_is_in_another(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let mut logs = stored.chats.values_mut();
    let (one, other) = (logs.next()?, logs.next()?);
    let mut entry = *one.get(dice.below(one.len()))?;
    entry.seq = Seq(other.len() as u64 + 1);
    other.push(entry);
    Some(())
}

pub(super) fn a_message_of_an_old_epoch_is_let_in_after_a_commit(
    history: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let log = log(stored, dice, 3)?;
    let places: Vec<usize> = (1..log.len())
        .filter(|&place| log[place].kind == EntryKind::Commit && log[place - 1].kind != EntryKind::Commit)
        .collect();
    if places.is_empty() {
        return None;
    }
    let place = *dice.pick(&places);
    let (before, from) = log.split_at_mut(place);
    let (commit, late) = (&mut from[0], before.last_mut()?);
    let (commit_message, late_message) = (commit.message, late.message);
    swap(late, commit);
    // Everybody agrees on the order.
    let seqs = (before.last()?.seq, from[0].seq);
    for device in &mut history.devices {
        for (_, event) in &mut device.events {
            let entries: &mut [SeenEntry] = match event {
                Event::Pushed { entry, .. } => std::slice::from_mut(entry),
                Event::Answered { page, .. } => &mut page.entries,
                _ => continue,
            };
            for entry in entries {
                if entry.message == commit_message {
                    entry.seq = seqs.0;
                } else if entry.message == late_message {
                    entry.seq = seqs.1;
                }
            }
        }
    }
    Some(())
}

pub(super) fn a_fleeting_message_is_stored(
    history: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (device, position) = event(
        history,
        dice,
        |event| matches!(event, Event::Pushed { entry, .. } if entry.seq == Seq::ZERO),
    )?;
    let Event::Pushed { chat, mut entry } = history.devices[device].events[position].1.clone() else {
        return None;
    };
    let log = stored.chats.get_mut(&chat)?;
    entry.seq = Seq(log.len() as u64 + 1);
    if dice.once_in(2) {
        entry.retention = Retention::Keep;
    }
    log.push(entry);
    Some(())
}

pub(super) fn a_timed_entry_is_still_in_the_log(
    history: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let entry = stored_entry(stored, dice, |entry| entry.kind == EntryKind::Deleted)?;
    entry.kind = EntryKind::Application;
    entry.payload = sent(history, entry.from, entry.message)?;
    Some(())
}

pub(super) fn a_kept_entry_is_erased(
    _: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    erase(stored_entry(stored, dice, is_kept)?);
    Some(())
}
