//! What the readers were shown, against what was sent, what the database holds, and what had been acknowledged.

use super::log::{at, is_as_sent};
use super::messages::{KnownLengths, Messages};
use super::{Broken, Finding};
use crate::faults::history::{DeviceHistory, Event, History, Moment, SeenEntry, SeenPage, StoredLogs};
use sotto_protocol::frame::{EntryKind, RequestId};
use sotto_protocol::{ChatId, MessageId, Retention, Seq, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// How far the wall's clock may be set back during a run, in milliseconds.
const CLOCK_MILLIS: u64 = 100;

pub(super) fn check(
    history: &History,
    stored: &StoredLogs,
    messages: &Messages,
    known: &KnownLengths,
    findings: &mut Vec<Finding>,
) {
    for device in &history.devices {
        let mut reader = Reader {
            device,
            stored,
            messages,
            known,
            seen: HashMap::new(),
            fleeting: HashSet::new(),
            requests: HashMap::new(),
            own: HashMap::new(),
            acknowledged: BTreeMap::new(),
            greeting: None,
            findings,
        };
        for (moment, event) in &device.events {
            reader.take(*moment, event);
        }
        reader.end(history);
    }
}

/// A question for a page.
#[derive(Clone, Copy)]
struct Question {
    chat: ChatId,
    after: Seq,
    asked: Moment,
    wall: Timestamp,
}

/// A connection whose greeting is not over.
struct GreetingSeen {
    since: Moment,
    /// How far the cursors that were sent go. There may be several for a chat, for a bus that comes back sends hints too.
    told: BTreeMap<ChatId, Seq>,
}

/// One device, as its history goes on.
struct Reader<'a> {
    device: &'a DeviceHistory,
    stored: &'a StoredLogs,
    messages: &'a Messages,
    known: &'a KnownLengths,
    /// Positions that the device knows the entry of.
    seen: HashMap<ChatId, BTreeSet<Seq>>,
    fleeting: HashSet<MessageId>,
    requests: HashMap<RequestId, Question>,
    /// The chats of the device's own submissions.
    own: HashMap<RequestId, ChatId>,
    /// What the device said is safe.
    acknowledged: BTreeMap<ChatId, Seq>,
    greeting: Option<GreetingSeen>,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    fn take(&mut self, moment: Moment, event: &Event) {
        match event {
            Event::Connecting { .. } => {
                self.greeting = Some(GreetingSeen {
                    since: moment,
                    told: BTreeMap::new(),
                });
            }
            Event::Disconnected => self.greeting = None,
            Event::Cursor {
                chat,
                acknowledged,
                last,
            } => self.cursor(*chat, *acknowledged, *last),
            Event::Ready => self.ready(),
            Event::Submitted(submission) => {
                self.own.insert(submission.request, submission.chat);
            }
            Event::Accepted {
                request,
                seq: Some(seq),
                ..
            } => {
                if let Some(chat) = self.own.get(request) {
                    self.seen.entry(*chat).or_default().insert(*seq);
                }
            }
            Event::Accepted { seq: None, .. } | Event::Refused { .. } => {}
            Event::Pushed { chat, entry } if entry.seq == Seq::ZERO => self.fleeting(*chat, entry),
            Event::Pushed { chat, entry } => self.entry(*chat, entry),
            Event::Asked {
                request,
                chat,
                after,
                wall,
            } => {
                let question = Question {
                    chat: *chat,
                    after: *after,
                    asked: moment,
                    wall: *wall,
                };
                self.requests.insert(*request, question);
            }
            Event::Answered { request, page } => {
                if let Some(question) = self.requests.remove(request) {
                    self.page(*request, question, moment, page);
                }
            }
            Event::Acknowledged { chat, seq } => {
                let acknowledged = self.acknowledged.entry(*chat).or_default();
                *acknowledged = (*acknowledged).max(*seq);
            }
        }
    }

    fn find(&mut self, finding: Finding) {
        self.findings.push(finding.device(self.device.address));
    }

    fn cursor(&mut self, chat: ChatId, acknowledged: Option<Seq>, last: Seq) {
        let said = self.acknowledged.get(&chat).copied().unwrap_or_default();
        if let Some(acknowledged) = acknowledged
            && acknowledged > said
        {
            let detail = format!("the server says {acknowledged}, the device said {said}");
            self.find(Finding::new(Broken::CursorAhead, detail).chat(chat));
        }
        if let Some(greeting) = &mut self.greeting {
            let told = greeting.told.entry(chat).or_default();
            *told = (*told).max(last);
        }
    }

    fn ready(&mut self) {
        let Some(greeting) = self.greeting.take() else {
            return;
        };
        let chats: Vec<ChatId> = self.stored.chats.keys().copied().collect();
        for chat in chats {
            let is_reader = self.seen.contains_key(&chat) || self.acknowledged.contains_key(&chat);
            let said = self.acknowledged.get(&chat).copied().unwrap_or_default();
            let known = self.known.before(chat, greeting.since);
            let told = greeting.told.get(&chat).copied();
            let heard_of = told.unwrap_or_default().max(said);
            if (is_reader || told.is_some()) && heard_of < known {
                let detail = format!("greeted with {told:?} after {said}, when {known} was known before");
                self.find(Finding::new(Broken::StaleRead, detail).chat(chat));
            }
        }
    }

    fn fleeting(&mut self, chat: ChatId, entry: &SeenEntry) {
        let message = self.messages.get(entry.from, entry.message);
        match message.filter(|message| message.chat == chat) {
            None => self.find(at(chat, entry, Broken::NobodySentIt, "a fleeting message")),
            Some(message) if !is_as_sent(entry, message) || entry.retention != Retention::Never => {
                self.find(at(chat, entry, Broken::WrongPayload, "a fleeting message"));
            }
            Some(_) => {
                if !self.fleeting.insert(entry.message) {
                    self.find(at(chat, entry, Broken::FleetingDoubled, ""));
                }
            }
        }
    }

    fn entry(&mut self, chat: ChatId, entry: &SeenEntry) {
        self.seen.entry(chat).or_default().insert(entry.seq);
        let Some(message) = self
            .messages
            .get(entry.from, entry.message)
            .filter(|message| message.chat == chat)
        else {
            return self.find(at(chat, entry, Broken::NobodySentIt, "shown to a reader"));
        };
        if !is_as_sent(entry, message) {
            self.find(at(chat, entry, Broken::WrongPayload, "shown to a reader"));
        }
        let index = usize::try_from(entry.seq.0)
            .ok()
            .and_then(|seq| seq.checked_sub(1));
        let log = self.stored.chats.get(&chat);
        match index.and_then(|index| log?.get(index)) {
            None => self.find(at(chat, entry, Broken::SeenIsMissing, "the log ends before it")),
            Some(stored) if (stored.from, stored.message) != (entry.from, entry.message) => {
                let detail = format!("the log has {:?} there", stored.message);
                self.find(at(chat, entry, Broken::OrderDiffers, detail));
            }
            Some(stored) if stored.at != entry.at => {
                let detail = format!("the log has time {}, the reader {}", stored.at.0, entry.at.0);
                self.find(at(chat, entry, Broken::WrongPayload, detail));
            }
            Some(_) => {}
        }
    }

    fn page(&mut self, request: RequestId, question: Question, answered: Moment, page: &SeenPage) {
        let Question {
            chat,
            after,
            asked,
            wall,
        } = question;
        let known = self.known.before(chat, asked);
        if page.last < known {
            let detail = format!(
                "a page ends at {} when {known} was known before it was asked for",
                page.last
            );
            self.find(
                Finding::new(Broken::StaleRead, detail)
                    .chat(chat)
                    .request(request),
            );
        }
        let under_way_millis = answered.0.saturating_sub(asked.0) / 1_000_000;
        let wall_when_answered = wall.plus_millis(under_way_millis + CLOCK_MILLIS);
        let mut expected = after.next();
        for entry in &page.entries {
            if entry.seq != expected {
                let detail = format!("a page has {} where {expected} should be", entry.seq);
                self.find(at(chat, entry, Broken::Gap, detail).request(request));
            }
            expected = entry.seq.next();
            self.entry(chat, entry);
            let over = entry.retention.expires_at(entry.at);
            if entry.kind == EntryKind::Deleted {
                if over.is_none_or(|over| over > wall_when_answered) {
                    self.find(at(chat, entry, Broken::ErasedEarly, "shown to a reader").request(request));
                }
            } else if over.is_some_and(|over| over.plus_millis(CLOCK_MILLIS) < wall) {
                self.find(at(chat, entry, Broken::Overdue, "shown to a reader").request(request));
            }
        }
        if page.entries.is_empty() && after < page.last {
            let detail = format!("an empty page after {after}, the last being {}", page.last);
            self.find(Finding::new(Broken::Gap, detail).chat(chat).request(request));
        }
    }

    fn end(mut self, history: &History) {
        if !self.device.settled {
            self.find(Finding::new(
                Broken::NotSettled,
                "something was without an answer, or not yet read",
            ));
            return;
        }
        let chats = history
            .chats
            .iter()
            .filter(|(_, members)| members.contains(&self.device.address));
        for (&chat, _) in chats {
            let seen = self.seen.remove(&chat).unwrap_or_default();
            let log = self
                .stored
                .chats
                .get(&chat)
                .map(Vec::as_slice)
                .unwrap_or_default();
            if let Some(unread) = log.iter().find(|entry| !seen.contains(&entry.seq)) {
                self.find(at(chat, unread, Broken::NotSettled, "the device never got it"));
            }
        }
    }
}
