//! What the database holds: positions without gaps, each message once, as it was sent, in its epoch.

use super::messages::{Message, Messages};
use super::{Broken, ERASED_WITHIN_MILLIS, Finding};
use crate::faults::history::{History, Moment, SeenEntry, StoredLogs};
use sotto_protocol::frame::EntryKind;
use sotto_protocol::{ChatId, DeviceAddress, Epoch, MessageId, Retention, Seq, Timestamp};
use std::collections::HashMap;

/// The epoch in which a chat begins.
const FIRST_EPOCH: Epoch = Epoch(1);

pub(super) fn check(
    history: &History,
    stored: &StoredLogs,
    messages: &Messages,
    findings: &mut Vec<Finding>,
) {
    for chat in history.chats.keys() {
        if !stored.chats.contains_key(chat) {
            findings.push(Finding::new(Broken::Gap, "the whole chat is missing").chat(*chat));
        }
    }
    for (&chat, entries) in &stored.chats {
        positions(chat, entries, findings);
        let mut positions: HashMap<(DeviceAddress, MessageId), Seq> = HashMap::new();
        let mut epoch = FIRST_EPOCH;
        for entry in entries {
            if let Some(first) = positions.insert((entry.from, entry.message), entry.seq) {
                findings.push(
                    at(chat, entry, Broken::Doubled, format!("it is at {first} too")).device(entry.from),
                );
            }
            let sent = messages
                .get(entry.from, entry.message)
                .filter(|message| message.chat == chat);
            let Some(message) = sent else {
                findings.push(at(chat, entry, Broken::NobodySentIt, "").device(entry.from));
                continue;
            };
            content(chat, entry, message, findings);
            lifetime(history, chat, entry, stored.read_at, findings);
            epochs(chat, entry, message, &mut epoch, findings);
        }
        overtaken(chat, entries, messages, findings);
    }
}

/// A finding at an entry.
pub(super) fn at(chat: ChatId, entry: &SeenEntry, broken: Broken, detail: impl Into<String>) -> Finding {
    Finding::new(broken, detail)
        .chat(chat)
        .seq(entry.seq)
        .message(entry.message)
}

fn positions(chat: ChatId, entries: &[SeenEntry], findings: &mut Vec<Finding>) {
    let mut expected = Seq::ZERO.next();
    for entry in entries {
        if entry.seq != expected {
            findings.push(at(
                chat,
                entry,
                Broken::Gap,
                format!("the log has {} where {expected} should be", entry.seq),
            ));
        }
        expected = entry.seq.next();
    }
}

/// Whether an entry is what its sender sent in one of its attempts.
pub(super) fn is_as_sent(entry: &SeenEntry, message: &Message) -> bool {
    message.attempts.iter().any(|attempt| {
        let sent = &attempt.submission;
        let content = if entry.kind == EntryKind::Deleted {
            entry.payload.is_empty() && sent.kind == EntryKind::Application
        } else {
            entry.kind == sent.kind && entry.payload == sent.payload
        };
        content && entry.retention == sent.retention
    })
}

fn content(chat: ChatId, entry: &SeenEntry, message: &Message, findings: &mut Vec<Finding>) {
    // Timed payloads are sealed in the database, and cannot be compared there.
    let is_sealed = matches!(entry.retention, Retention::For { .. }) && entry.kind == EntryKind::Application;
    if entry.retention == Retention::Never {
        findings.push(at(chat, entry, Broken::FleetingIsStored, "").device(entry.from));
    } else if !is_sealed && !is_as_sent(entry, message) {
        let detail = format!(
            "the log has {:?} {:?} {:?}",
            entry.kind, entry.retention, entry.payload
        );
        findings.push(at(chat, entry, Broken::WrongPayload, detail).device(entry.from));
    } else if message
        .attempts
        .iter()
        .all(|attempt| attempt.submission.retention == Retention::Never)
    {
        findings.push(at(chat, entry, Broken::FleetingIsStored, "").device(entry.from));
    }
}

fn lifetime(
    history: &History,
    chat: ChatId,
    entry: &SeenEntry,
    read_at: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let erased = entry.kind == EntryKind::Deleted;
    let expires_at = entry.retention.expires_at(entry.at);
    if erased && expires_at.is_none_or(|expires_at| expires_at > read_at) {
        findings.push(at(chat, entry, Broken::ErasedEarly, "the log has it erased"));
    }
    // A disk that takes nothing erases nothing.
    let late = expires_at.is_some_and(|at| {
        at.plus_millis(ERASED_WITHIN_MILLIS + history.broken_millis(at, read_at)) < read_at
    });
    if !erased && late {
        findings.push(at(chat, entry, Broken::Overdue, "the log still has its payload"));
    }
}

fn epochs(
    chat: ChatId,
    entry: &SeenEntry,
    message: &Message,
    epoch: &mut Epoch,
    findings: &mut Vec<Finding>,
) {
    let in_its_epoch = message
        .attempts
        .iter()
        .filter(|attempt| {
            let is_sealed = entry.retention != Retention::Keep;
            entry.kind == EntryKind::Deleted || is_sealed || attempt.submission.payload == entry.payload
        })
        .any(|attempt| attempt.submission.epoch == *epoch);
    if !in_its_epoch {
        let detail = format!("it was not made in {epoch}, which its position is in");
        findings.push(at(chat, entry, Broken::EpochBroken, detail).device(entry.from));
    }
    if entry.kind == EntryKind::Commit {
        epoch.0 += 1;
    }
}

/// Whoever sends something after another message was acknowledged gets a later position.
fn overtaken(chat: ChatId, entries: &[SeenEntry], messages: &Messages, findings: &mut Vec<Finding>) {
    let mut first_acknowledged_later: Option<Moment> = None;
    for entry in entries.iter().rev() {
        let Some(message) = messages.get(entry.from, entry.message) else {
            continue;
        };
        if first_acknowledged_later.is_some_and(|moment| moment < message.first_sent()) {
            let detail = "it was sent when one that stands after it had been acknowledged";
            findings.push(at(chat, entry, Broken::Overtaken, detail).device(entry.from));
        }
        let acknowledged = message.acceptances().map(|(_, moment, ..)| moment).min();
        first_acknowledged_later = match (first_acknowledged_later, acknowledged) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}
