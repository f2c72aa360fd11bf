//! What the senders were told, against what the database holds.

use super::messages::{Answer, Attempt, Message, Messages};
use super::{Broken, Finding};
use crate::faults::history::{Fingerprint, SeenEntry, StoredLogs};
use sotto_protocol::frame::EntryKind;
use sotto_protocol::{ChatId, DeviceAddress, MessageId, ProblemCode, Retention};
use std::collections::HashMap;

type Stored<'a> = HashMap<(ChatId, DeviceAddress, MessageId), Vec<&'a SeenEntry>>;

pub(super) fn check(stored: &StoredLogs, messages: &Messages, findings: &mut Vec<Finding>) {
    let mut entries: Stored = HashMap::new();
    for (&chat, log) in &stored.chats {
        for entry in log {
            let key = (chat, entry.from, entry.message);
            entries.entry(key).or_default().push(entry);
        }
    }
    for message in messages.iter() {
        let key = (message.chat, message.from, message.id);
        let entries = entries.get(&key).map(Vec::as_slice).unwrap_or_default();
        acknowledged(message, entries, findings);
        acknowledged_once(message, findings);
        refused(message, entries, findings);
        fleeting(message, entries, findings);
    }
}

fn of(message: &Message, attempt: &Attempt, broken: Broken, detail: impl Into<String>) -> Finding {
    Finding::new(broken, detail)
        .chat(message.chat)
        .message(message.id)
        .device(message.from)
        .request(attempt.submission.request)
}

fn acknowledged(message: &Message, entries: &[&SeenEntry], findings: &mut Vec<Finding>) {
    for (attempt, _, seq, at) in message.acceptances() {
        let fleeting = attempt.submission.retention == Retention::Never;
        let Some(seq) = seq else {
            if !fleeting {
                let detail = "acknowledged without a position";
                findings.push(of(message, attempt, Broken::AcknowledgedIsMissing, detail));
            }
            continue;
        };
        if entries.is_empty() {
            let detail = "acknowledged, and nowhere in the log";
            findings.push(of(message, attempt, Broken::AcknowledgedIsMissing, detail).seq(seq));
        } else if !entries.iter().any(|entry| entry.seq == seq && entry.at == at) {
            let found: Vec<_> = entries.iter().map(|entry| (entry.seq.0, entry.at.0)).collect();
            let detail = format!("acknowledged with time {}, found at {found:?}", at.0);
            findings.push(of(message, attempt, Broken::AcknowledgedHasMoved, detail).seq(seq));
        }
    }
}

fn acknowledged_once(message: &Message, findings: &mut Vec<Finding>) {
    if message
        .attempts
        .iter()
        .any(|attempt| attempt.submission.retention == Retention::Never)
    {
        return;
    }
    let mut first = None;
    for (attempt, _, seq, at) in message.acceptances() {
        match first {
            None => first = Some((seq, at)),
            Some(first) if first == (seq, at) => {}
            Some((first, first_at)) => {
                let detail = format!(
                    "first at {first:?} with time {}, then at {seq:?} with time {}",
                    first_at.0, at.0
                );
                findings.push(of(message, attempt, Broken::AcknowledgedTwice, detail));
            }
        }
    }
}

/// What a refusal says of the attempt that it answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// This payload is not in the log, and never will be.
    NeverThere,
    /// This attempt put nothing there; another may.
    NotByThisAttempt,
    /// Nothing: the outcome was lost on the way.
    Unknown,
}

fn meaning(code: ProblemCode) -> Meaning {
    match code {
        ProblemCode::StaleEpoch
        | ProblemCode::MalformedMessage
        | ProblemCode::MembershipRefused
        | ProblemCode::ChatNotFound
        | ProblemCode::TooLarge
        | ProblemCode::InvalidRetention => Meaning::NeverThere,
        ProblemCode::RateLimited | ProblemCode::Behind => Meaning::NotByThisAttempt,
        _ => Meaning::Unknown,
    }
}

fn refused(message: &Message, entries: &[&SeenEntry], findings: &mut Vec<Finding>) {
    let mut acknowledged = false;
    let mut never_there: Option<(&Attempt, Fingerprint)> = None;
    let mut put_nothing_there = 0;
    let mut in_order: Vec<&Attempt> = message.attempts.iter().collect();
    in_order.sort_by_key(|attempt| attempt.answer.map(|(moment, _)| moment));
    for attempt in in_order {
        match attempt.answer {
            Some((_, Answer::Accepted { .. })) => acknowledged = true,
            Some((_, Answer::Refused(code))) => match meaning(code) {
                Meaning::NeverThere if acknowledged => {
                    let detail = format!("{code} after it had been acknowledged");
                    findings.push(of(message, attempt, Broken::AcknowledgedThenRefused, detail));
                }
                Meaning::NeverThere => {
                    never_there = Some((attempt, attempt.submission.payload));
                    put_nothing_there += 1;
                }
                Meaning::NotByThisAttempt => put_nothing_there += 1,
                Meaning::Unknown => {}
            },
            None => {}
        }
    }
    let Some(entry) = entries.first() else {
        return;
    };
    if let Some((attempt, payload)) = never_there
        && entry.payload == payload
    {
        let detail = "this very payload was refused";
        findings.push(of(message, attempt, Broken::RefusedIsThere, detail).seq(entry.seq));
    } else if put_nothing_there == message.attempts.len()
        && let Some(attempt) = message.attempts.last()
    {
        let detail = "every attempt was refused";
        findings.push(of(message, attempt, Broken::RefusedIsThere, detail).seq(entry.seq));
    }
}

fn fleeting(message: &Message, entries: &[&SeenEntry], findings: &mut Vec<Finding>) {
    for (attempt, _, seq, _) in message.acceptances() {
        let submission = &attempt.submission;
        let fleeting = submission.retention == Retention::Never && submission.kind == EntryKind::Application;
        if fleeting && (seq.is_some() || !entries.is_empty()) {
            let detail = "a fleeting message has a position";
            findings.push(of(message, attempt, Broken::FleetingIsStored, detail));
        }
    }
}
