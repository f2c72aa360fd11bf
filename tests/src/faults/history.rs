//! What happened in a run, as each device saw it, and what the database holds afterwards.

use bytes::Bytes;
use sotto_protocol::frame::{Entry, EntryKind, Page, RequestId};
use sotto_protocol::{ChatId, DeviceAddress, Epoch, MessageId, ProblemCode, Retention, Seq, Timestamp};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A point in time, in nanoseconds since the run began. All devices of a run share the clock, so that of two moments on
/// different devices one is before the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

/// A payload in sixteen bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    /// Its length in bytes.
    pub length: usize,
    /// A hash that is the same in every run.
    pub hash: u64,
}

impl Fingerprint {
    /// Of a payload.
    #[must_use]
    pub fn of(payload: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        payload.hash(&mut hasher);
        Self {
            length: payload.len(),
            hash: hasher.finish(),
        }
    }

    /// Whether it is of nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.length == 0
    }
}

/// An entry as a device or the database has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenEntry {
    /// Its position; 0 if it is fleeting.
    pub seq: Seq,
    /// The sending device.
    pub from: DeviceAddress,
    /// The sender's id for it.
    pub message: MessageId,
    /// When the server accepted it.
    pub at: Timestamp,
    /// How long it is kept.
    pub retention: Retention,
    /// What the payload is.
    pub kind: EntryKind,
    /// The payload.
    pub payload: Fingerprint,
}

impl From<&Entry<Bytes>> for SeenEntry {
    fn from(entry: &Entry<Bytes>) -> Self {
        Self {
            seq: entry.seq,
            from: entry.from,
            message: entry.message,
            at: entry.at,
            retention: entry.retention,
            kind: entry.kind,
            payload: Fingerprint::of(&entry.payload),
        }
    }
}

/// A page as a device got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenPage {
    /// The entries.
    pub entries: Vec<SeenEntry>,
    /// The chat's last entry.
    pub last: Seq,
}

impl From<&Page<Bytes>> for SeenPage {
    fn from(page: &Page<Bytes>) -> Self {
        Self {
            entries: page.entries.iter().map(SeenEntry::from).collect(),
            last: page.last,
        }
    }
}

/// One attempt to put a message or Commit into a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Of the device's requests, this one. A device never uses a number twice.
    pub request: RequestId,
    /// The chat.
    pub chat: ChatId,
    /// The message's id; the same for each attempt.
    pub message: MessageId,
    /// How long it is to be kept.
    pub retention: Retention,
    /// Message or Commit.
    pub kind: EntryKind,
    /// The epoch that it was made in.
    pub epoch: Epoch,
    /// What is sent.
    pub payload: Fingerprint,
}

/// What a device did or heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Begins to connect to one of the nodes.
    Connecting {
        /// Which.
        node: usize,
    },
    /// Where it stands in a chat, said by the server after connecting or when an entry was missed.
    Cursor {
        /// The chat.
        chat: ChatId,
        /// How far the server knows it to be.
        acknowledged: Option<Seq>,
        /// The chat's last entry.
        last: Seq,
    },
    /// The server has said all that was waiting.
    Ready,
    /// The connection is over.
    Disconnected,
    /// Sends a message or a Commit.
    Submitted(Submission),
    /// The server says that the submission with this number is durable.
    Accepted {
        /// The submission.
        request: RequestId,
        /// Its position; `None` if it is fleeting.
        seq: Option<Seq>,
        /// When the server accepted it.
        at: Timestamp,
        /// How many other devices it reached at once.
        reached: u32,
    },
    /// The server says that the submission with this number was not taken.
    Refused {
        /// The submission.
        request: RequestId,
        /// Why.
        code: ProblemCode,
    },
    /// An entry was pushed to the device.
    Pushed {
        /// The chat.
        chat: ChatId,
        /// The entry.
        entry: SeenEntry,
    },
    /// Asks for a page.
    Asked {
        /// Of the device's requests, this one.
        request: RequestId,
        /// The chat.
        chat: ChatId,
        /// Entries after this one.
        after: Seq,
        /// The time on the wall.
        wall: Timestamp,
    },
    /// The page with this number.
    Answered {
        /// The request.
        request: RequestId,
        /// What the server gave.
        page: SeenPage,
    },
    /// Tells the server that everything up to here is safe on the device.
    Acknowledged {
        /// The chat.
        chat: ChatId,
        /// The last entry that is safe.
        seq: Seq,
    },
}

/// What one device did and heard, in order.
#[derive(Clone, Debug)]
pub struct DeviceHistory {
    /// The device.
    pub address: DeviceAddress,
    /// Everything, each with its moment.
    pub events: Vec<(Moment, Event)>,
    /// Whether it had an answer to everything and had read everything when the run ended.
    pub settled: bool,
}

/// What happened in a run.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The devices.
    pub devices: Vec<DeviceHistory>,
    /// The chats, and the devices in each, from the beginning to the end.
    pub chats: BTreeMap<ChatId, Vec<DeviceAddress>>,
    /// From when until when something was broken, by the wall's clock.
    pub broken: Vec<(Timestamp, Timestamp)>,
}

impl History {
    /// What had happened before this moment. Nobody has come to rest in it.
    #[must_use]
    pub fn before(&self, moment: Moment) -> Self {
        let devices = self.devices.iter().map(|device| {
            // Each device writes down one event after the other.
            let end = device.events.partition_point(|(at, _)| *at < moment);
            DeviceHistory {
                address: device.address,
                events: device.events.iter().take(end).cloned().collect(),
                settled: false,
            }
        });
        Self {
            devices: devices.collect(),
            chats: self.chats.clone(),
            broken: self.broken.clone(),
        }
    }

    /// How many messages and Commits were acknowledged that have a position.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        let events = self.devices.iter().flat_map(|device| &device.events);
        let accepted = events.filter(|(_, event)| matches!(event, Event::Accepted { seq: Some(_), .. }));
        accepted.count() as u64
    }

    /// Milliseconds of this span of time in which something was broken.
    pub(crate) fn broken_millis(&self, from: Timestamp, to: Timestamp) -> u64 {
        let overlap =
            |&(begin, end): &(Timestamp, Timestamp)| end.min(to).0.saturating_sub(begin.max(from).0);
        self.broken.iter().map(overlap).sum()
    }
}

/// What the database holds.
#[derive(Clone, Debug, Default)]
pub struct StoredLogs {
    /// The entries of each chat, in the order of their positions.
    pub chats: BTreeMap<ChatId, Vec<SeenEntry>>,
    /// When this was read, by the wall's clock.
    pub read_at: Timestamp,
}
