//! What a sender can have been told wrongly.

use super::*;

pub(super) fn an_acknowledged_entry_is_not_in_the_log(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (device, _) = event(history, dice, is_accepted)?;
    let (submitted, _) = event(history, dice, |event| matches!(event, Event::Submitted(_)))?;
    let (chat, epoch) = history.devices[submitted]
        .events
        .iter()
        .find_map(|(_, event)| match event {
            Event::Submitted(submission) => Some((submission.chat, submission.epoch)),
            _ => None,
        })?;
    let request = sotto_protocol::frame::RequestId(1_000_000);
    let submission = Submission {
        request,
        chat,
        message: MessageId::from_bytes(dice.bytes()),
        retention: Retention::Keep,
        kind: EntryKind::Application,
        epoch,
        payload: other_payload(dice),
    };
    let accepted = Event::Accepted {
        request,
        seq: Some(Seq(1)),
        at: sotto_protocol::Timestamp(1),
        reached: 0,
    };
    let events = &mut history.devices[device].events;
    events.push((Moment(u64::MAX - 1), Event::Submitted(submission)));
    events.push((Moment(u64::MAX), accepted));
    Some(())
}

pub(super) fn an_answer_names_another_position(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    match event_mut(history, dice, is_accepted)? {
        Event::Accepted { seq: Some(seq), .. } => seq.0 += 1,
        _ => return None,
    }
    Some(())
}

pub(super) fn an_answer_names_another_time(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    match event_mut(history, dice, is_accepted)? {
        Event::Accepted { at, .. } => at.0 += 1,
        _ => return None,
    }
    Some(())
}

pub(super) fn an_answer_names_no_position(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    match event_mut(history, dice, is_accepted)? {
        Event::Accepted { seq, .. } => *seq = None,
        _ => return None,
    }
    Some(())
}

/// After the acknowledgement at `position`, another attempt with this answer.
fn another_attempt(
    history: &mut History,
    dice: &mut Dice,
    answer: impl FnOnce(sotto_protocol::frame::RequestId, &Event) -> Event,
) -> Option<()> {
    let (device, position) = event(history, dice, is_accepted)?;
    let (submission, ..) = acknowledged(history, device, position)?;
    let request = sotto_protocol::frame::RequestId(1_000_000);
    let events = &mut history.devices[device].events;
    let answer = answer(request, &events[position].1);
    events.push((
        Moment(u64::MAX - 1),
        Event::Submitted(Submission {
            request,
            ..submission
        }),
    ));
    events.push((Moment(u64::MAX), answer));
    Some(())
}

pub(super) fn a_second_answer_names_another_position(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    another_attempt(history, dice, |request, first| match *first {
        Event::Accepted { seq, at, reached, .. } => Event::Accepted {
            request,
            seq: seq.map(Seq::next),
            at,
            reached,
        },
        _ => Event::Ready,
    })
}

pub(super) fn what_was_acknowledged_is_refused(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let code = ProblemCode::StaleEpoch;
    another_attempt(history, dice, |request, _| Event::Refused { request, code })
}

/// Turns all answers to a message into refusals.
fn refuse(history: &mut History, dice: &mut Dice, code: ProblemCode) -> Option<()> {
    let (device, position) = event(history, dice, is_accepted)?;
    let (submission, ..) = acknowledged(history, device, position)?;
    let events = &mut history.devices[device].events;
    let requests: Vec<_> = events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Submitted(other) if other.message == submission.message => Some(other.request),
            _ => None,
        })
        .collect();
    if requests.len() > 1 {
        return None;
    }
    events[position].1 = Event::Refused {
        request: submission.request,
        code,
    };
    Some(())
}

pub(super) fn an_entry_that_is_there_was_refused(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    refuse(history, dice, ProblemCode::StaleEpoch)
}

pub(super) fn an_entry_that_is_there_was_over_the_rate(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    refuse(history, dice, ProblemCode::RateLimited)
}

pub(super) fn a_message_was_made_in_another_epoch(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (device, position) = event(history, dice, is_accepted)?;
    let (submission, ..) = acknowledged(history, device, position)?;
    for (_, event) in &mut history.devices[device].events {
        if let Event::Submitted(other) = event
            && other.message == submission.message
        {
            other.epoch = Epoch(submission.epoch.0 + 1);
        }
    }
    Some(())
}

pub(super) fn a_message_stands_before_one_that_was_there_when_it_was_sent(
    history: &mut History,
    stored: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let (device, position) = event(history, dice, is_accepted)?;
    let (submission, _, seq) = acknowledged(history, device, position)?;
    let later_is_acknowledged = stored.chats.get(&submission.chat)?.iter().any(|entry| {
        Some(entry.seq) > seq
            && history.devices.iter().any(|device| {
                device.address == entry.from
                    && device.events.iter().any(|(_, event)| {
                        matches!(event, Event::Accepted { seq: Some(seq), at, .. } if *seq == entry.seq && *at == entry.at)
                    })
            })
    });
    if !later_is_acknowledged {
        return None;
    }
    for (moment, event) in &mut history.devices[device].events {
        if matches!(event, Event::Submitted(other) if other.message == submission.message) {
            *moment = Moment(u64::MAX);
        }
    }
    Some(())
}

pub(super) fn a_fleeting_message_has_a_position(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    match event_mut(history, dice, |event| {
        matches!(event, Event::Accepted { seq: None, .. })
    })? {
        Event::Accepted { seq, .. } => *seq = Some(Seq(1)),
        _ => return None,
    }
    Some(())
}

pub(super) fn a_device_never_comes_to_rest(
    history: &mut History,
    _: &mut StoredLogs,
    dice: &mut Dice,
) -> Option<()> {
    let device = dice.below(history.devices.len());
    history.devices[device].settled = false;
    Some(())
}
